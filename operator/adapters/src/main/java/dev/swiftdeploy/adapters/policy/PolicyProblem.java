package dev.swiftdeploy.adapters.policy;

/**
 * Why a policy on disk was not taken.
 *
 * @param message one sentence: what is wrong
 * @param nextStep one sentence: what a person can do
 */
public record PolicyProblem(String message, String nextStep) {
  static PolicyProblem rebuild(String message) {
    return new PolicyProblem(message, "run hack/policy build");
  }

  /** Both in one line. */
  public String text() {
    return message + ": " + nextStep;
  }
}
