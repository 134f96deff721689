package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import java.util.List;
import java.util.stream.Collectors;

/** How decisions and outcomes are told to people, and the reasons that machines filter by. */
public final class Told {
  /** The reason of whatever waits for an answer of policy. */
  public static final String POLICY_UNAVAILABLE = "PolicyUnavailable";

  private Told() {}

  /**
   * {@code BLOCKED: Latency too high: p99 812 ms, at most 500 ms (canary/latency_too_high, decision
   * d-…)}, {@code ADMITTED: …}, and {@code WOULD ADMIT: …} of a review that is not enacted.
   */
  public static String verdict(Entry.Decided decided) {
    return switch (decided.verdict()) {
      case ALLOWED ->
          (decided.enact() ? "ADMITTED: " : "WOULD ADMIT: ")
              + decided.transition().label()
              + decided
                  .grantedBy()
                  .map(by -> " (as granted by decision " + by + ")")
                  .orElse(" (decision " + decided.decisionId() + ")");
      case DENIED -> "BLOCKED: " + violations(decided) + "decision " + decided.decisionId() + ")";
      case UNAVAILABLE ->
          "POLICY UNAVAILABLE: "
              + decided
                  .unavailable()
                  .map(u -> u.message() + " (" + u.kind().reason() + "). " + u.nextStep())
                  .orElse("no answer");
    };
  }

  private static String violations(Entry.Decided decided) {
    List<Violation> blocking = decided.decision().map(d -> d.blocking()).orElse(List.of());
    if (blocking.isEmpty()) {
      return "policy does not allow " + decided.transition().label() + ", and says no reason (";
    }
    return blocking.stream().map(Violation::message).collect(Collectors.joining("; "))
        + " ("
        + blocking.stream().map(v -> v.policy() + "/" + v.code()).collect(Collectors.joining(", "))
        + ", ";
  }

  /** {@code DeployBlocked}, {@code PromoteAdmitted}, {@code PolicyUnavailable}. */
  public static String reason(Entry.Decided decided) {
    return switch (decided.verdict()) {
      case ALLOWED -> name(decided.transition().kind()) + "Admitted";
      case DENIED -> name(decided.transition().kind()) + "Blocked";
      case UNAVAILABLE -> POLICY_UNAVAILABLE;
    };
  }

  /** The same, but which failure it was in place of no answer: {@code PolicyUnreachable}. */
  public static String admission(Entry.Decided decided) {
    return decided.unavailable().map(u -> u.kind().reason()).orElseGet(() -> reason(decided));
  }

  /** {@code Deployed}, {@code CanaryStarted}, {@code CanaryAdvanced}, {@code Promoted} … */
  public static String applied(TransitionKind kind) {
    return switch (kind) {
      case DEPLOY -> "Deployed";
      case CANARY -> "CanaryStarted";
      case ADVANCE -> "CanaryAdvanced";
      case PROMOTE -> "Promoted";
      case ROLLBACK -> "RolledBack";
      case CONFIGURE -> "Configured";
      case TEARDOWN -> "TornDown";
    };
  }

  /** {@code DeployFailed} … */
  public static String failed(Transition transition) {
    return name(transition.kind()) + "Failed";
  }

  private static String name(TransitionKind kind) {
    String word = kind.word();
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
