package dev.swiftdeploy.core.plan;

import dev.swiftdeploy.core.audit.HeldGrant;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Duration;
import java.util.Optional;

/** Makes the transitions that rules propose: each from the admitted state to the one after it. */
final class Proposals {
  /** How often a proposal that is not enacted at once is asked again; the loop adds back-off. */
  static final Duration RETRY = Duration.ofSeconds(1);

  private Proposals() {}

  static Transition deploy(Desired desired, Release release, State state) {
    Spec spec = desired.spec();
    StableRelease stable =
        new StableRelease(
            release.id(),
            release.version(),
            spec.services().replicas(),
            spec.services().mode(),
            release.health().deadline());
    // New settings are configured before; here they are only if they could not be brought about.
    ProxySettings proxy = state.admitted().proxy().orElseGet(desired::proxy);
    Admitted after = state.admitted().withStable(stable, proxy);
    return to(TransitionKind.DEPLOY, Cause.SPEC, state, release.id(), release, after);
  }

  static Transition canary(Desired desired, Release release, State state) {
    Spec.CanaryStep first = desired.spec().canary().candidateSteps().get(0);
    Candidate candidate =
        new Candidate(
            release.id(),
            release.version(),
            desired.spec().services().replicas(),
            0,
            first.weight(),
            release.health().deadline());
    Admitted after = state.admitted().withCandidate(candidate);
    return stepped(TransitionKind.CANARY, state, candidate, after);
  }

  static Transition advance(Desired desired, State state) {
    Candidate candidate = state.admitted().candidate().orElseThrow();
    int step = candidate.step() + 1;
    int weight = desired.spec().canary().candidateSteps().get(step).weight();
    Candidate next = candidate.at(step, weight);
    return stepped(TransitionKind.ADVANCE, state, next, state.admitted().withCandidate(next));
  }

  static Transition promote(Desired desired, State state, Cause cause, boolean skipsHold) {
    Candidate candidate = state.admitted().candidate().orElseThrow();
    StableRelease stable =
        new StableRelease(
            candidate.id(),
            candidate.version(),
            candidate.replicas(),
            desired.spec().services().mode(),
            candidate.deadline());
    Admitted after = state.admitted().withStable(stable, state.admitted().proxy().orElseThrow());
    return new Transition(
        TransitionKind.PROMOTE,
        cause,
        state.admitted().stable().map(StableRelease::id),
        Optional.of(candidate.id()),
        Optional.of(candidate.step()),
        Optional.of(100),
        skipsHold,
        candidate.deadline(),
        Optional.empty(),
        Optional.empty(),
        after);
  }

  /** The candidate goes, the stable release takes all traffic. */
  static Transition rollbackCandidate(State state, Cause cause, Optional<Refusal> refuses) {
    Candidate candidate = state.admitted().candidate().orElseThrow();
    StableRelease stable = state.admitted().stable().orElseThrow();
    return new Transition(
        TransitionKind.ROLLBACK,
        cause,
        Optional.of(candidate.id()),
        Optional.of(stable.id()),
        Optional.empty(),
        Optional.empty(),
        false,
        stable.deadline(),
        refuses,
        Optional.empty(),
        state.admitted().withoutCandidate());
  }

  /** Back to an earlier stable release; the present one is refused. */
  static Transition rollbackStable(
      State state, StableRelease earlier, Refusal refusal, Request request) {
    StableRelease present = state.admitted().stable().orElseThrow();
    StableRelease back = earlier.withSettings(present.replicas(), present.settledMode());
    return new Transition(
        TransitionKind.ROLLBACK,
        Cause.PERSON,
        Optional.of(present.id()),
        Optional.of(earlier.id()),
        Optional.empty(),
        Optional.empty(),
        false,
        earlier.deadline(),
        Optional.of(refusal),
        Optional.of(request.id()),
        state.admitted().withStable(back, state.admitted().proxy().orElseThrow()));
  }

  /**
   * Away from what a failed transition began. A candidate that failed in it, that a person takes
   * back or that isn't wanted any more goes with it; else the admitted state is as it was.
   */
  static Transition retreat(
      State state, State.FailedTransition failed, Cause cause, Optional<ReleaseId> wanted) {
    Transition gone = failed.transition();
    boolean ofCandidate =
        gone.kind() == TransitionKind.PROMOTE || gone.kind() == TransitionKind.ADVANCE;
    boolean stays = cause == Cause.SPEC && (wanted.isEmpty() || wanted.equals(gone.to()));
    Admitted after = ofCandidate && !stays ? state.admitted().withoutCandidate() : state.admitted();
    return new Transition(
        TransitionKind.ROLLBACK,
        cause,
        gone.to(),
        after.stable().map(StableRelease::id),
        Optional.empty(),
        Optional.empty(),
        false,
        after.stable().map(StableRelease::deadline).orElse(gone.deadline()),
        Optional.empty(),
        Optional.empty(),
        after);
  }

  static Transition configure(Desired desired, State state, Admitted after) {
    Optional<ReleaseId> stable = state.admitted().stable().map(StableRelease::id);
    return new Transition(
        TransitionKind.CONFIGURE,
        Cause.SPEC,
        stable,
        stable,
        Optional.empty(),
        Optional.empty(),
        false,
        desired.spec().services().health().deadline(),
        Optional.empty(),
        Optional.empty(),
        after);
  }

  /** What the spec's settings make of the admitted state; releases and weights stay. */
  static Admitted configured(Desired desired, State state) {
    Spec.Services services = desired.spec().services();
    Admitted now = state.admitted();
    boolean sameRelease =
        now.stable().map(StableRelease::id).equals(desired.release().map(Release::id));
    return new Admitted(
        now.stable()
            .map(
                s ->
                    s.withSettings(
                        services.replicas(),
                        sameRelease && now.candidate().isEmpty() && services.mode() == Mode.STABLE
                            ? Mode.STABLE
                            : s.settledMode())),
        now.candidate().map(c -> c.withReplicas(services.replicas())),
        now.proxy().map(p -> desired.proxy()));
  }

  static Transition teardown(State state, Cause cause, Optional<Request> request) {
    return new Transition(
        TransitionKind.TEARDOWN,
        cause,
        state.admitted().stable().map(StableRelease::id),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        state.admitted().stable().map(StableRelease::deadline).orElse(Duration.ofMinutes(1)),
        Optional.empty(),
        request.map(Request::id),
        Admitted.NOTHING);
  }

  /** By the grant if one covers it, else by asking. */
  static Step granted(State state, Transition transition, Optional<ReleaseId> subject) {
    Optional<HeldGrant> held =
        state.grantFor(transition.kind(), subject, transition.to(), transition.cause());
    return held.isPresent()
        ? new Step.UseGrant(transition, held.get())
        : new Step.Propose(transition, true, RETRY);
  }

  private static Transition to(
      TransitionKind kind,
      Cause cause,
      State state,
      ReleaseId to,
      Release release,
      Admitted after) {
    return new Transition(
        kind,
        cause,
        state.admitted().stable().map(StableRelease::id),
        Optional.of(to),
        Optional.empty(),
        Optional.of(100),
        false,
        release.health().deadline(),
        Optional.empty(),
        Optional.empty(),
        after);
  }

  private static Transition stepped(
      TransitionKind kind, State state, Candidate candidate, Admitted after) {
    return new Transition(
        kind,
        Cause.SPEC,
        state.admitted().stable().map(StableRelease::id),
        Optional.of(candidate.id()),
        Optional.of(candidate.step()),
        Optional.of(candidate.weight()),
        false,
        candidate.deadline(),
        Optional.empty(),
        Optional.empty(),
        after);
  }
}
