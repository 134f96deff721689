package dev.swiftdeploy.core.admission;

/**
 * Why there is no decision.
 *
 * @param message one sentence: what happened
 * @param nextStep one sentence: what a person can do
 */
public record Unavailability(Kind kind, String message, String nextStep) {

  /** Each failure is its own answer. */
  public enum Kind {
    UNREACHABLE("PolicyUnreachable"),
    TIMEOUT("PolicyTimeout"),
    UNAUTHORIZED("PolicyUnauthorized"),
    SERVER_ERROR("PolicyServerError"),
    UNDEFINED("PolicyUndefined"),
    MALFORMED("PolicyMalformed"),
    INPUT_WARNING("PolicyInputWarning"),
    REVISION_MISMATCH("PolicyRevisionMismatch"),
    /** No policy could be loaded at all. */
    NO_POLICY("PolicyNotLoaded");

    private final String reason;

    Kind(String reason) {
      this.reason = reason;
    }

    /** CamelCase, for the condition {@code Admitted}, a record or a metric label. */
    public String reason() {
      return reason;
    }
  }
}
