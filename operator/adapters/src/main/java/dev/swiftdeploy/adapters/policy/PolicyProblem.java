package dev.swiftdeploy.adapters.policy;

import java.nio.file.Path;

/**
 * Why a policy on disk was not taken.
 *
 * @param message one sentence: what is wrong
 * @param nextStep one sentence: what a person can do
 */
public record PolicyProblem(String message, String nextStep) {
  static PolicyProblem rebuild(String message, Path directory) {
    return new PolicyProblem(
        message, "run swiftdeploy policy build " + directory + " (it needs an opa)");
  }

  /** Both in one line. */
  public String text() {
    return message + ": " + nextStep;
  }
}
