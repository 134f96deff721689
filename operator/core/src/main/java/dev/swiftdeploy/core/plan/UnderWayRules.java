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
import java.util.List;
import java.util.Optional;

/** What is under way is finished, or retreated from while traffic has not been switched. */
final class UnderWayRules {
  /** A decision is valid for minutes: what it admits must have switched traffic by then. */
  static final Duration VALIDITY = Duration.ofMinutes(10);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private UnderWayRules() {}

  static Optional<Rule.Answer> stateLost(PlanInput in) {
    if (!in.state().empty() || in.observation().nothing()) {
      return Optional.empty();
    }
    return answer(
        Standing.STALLED,
        "workloads are there and no record of them: the audit chain was lost. Put it back, or"
            + " remove them with teardown",
        new Step.Wait(Duration.ofSeconds(5)));
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
    Transition retreat = Proposals.retreat(in.state(), failed, cause);
    return answer(
        Standing.RECONCILING,
        failed.transition().label() + " failed: " + failed.message(),
        Proposals.granted(in.state(), retreat, failed.transition().to()));
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
    boolean person = askedToRollBack(in);
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
    if (under.kind() == TransitionKind.ROLLBACK || under.kind() == TransitionKind.TEARDOWN) {
      return Optional.empty();
    }
    if (in.desired().deleted() || askedFor(in, Request.Kind.TEARDOWN)) {
      return Optional.of("a teardown was asked for");
    }
    if (askedToRollBack(in) && under.kind() != TransitionKind.CONFIGURE) {
      return Optional.of("a rollback was asked for");
    }
    if (under.kind() == TransitionKind.CONFIGURE) {
      return Optional.empty();
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

  private static boolean askedToRollBack(PlanInput in) {
    return askedFor(in, Request.Kind.ROLLBACK);
  }

  private static boolean askedFor(PlanInput in, Request.Kind kind) {
    return in.state().request().filter(r -> r.kind() == kind).isPresent();
  }

  static Optional<Rule.Answer> unhealthy(PlanInput in) {
    if (in.state().underWay().isEmpty() || switched(in)) {
      return Optional.empty();
    }
    State.UnderWay under = in.state().underWay().get();
    Instant from = latest(under.since(), in.state().startedAt().orElse(under.since()));
    if (in.now().isBefore(from.plus(under.transition().deadline())) || !retreats(under)) {
      return Optional.empty();
    }
    Convergence.Progress progress =
        Convergence.towards(under.transition().after(), in.observation());
    String message =
        "not healthy within "
            + under.transition().deadline().toSeconds()
            + " s: "
            + in.trouble().orElseGet(() -> waitingFor(progress));
    boolean newRelease = under.transition().kind() != TransitionKind.CONFIGURE;
    Optional<Refusal> refuses =
        newRelease
            ? under.transition().to().map(id -> new Refusal(id, "Unhealthy", message))
            : Optional.empty();
    return answer(
        Standing.RECONCILING,
        under.transition().label() + " is given up: " + message,
        new Step.GiveUp("Unhealthy", message, refuses));
  }

  /** A retreat has nothing to retreat to: it is tried for as long as it takes. */
  private static boolean retreats(State.UnderWay under) {
    TransitionKind kind = under.transition().kind();
    boolean ownRetreat = kind == TransitionKind.ROLLBACK && under.transition().refuses().isEmpty();
    return kind != TransitionKind.TEARDOWN && !ownRetreat;
  }

  static Optional<Rule.Answer> expired(PlanInput in) {
    if (in.state().underWay().isEmpty() || switched(in)) {
      return Optional.empty();
    }
    State.UnderWay under = in.state().underWay().get();
    Instant until = under.since().plus(VALIDITY).plus(under.transition().deadline());
    if (in.now().isBefore(until) || !retreats(under)) {
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
    Convergence.Progress progress = Convergence.towards(under.after(), in.observation());
    List<Effect> effects = new ArrayList<>(progress.effects());
    if (!progress.switched()) {
      effects.addAll(0, keepServing(in, effects));
    }
    if (!effects.isEmpty()) {
      return answer(
          Standing.RECONCILING,
          under.label() + ": " + String.join(", ", progress.found()),
          new Step.Act(effects));
    }
    if (!progress.done()) {
      return answer(
          Standing.RECONCILING,
          under.label() + ": waiting for " + waitingFor(progress),
          new Step.Wait(LOOK_AGAIN));
    }
    return answer(Standing.RECONCILING, under.label() + " is done", new Step.Succeed());
  }

  /** Until traffic is switched, what serves is kept serving; nothing is removed for that. */
  private static List<Effect> keepServing(PlanInput in, List<Effect> planned) {
    if (removing(in) || planned.stream().anyMatch(Effect.SetRoute.class::isInstance)) {
      return List.of();
    }
    return servingOnly(
            Convergence.back(in.state().admitted(), in.observation(), in.now()).effects(),
            in.observation())
        .stream()
        .filter(e -> !planned.contains(e))
        .toList();
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

  private static boolean removing(PlanInput in) {
    return in.state().underWay().map(u -> u.transition().after().nothing()).orElse(false);
  }

  static boolean switched(PlanInput in) {
    return in.state()
        .underWay()
        .map(u -> Convergence.towards(u.transition().after(), in.observation()).switched())
        .orElse(false);
  }

  static String waitingFor(Convergence.Progress progress) {
    return progress.waiting().isEmpty() ? "nothing" : String.join(", ", progress.waiting());
  }

  private static Instant latest(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
