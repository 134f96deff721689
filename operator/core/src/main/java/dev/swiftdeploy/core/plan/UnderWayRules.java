package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.plan.Rule.answer;

import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is under way is finished, or retreated from while traffic has not been switched. */
final class UnderWayRules {
  /** A decision is valid for minutes: what it admits must have switched traffic by then. */
  static final Duration VALIDITY = Duration.ofMinutes(10);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private static final String ROLLBACK_ASKED = "a rollback was asked for";

  private UnderWayRules() {}

  static Optional<Rule.Answer> stateLost(PlanInput in) {
    State state = in.state();
    boolean known =
        state.standing().isPresent()
            || state.underWay().isPresent()
            || state.retreatDue().isPresent();
    boolean teardown = in.desired().deleted() || askedFor(in, Request.Kind.TEARDOWN);
    if (known || teardown || in.observation().nothing()) {
      return Optional.empty();
    }
    if (state.request().isPresent()) {
      String message = "the audit chain was lost: only a teardown can be asked for";
      return answer(Standing.STALLED, message, new Step.Dismiss(state.request().get(), message));
    }
    return answer(
        Standing.STALLED,
        "workloads are there and no record of them: the audit chain was lost. Put it back, or"
            + " remove them with teardown",
        Step.Wait.until(Duration.ofSeconds(5)));
  }

  static Optional<Rule.Answer> retreatGranted(PlanInput in) {
    return retreat(in).filter(a -> a.step() instanceof Step.UseGrant);
  }

  static Optional<Rule.Answer> retreatAsked(PlanInput in) {
    return retreat(in);
  }

  private static Optional<Rule.Answer> retreat(PlanInput in) {
    if (in.state().retreatDue().isEmpty()) {
      return Optional.empty();
    }
    State.FailedTransition failed = in.state().retreatDue().get();
    Cause cause =
        switch (failed.reason()) {
          case "Unhealthy" -> Cause.UNHEALTHY;
          case "RolledBackByPerson" -> Cause.PERSON;
          default -> Cause.SPEC;
        };
    Optional<ReleaseId> wanted = in.desired().release().map(Release::id);
    Transition retreat = Proposals.retreat(in.state(), failed, cause, wanted);
    Optional<Request> asked = in.state().request().filter(r -> r.kind() == Request.Kind.ROLLBACK);
    if (cause == Cause.PERSON && asked.isPresent()) {
      retreat = retreat.answering(asked.get());
    }
    return answer(
        Standing.RECONCILING,
        failed.transition().label() + " failed: " + failed.message(),
        Proposals.granted(in.state(), retreat, gone(failed, retreat)));
  }

  /** What a retreat's grant must be for: the release that goes, if one does. */
  private static Optional<ReleaseId> gone(State.FailedTransition failed, Transition retreat) {
    if (failed.transition().kind() == TransitionKind.CONFIGURE) {
      return Optional.empty();
    }
    Optional<ReleaseId> kept = retreat.after().candidate().map(Candidate::id);
    return failed.transition().to().filter(id -> !kept.equals(Optional.of(id)));
  }

  static Optional<Rule.Answer> overtaken(PlanInput in) {
    if (in.state().underWay().isEmpty() || switched(in)) {
      return Optional.empty();
    }
    Transition under = in.state().underWay().get().transition();
    Optional<String> by = overtakenBy(in, under);
    if (by.isEmpty()) {
      return Optional.empty();
    }
    boolean person = by.get().equals(ROLLBACK_ASKED);
    Optional<Refusal> refuses =
        person
            ? under.to().map(id -> new Refusal(id, "RolledBack", "rolled back by a person"))
            : Optional.empty();
    return answer(
        Standing.RECONCILING,
        under.label() + " is given up: " + by.get(),
        new Step.GiveUp(person ? "RolledBackByPerson" : "Overtaken", by.get(), refuses));
  }

