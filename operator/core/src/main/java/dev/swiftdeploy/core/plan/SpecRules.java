package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.plan.Rule.answer;

import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** What the spec says, where no candidate is on its way. */
final class SpecRules {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

  private SpecRules() {}

  static Optional<Rule.Answer> unresolved(PlanInput in) {
    if (!(in.desired().resolution() instanceof Resolution.Unresolved unresolved)) {
      return Optional.empty();
    }
    return answer(
        Standing.STALLED,
        unresolved.problem() + ". Fix: " + unresolved.fix(),
        Step.Wait.until(LOOK_AGAIN));
  }

  static Optional<Rule.Answer> paused(PlanInput in) {
    if (!in.desired().spec().paused()) {
      return Optional.empty();
    }
    return answer(
        Standing.BLOCKED, "paused: no transition is started", Step.Wait.until(LOOK_AGAIN));
  }

  static Optional<Rule.Answer> configure(PlanInput in) {
    Admitted after = Proposals.configured(in.desired(), in.state());
    boolean unfit =
        in.state().unfit().map(u -> u.specDigest().equals(in.desired().specDigest())).orElse(false);
    if (after.equals(in.state().admitted()) || unfit) {
      return Optional.empty();
    }
    return answer(
        Standing.RECONCILING,
        "settings changed: " + difference(in.state().admitted(), after),
        new Step.Propose(
            Proposals.configure(in.desired(), in.state(), after), true, Proposals.RETRY));
  }

  private static String difference(Admitted before, Admitted after) {
    boolean proxy = !before.proxy().equals(after.proxy());
    boolean replicas =
        !before
            .stable()
            .map(StableRelease::replicas)
            .equals(after.stable().map(StableRelease::replicas));
    if (proxy && replicas) {
      return "proxy and replicas";
    }
    return proxy ? "proxy" : replicas ? "replicas" : "mode";
  }

  static Optional<Rule.Answer> refused(PlanInput in) {
    Optional<ReleaseId> wanted = in.desired().release().map(Release::id);
    Optional<Refusal> refusal = wanted.map(in.state().refused()::get);
    boolean settled =
        in.state().admitted().stable().map(StableRelease::id).equals(wanted) && !turnedToCanary(in);
    if (refusal.isEmpty() || settled) {
      return Optional.empty();
    }
    return answer(
        Standing.BLOCKED,
        "release " + wanted.orElseThrow() + " is refused: " + refusal.get().message(),
        Step.Wait.until(Duration.ofSeconds(5)));
  }

  static Optional<Rule.Answer> firstDeploy(PlanInput in) {
    if (in.state().admitted().stable().isPresent()) {
      return Optional.empty();
    }
    return deploy(in, "nothing runs yet");
  }

  static Optional<Rule.Answer> replace(PlanInput in) {
    if (!newRelease(in) || byCanary(in)) {
      return Optional.empty();
    }
    return deploy(in, "the spec asks for another release");
  }

  private static Optional<Rule.Answer> deploy(PlanInput in, String why) {
    return propose(in, why, release -> Proposals.deploy(in.desired(), release, in.state()));
  }

  static Optional<Rule.Answer> canary(PlanInput in) {
    if (!newRelease(in)) {
      return Optional.empty();
    }
    return startCanary(in, "the spec asks for another release");
  }

  /** A / – / A, mode turned to canary. */
  static Optional<Rule.Answer> modeCanary(PlanInput in) {
    if (newRelease(in) || !turnedToCanary(in)) {
      return Optional.empty();
    }
    return startCanary(in, "the spec's mode turned to canary");
  }

  private static Optional<Rule.Answer> startCanary(PlanInput in, String why) {
    return propose(in, why, release -> Proposals.canary(in.desired(), release, in.state()));
  }

  private static Optional<Rule.Answer> propose(
      PlanInput in, String why, Function<Release, Transition> transition) {
    return in.desired()
        .release()
        .flatMap(
            release ->
                answer(
                    Standing.RECONCILING,
                    why + ": " + release.summary().label(),
                    new Step.Propose(transition.apply(release), true, Proposals.RETRY)));
  }

  private static boolean newRelease(PlanInput in) {
    Optional<ReleaseId> stable = in.state().admitted().stable().map(StableRelease::id);
    return in.state().admitted().candidate().isEmpty()
        && !stable.equals(in.desired().release().map(Release::id));
  }

  private static boolean turnedToCanary(PlanInput in) {
    return in.desired().spec().services().mode() == Mode.CANARY
        && in.state().admitted().stable().map(s -> s.settledMode() == Mode.STABLE).orElse(false);
  }

  /** Whether a new release is a candidate first. */
  private static boolean byCanary(PlanInput in) {
    Spec spec = in.desired().spec();
    return spec.services().mode() == Mode.CANARY || !spec.canary().steps().isEmpty();
  }
}
