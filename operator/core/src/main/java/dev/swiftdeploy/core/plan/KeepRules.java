package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.plan.Rule.answer;

import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.platform.Effect;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What was admitted is kept as it was admitted. */
final class KeepRules {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private KeepRules() {}

  /** A repair that just failed gives way once, so that it can't keep everything else back. */
  static Optional<Rule.Answer> repair(PlanInput in) {
    return in.trouble().isPresent() ? Optional.empty() : repairAgain(in);
  }

  static Optional<Rule.Answer> repairAgain(PlanInput in) {
    if (in.state().standing().isEmpty()) {
      return Optional.empty();
    }
    Convergence.Progress progress = back(in);
    List<Effect> effects =
        in.state().retreatDue().isPresent()
            ? UnderWayRules.servingOnly(progress.effects(), in.observation())
            : progress.effects();
    if (effects.isEmpty()) {
      return Optional.empty();
    }
    String why =
        (in.state().stopped() ? "bringing up what was admitted: " : "restoring what was admitted: ")
            + String.join(", ", progress.found());
    return answer(Standing.RECONCILING, why, new Step.Repair(progress.found(), effects));
  }

  /** Settings that failed are not tried again until the spec changes or a person asks. */
  static Optional<Rule.Answer> unfit(PlanInput in) {
    Optional<State.Unfit> unfit = in.state().unfit();
    if (unfit.isEmpty()
        || !unfit.get().specDigest().equals(in.desired().specDigest())
        || Proposals.configured(in.desired(), in.state()).equals(in.state().admitted())) {
      return Optional.empty();
    }
    return answer(
        Standing.BLOCKED,
        "the new settings could not be brought about: " + unfit.get().message(),
        Step.Wait.until(Duration.ofSeconds(5)));
  }

  static Optional<Rule.Answer> degraded(PlanInput in) {
    Convergence.Progress progress = back(in);
    if (progress.done()) {
      return Optional.empty();
    }
    return answer(
        Standing.RECONCILING,
        "waiting for " + UnderWayRules.waitingFor(progress),
        Step.Wait.shown(LOOK_AGAIN));
  }

  static Optional<Rule.Answer> converged(PlanInput in) {
    if (!in.state().admitted().candidate().isEmpty() || !back(in).done()) {
      return Optional.empty();
    }
    String what =
        in.state().admitted().stable().map(s -> s.label() + " serves").orElse("nothing is to run");
    return answer(Standing.READY, what, new Step.Rest());
  }

  private static Convergence.Progress back(PlanInput in) {
    return Convergence.back(in.state().admitted(), in.observation(), in.now());
  }
}