  private static Optional<String> overtakenBy(PlanInput in, Transition under) {
    if (under.kind() == TransitionKind.TEARDOWN || (goesBack(in) && !stands(in))) {
      return Optional.empty();
    }
    if (in.desired().deleted() || askedFor(in, Request.Kind.TEARDOWN)) {
      return Optional.of("a teardown was asked for");
    }
    if (under.kind() == TransitionKind.ROLLBACK) {
      return Optional.empty();
    }
    if (under.kind() == TransitionKind.CONFIGURE) {
      return Proposals.configured(in.desired(), in.state()).equals(under.after())
          ? Optional.empty()
          : Optional.of("the spec's settings changed again");
    }
    if (askedToRollBack(in)) {
      return Optional.of(ROLLBACK_ASKED);
    }
    Optional<ReleaseId> wanted = in.desired().release().map(Release::id);
    if (wanted.isPresent() && !wanted.equals(under.to())) {
      return Optional.of("the spec now asks for release " + wanted.get());
    }
    boolean turnedBack =
        under.kind() == TransitionKind.PROMOTE
            && under.request().isEmpty()
            && in.desired().spec().services().mode() == Mode.CANARY;
    return turnedBack ? Optional.of("the spec's mode is canary again") : Optional.empty();
  }

  /** What is under way brings nothing new: there is nothing to retreat from it to. */
  private static boolean goesBack(PlanInput in) {
    Transition under = in.state().underWay().orElseThrow().transition();
    return under.kind() == TransitionKind.ROLLBACK && !under.after().brings(in.state().admitted());
  }

  /** It can't go on by itself. */
  private static boolean stands(PlanInput in) {
    Transition under = in.state().underWay().orElseThrow().transition();
    boolean waits = progress(in).effects().isEmpty() || in.trouble().isPresent();
    return waits && !under.after().nothing();
  }

  private static boolean askedToRollBack(PlanInput in) {
    return askedFor(in, Request.Kind.ROLLBACK);
  }

  private static boolean askedFor(PlanInput in, Request.Kind kind) {
    return in.state().request().filter(r -> r.kind() == kind).isPresent();
  }

  static Optional<Rule.Answer> unhealthy(PlanInput in) {
    if (in.state().underWay().isEmpty()) {
      return Optional.empty();
    }
    State.UnderWay under = in.state().underWay().get();
    Convergence.Progress progress = progress(in);
    boolean configure = under.transition().kind() == TransitionKind.CONFIGURE;
    boolean stuck = restores(in) && !switched(in);
    boolean fails = stuck || (canFail(in) && (!progress.proven() || (configure && !switched(in))));
    Instant until = in.waitedSince(under.since()).plus(under.transition().deadline());
    if (!fails || in.now().isBefore(until)) {
      return Optional.empty();
    }
    String message =
        "not healthy within "
            + under.transition().deadline().toSeconds()
            + " s: "
            + in.trouble().orElseGet(() -> ailing(progress));
    Optional<Refusal> refuses =
        configure || stuck
            ? Optional.empty()
            : under.transition().to().map(id -> new Refusal(id, "Unhealthy", message));
    return answer(
        Standing.RECONCILING,
        under.transition().label() + " is given up: " + message,
        new Step.GiveUp("Unhealthy", message, refuses));
  }

  /** It only restores what was admitted: what it can't do is left to repairs. */
  private static boolean restores(PlanInput in) {
    Admitted after = in.state().underWay().orElseThrow().transition().after();
    return goesBack(in) && !after.nothing() && after.equals(in.state().admitted());
  }

  /** What only goes back is tried for as long as it takes. */
  private static boolean canFail(PlanInput in) {
    return in.state().underWay().orElseThrow().transition().kind() != TransitionKind.TEARDOWN
        && !goesBack(in);
  }

  static Optional<Rule.Answer> expired(PlanInput in) {
    if (in.state().underWay().isEmpty() || switched(in) || !canFail(in)) {
      return Optional.empty();
    }
    State.UnderWay under = in.state().underWay().get();
    Instant until = under.since().plus(VALIDITY).plus(under.transition().deadline());
    if (in.now().isBefore(until)) {
      return Optional.empty();
    }
    String message = "its decision is older than " + VALIDITY.toMinutes() + " minutes";
    return answer(
        Standing.RECONCILING,
        under.transition().label() + " is given up: " + message,
        new Step.GiveUp("DecisionExpired", message, Optional.empty()));
  }

  static Optional<Rule.Answer> carryOn(PlanInput in) {
    if (in.state().underWay().isEmpty()) {
      return Optional.empty();
    }
    Transition under = in.state().underWay().get().transition();
    Convergence.Progress progress = progress(in);
    Keep keep = keepServing(in, progress);
    List<Effect> effects = new ArrayList<>(keep.effects());
    effects.addAll(progress.effects());
    if (!effects.isEmpty()) {
      Set<String> found = new LinkedHashSet<>(keep.found());
      found.addAll(progress.found());
      return answer(
          Standing.RECONCILING,
          under.label() + ": " + String.join(", ", found),
          new Step.Act(effects));
    }
    if (!progress.done()) {
      return answer(
          Standing.RECONCILING,
          under.label() + ": waiting for " + waitingFor(progress),
          Step.Wait.shown(LOOK_AGAIN));
    }
    return answer(Standing.RECONCILING, under.label() + " is done", new Step.Succeed());
  }

  private record Keep(List<String> found, List<Effect> effects) {
    static final Keep NOTHING = new Keep(List.of(), List.of());
  }

  /** Until traffic is switched, what serves is kept serving; nothing is removed for that. */
  private static Keep keepServing(PlanInput in, Convergence.Progress progress) {
    Admitted after = in.state().underWay().orElseThrow().transition().after();
    boolean routes = progress.effects().stream().anyMatch(Effect.SetRoute.class::isInstance);
    if (progress.switched() || after.nothing() || routes) {
      return Keep.NOTHING;
    }
    Admitted admitted = in.state().admitted();
    Convergence.Progress back = Convergence.back(admitted, in.observation(), in.now());
    boolean goesBack = goesBack(in);
    List<Effect> effects =
        servingOnly(back.effects(), in.observation()).stream()
            .filter(e -> !progress.effects().contains(e))
            .filter(e -> !goesBack || !concernsOther(e, after))
            .toList();
    return effects.isEmpty() ? Keep.NOTHING : new Keep(back.found(), effects);
  }

  /** It is about a workload that goes. */
  private static boolean concernsOther(Effect effect, Admitted after) {
    return effect instanceof Effect.StartWorkload start && !after.wants(start.workload());
  }

  /** Of the effects that would restore what was admitted, those that take nothing away. */
  static List<Effect> servingOnly(List<Effect> effects, Observation observation) {
    boolean proxyRuns = observation.route().map(ObservedRoute::running).orElse(false);
    return effects.stream()
        .filter(
            e ->
                e instanceof Effect.StartWorkload
                    || e instanceof Effect.RestartInstance
                    || (e instanceof Effect.SetRoute && !proxyRuns))
        .toList();
  }

  /**
   * Traffic is switched, or is about to be: where the proxy was lost or edited it may have been
   * switched before, and what is proven is routed to first.
   */
  static boolean switched(PlanInput in) {
    if (in.state().underWay().isEmpty()) {
      return false;
    }
    Convergence.Progress progress = progress(in);
    boolean known =
        in.observation().route().filter(ObservedRoute::running).isPresent()
            && in.observation().route().flatMap(ObservedRoute::route).isPresent();
    boolean lost = in.state().admitted().proxy().isPresent() && !known;
    boolean routes = progress.effects().stream().anyMatch(Effect.SetRoute.class::isInstance);
    return progress.switched() || (lost && routes && in.trouble().isEmpty());
  }

  private static Convergence.Progress progress(PlanInput in) {
    Transition under = in.state().underWay().orElseThrow().transition();
    return Convergence.towards(under.after(), in.state().admitted(), in.observation(), in.now());
  }

  static String waitingFor(Convergence.Progress progress) {
    return progress.waiting().isEmpty() ? "nothing" : String.join(", ", progress.waiting());
  }

  /** What a deadline was missed for. */
  private static String ailing(Convergence.Progress progress) {
    return progress.ailing().isEmpty()
        ? waitingFor(progress)
        : String.join(", ", progress.ailing());
  }
}
