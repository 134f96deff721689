package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.plan.Given.given;
import static dev.swiftdeploy.core.spec.SpecOf.id;
import static dev.swiftdeploy.core.spec.SpecOf.lettered;
import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.HeldGrant;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A walk over all combinations of what may be on record, declared and seen. The planner has one
 * answer to each, every rule is the answer to some, and none breaks a promise. {@code -Dwalk=all}
 * walks over the product of all parts, which takes long.
 */
class PlannerWalkTest {
  private record Named(String name, UnaryOperator<Given> then) {}

  private record Told(String name, State state, Instant now) {}

  private static final Named NOTHING_MORE = new Named("", g -> g);

  // ---- what may be on record ----

  private static final List<Named> BASES =
      List.of(
          new Named("nothing", g -> g),
          new Named("A", g -> g.stable("D").stable("A")),
          new Named("A settled in canary", g -> g.mode(Mode.CANARY).stable("A")),
          new Named("A / B@0", g -> g.stable("A").steps(10, 50, 100).candidate("B", 0)),
          new Named("A / B@2", g -> g.stable("A").steps(10, 50, 100).candidate("B", 2)),
          new Named(
              "A / A'@0",
              g -> g.stable("A").mode(Mode.CANARY).steps(10, 50, 100).candidate("A", 0)),
          new Named(
              "A / A'@2",
              g -> g.stable("A").mode(Mode.CANARY).steps(10, 50, 100).candidate("A", 2)));

  private static final List<Named> UNDER_WAY =
      List.of(
          NOTHING_MORE,
          new Named("deploying B", g -> g.deploying("B")),
          new Named("canary of B", g -> g.steps(10, 50, 100).startingCanary("B")),
          new Named("canary of A'", g -> g.steps(10, 50, 100).startingCanary("A")),
          new Named("advancing", Given::advancing),
          new Named("promoting", Given::promoting),
          new Named("rolling back, spec", g -> g.rollingBackCandidate(Cause.SPEC)),
          new Named("rolling back, person", g -> g.rollingBackCandidate(Cause.PERSON)),
          new Named("rolling back A", Given::rollingBackStable),
          new Named("configuring", g -> g.port(9090).configuring()),
          new Named("tearing down", Given::tearingDown));

  private static final List<Named> ENDED =
      List.of(
          NOTHING_MORE,
          new Named("failed", g -> g.failed("Unhealthy")),
          new Named("overtaken", g -> g.failed("Overtaken")),
          new Named("given up by a person", g -> g.failed("RolledBackByPerson")),
          new Named("failed, retreating", g -> g.failed("Unhealthy").retreating(Cause.UNHEALTHY)),
          new Named(
              "failed, retreated",
              g -> g.failed("Unhealthy").retreating(Cause.UNHEALTHY).applied()),
          new Named("applied", Given::applied));

  private static final List<Named> REVIEWS =
      List.of(
          NOTHING_MORE,
          new Named("policy is gone", Given::unavailable),
          new Named("policy orders a rollback", g -> g.denied(true, "so")));

  private static final List<Named> REQUESTS =
      List.of(
          NOTHING_MORE,
          new Named("rollback asked", g -> g.asked(Request.Kind.ROLLBACK)),
          new Named("promote asked", g -> g.asked(Request.Kind.PROMOTE_NOW)),
          new Named("teardown asked", g -> g.asked(Request.Kind.TEARDOWN)),
          new Named("retry asked", g -> g.askedRetry("B")));

  private static final List<Named> REST =
      List.of(
          NOTHING_MORE,
          new Named("B refused", g -> g.refused("B")),
          new Named("stopped", Given::stopped),
          new Named("a daemon came back", g -> g.after(30).restarted()));

  private static boolean fits(Named base, Named underWay, Named ended) {
    boolean nothing = base.name().equals("nothing");
    boolean candidate = base.name().contains("/");
    boolean fits =
        switch (underWay.name()) {
          case "" -> true;
          case "deploying B" -> !candidate;
          case "canary of B", "canary of A'" -> !nothing && !candidate;
          case "advancing" -> base.name().endsWith("@0");
          case "promoting", "rolling back, spec", "rolling back, person" -> candidate;
          case "rolling back A" -> base.name().equals("A");
          default -> !nothing;
        };
    boolean rollsBack = underWay.name().startsWith("rolling back, ");
    boolean endsSo =
        switch (ended.name()) {
          case "" -> true;
          case "applied" -> !underWay.name().isEmpty();
          case "failed, retreating", "failed, retreated" ->
              !underWay.name().isEmpty() && !rollsBack && !underWay.name().equals("tearing down");
          default -> !underWay.name().isEmpty() && !underWay.name().equals("tearing down");
        };
    return fits && endsSo;
  }

  private static List<Told> told(
      boolean grants, List<Named> reviews, List<Named> requests, List<Named> rests) {
    List<Told> out = new ArrayList<>();
    for (Named base : BASES) {
      for (Named underWay : UNDER_WAY) {
        for (Named ended : ENDED) {
          if (!fits(base, underWay, ended)) {
            continue;
          }
          for (Named review : reviews) {
            for (Named request : requests) {
              for (Named rest : rests) {
                Given given = grants ? given() : given().withoutGrants();
                List<Named> parts = List.of(base, underWay, ended, review, request, rest);
                for (Named part : parts) {
                  given = part.then().apply(given);
                }
                String name = String.join(", ", parts.stream().map(Named::name).toList());
                out.add(new Told(name, given.state(), given.now()));
              }
            }
          }
        }
      }
    }
    return out;
  }

  // ---- what may be declared ----

  private static List<Named> declared(boolean all) {
    List<Named> out = new ArrayList<>();
    for (String release : List.of("A", "B", "C", "unresolved")) {
      for (Mode mode : Mode.values()) {
        for (boolean steps : List.of(true, false)) {
          for (boolean paused : all ? List.of(false, true) : List.of(false)) {
            for (boolean deleted : all ? List.of(false, true) : List.of(false)) {
              for (boolean port : all ? List.of(false, true) : List.of(false)) {
                out.add(
                    new Named(
                        release
                            + " "
                            + mode
                            + (steps ? " in steps" : "")
                            + (paused ? " paused" : "")
                            + (deleted ? " deleted" : "")
                            + (port ? " on 9090" : ""),
                        g -> declare(g, release, mode, steps, paused, deleted, port)));
              }
            }
          }
        }
      }
    }
    return out;
  }

  private static Given declare(
      Given given,
      String release,
      Mode mode,
      boolean steps,
      boolean paused,
      boolean deleted,
      boolean port) {
    Given out = release.equals("unresolved") ? given.unresolved() : given.spec(release);
    out = out.mode(mode);
    out = steps ? out.steps(10, 50, 100) : out.steps(new int[0]);
    out = port ? out.port(9090) : out;
    out = paused ? out.paused() : out;
    return deleted ? out.deleted() : out;
  }

  // ---- what may be seen ----

  private static final List<Named> SEEN =
      List.of(
          new Named("all well", g -> g),
          new Named("nothing there", Given::nothingThere),
          new Named("proven", g -> underWay(g) ? g.proven() : g),
          new Named("switched", g -> underWay(g) ? g.switched() : g),
          new Named("switched, draining", g -> underWay(g) ? g.switched().draining() : g),
          new Named("switched, then lost", g -> underWay(g) ? g.switched().noProxy() : g),
          new Named("proven, proxy edited", g -> underWay(g) ? g.proven().proxyEdited() : g),
          new Named(
              "the new one starts",
              g ->
                  underWay(g)
                      ? g.starting("stable-B", 0).starting("canary-B", 0).starting("canary-A", 0)
                      : g),
          new Named("A exited", g -> g.exited("stable-A", 0)),
          new Named("A backs off", g -> g.backingOff("stable-A", 0)),
          new Named("A completed", g -> g.completed("stable-A", 0)),
          new Named("A silent", g -> g.unhealthy("stable-A", 0, 61)),
          new Named("B silent", g -> g.unhealthy("canary-B", 0, 61)),
          new Named("B starts", g -> g.unhealthy("canary-B", 0, 1)),
          new Named("A' exited", g -> g.exited("canary-A", 0)),
          new Named("no proxy", Given::noProxy),
          new Named("proxy stopped", Given::proxyStopped),
          new Named("proxy edited", Given::proxyEdited),
          new Named("proxy stale", Given::proxyStale),
          new Named("C is there too", g -> g.healthy("stable-C", 0)),
          new Named("trouble", g -> g.exited("stable-A", 0).trouble("the files are gone")));

  private static boolean underWay(Given given) {
    return given.state().underWay().isPresent();
  }

  private static final List<Integer> LATER = List.of(0, 20, 61, 700);

  // ---- the walk ----

  private final Map<String, String> reached = new ConcurrentHashMap<>();
  private final AtomicLong plans = new AtomicLong();

  @Test
  void everyCombinationHasOneAnswerAndNoneBreaksAPromise() {
    List<Named> none = List.of(NOTHING_MORE);
    if (System.getProperty("walk", "").equals("all")) {
      walk(told(true, REVIEWS, REQUESTS, REST), declared(true), LATER);
      walk(told(false, REVIEWS, REQUESTS, REST), declared(true), LATER);
    }
    // What may be on record by its parts, with what is declared in its main parts; then everything
    // that may be declared, with what is on record in its main parts.
    walk(told(true, REVIEWS, REQUESTS, none), declared(false), List.of(61));
    walk(told(true, none, REQUESTS, REST), declared(false), List.of(0));
    walk(told(false, REVIEWS, none, none), declared(false), List.of(0));
    walk(told(true, none, none, none), declared(true), LATER);
    System.out.printf("walk: %d plans%n", plans.get());
    assertThat(reached.keySet())
        .as("each rule answers some combination")
        .containsExactlyInAnyOrderElementsOf(Planner.RULES.stream().map(Rule::name).toList());
  }

  private void walk(List<Told> told, List<Named> declared, List<Integer> later) {
    told.parallelStream()
        .forEach(
            t -> {
              for (Named wish : declared) {
                for (Named seen : SEEN) {
                  for (int seconds : later) {
                    PlanInput in =
                        seen.then()
                            .apply(
                                wish.then().apply(given(t.state(), t.now().plusSeconds(seconds))))
                            .input();
                    check(
                        in, t.name() + " | " + wish.name() + " | " + seen.name() + " | " + seconds);
                  }
                }
              }
            });
  }

  private void check(PlanInput in, String where) {
    Plan plan;
    try {
      plan = Planner.plan(in);
    } catch (RuntimeException e) {
      throw new AssertionError(where + ": " + e, e);
    }
    plans.incrementAndGet();
    reached.putIfAbsent(plan.rule(), where);
    String broken = broken(in, plan);
    if (!broken.isEmpty()) {
      throw new AssertionError(
          broken
              + "\nplan: "
              + lettered(plan.render())
              + "given: "
              + where
              + "\nseen: "
              + lettered(in.observation().toString()));
    }
  }

  // ---- the promises ----

  private static String broken(PlanInput in, Plan plan) {
    return Stream.of(
            belongs(in, plan),
            effects(in, plan),
            proposal(in, plan),
            grant(in, plan),
            end(in, plan),
            plan.why().isBlank() ? "a plan says why" : "")
        .filter(s -> !s.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** Each step has what it is a step of. */
  private static String belongs(PlanInput in, Plan plan) {
    State state = in.state();
    Step step = plan.step();
    boolean underWay = state.underWay().isPresent();
    if ((step instanceof Step.Act || step instanceof Step.Succeed || step instanceof Step.GiveUp)
        && !underWay) {
      return "nothing is under way";
    }
    if ((step instanceof Step.Propose
            || step instanceof Step.UseGrant
            || step instanceof Step.Repair
            || step instanceof Step.Rest
            || step instanceof Step.Dismiss)
        && underWay) {
      return "something is under way";
    }
    if (step instanceof Step.Repair && state.standing().isEmpty()) {
      return "nothing was admitted that a repair could rest on";
    }
    if (step instanceof Step.Dismiss dismiss
        && !state.request().equals(Optional.of(dismiss.request()))) {
      return "what is dismissed wasn't asked";
    }
    return "";
  }

  private static String effects(PlanInput in, Plan plan) {
    State state = in.state();
    List<Effect> effects = List.of();
    Optional<Admitted> after = Optional.empty();
    if (plan.step() instanceof Step.Act act) {
      effects = act.effects();
      after = Optional.of(state.underWay().orElseThrow().transition().after());
    } else if (plan.step() instanceof Step.Repair repair) {
      effects = repair.effects();
    } else {
      return "";
    }
    if (effects.isEmpty()) {
      return "there are effects to apply";
    }
    if (Set.copyOf(effects).size() != effects.size()) {
      return "an effect is planned once";
    }
    Admitted target = after.orElse(state.admitted());
    Observation seen = in.observation();
    Optional<Route> routed = seen.route().flatMap(ObservedRoute::route);
    for (Effect effect : effects) {
      if (effect instanceof Effect.StartWorkload start) {
        if (!target.wants(start.workload()) && !state.admitted().wants(start.workload())) {
          return "what is started was admitted";
        }
      } else if (effect instanceof Effect.RemoveWorkload remove) {
        if (target.wants(remove.workload())) {
          return "what is wanted is not removed";
        }
        boolean serving = routed.isPresent() && gets(routed.get(), remove.workload());
        if (serving && seen.route().orElseThrow().running()) {
          return "what gets traffic is not removed";
        }
      } else if (effect instanceof Effect.ScaleDown scale) {
        if (!target.wants(scale.workload())) {
          return "what is scaled down is wanted";
        }
      } else if (effect instanceof Effect.SetRoute set) {
        boolean toAdmitted = state.admitted().route().equals(Optional.of(set.route()));
        boolean toTarget = target.route().equals(Optional.of(set.route()));
        if (!toAdmitted && !toTarget) {
          return "no traffic but what was admitted";
        }
        if (takesServiceAway(set.route(), seen)) {
          return "a switch takes no service away";
        }
      } else if (effect instanceof Effect.RemoveRoute && !target.nothing()) {
        return "the proxy goes with the rest";
      }
    }
    return "";
  }

  private static boolean gets(Route route, Workload workload) {
    return route.backends().stream().anyMatch(b -> b.weight() > 0 && b.workload().equals(workload));
  }

  private static boolean takesServiceAway(Route to, Observation seen) {
    boolean serves =
        seen.route().filter(ObservedRoute::running).flatMap(ObservedRoute::route).stream()
            .anyMatch(r -> allAnswer(r, seen));
    return serves && !allAnswer(to, seen);
  }

  private static boolean allAnswer(Route route, Observation seen) {
    return route.backends().stream()
        .filter(b -> b.weight() > 0)
        .allMatch(b -> seen.find(b.workload()).map(w -> w.healthy(b.replicas())).orElse(0) > 0);
  }

  private static String proposal(PlanInput in, Plan plan) {
    if (!(plan.step() instanceof Step.Propose propose)) {
      return "";
    }
    Transition t = propose.transition();
    State state = in.state();
    boolean goesBack = t.kind() == TransitionKind.ROLLBACK || t.kind() == TransitionKind.TEARDOWN;
    if (in.desired().spec().paused() && !goesBack) {
      return "paused, nothing is begun";
    }
    if (in.desired().deleted() && !goesBack) {
      return "what is deleted only goes";
    }
    if (in.desired().release().isEmpty() && !goesBack) {
      return "what can't be resolved is not reviewed";
    }
    boolean brings = t.kind() == TransitionKind.DEPLOY || t.kind() == TransitionKind.CANARY;
    if (brings && state.refused().containsKey(t.to().orElseThrow())) {
      return "what is refused is not brought in";
    }
    if (brings && !t.to().equals(in.desired().release().map(Release::id))) {
      return "only what the spec asks for is brought in";
    }
    if (state.retreatDue().isPresent() && !goesBack) {
      return "first the retreat, then something new";
    }
    int before = state.admitted().candidate().map(Candidate::weight).orElse(0);
    int after = t.after().candidate().map(Candidate::weight).orElse(0);
    if (after > before && t.kind() != TransitionKind.CANARY && t.kind() != TransitionKind.ADVANCE) {
      return "only a canary and its steps give a candidate more";
    }
    if (t.after().candidate().isPresent()
        && t.kind() == TransitionKind.CONFIGURE
        && after != before) {
      return "settings change no weight";
    }
    return "";
  }

  private static String grant(PlanInput in, Plan plan) {
    if (!(plan.step() instanceof Step.UseGrant use)) {
      return "";
    }
    HeldGrant held = use.grant();
    Transition t = use.transition();
    if (!in.state().grants().contains(held)) {
      return "the grant is held";
    }
    if (held.grant().kind() != t.kind() || !held.grant().to().equals(t.to())) {
      return "the grant is for this";
    }
    Optional<ReleaseId> kept =
        t.kind() == TransitionKind.TEARDOWN
            ? Optional.empty()
            : t.after().candidate().map(Candidate::id);
    if (kept.equals(Optional.of(held.grant().subject()))) {
      return "a grant is used up only if its release goes";
    }
    return t.after().brings(in.state().admitted()) ? "a grant brings nothing new" : "";
  }

  /** No rule but those of the end is an end, and those only where it is one. */
  private static String end(PlanInput in, Plan plan) {
    if (!(plan.step() instanceof Step.Rest)) {
      return plan.rule().equals("converged") ? "converged is an end" : "";
    }
    Admitted admitted = in.state().admitted();
    boolean restored = Convergence.back(admitted, in.observation(), in.now()).done();
    boolean settled =
        restored
            && in.state().retreatDue().isEmpty()
            && in.state().request().isEmpty()
            && admitted.candidate().isEmpty();
    if (!settled) {
      return "nothing is left to do";
    }
    return switch (plan.rule()) {
      case "torn-down" -> admitted.nothing() ? "" : "it is gone";
      case "converged" ->
          admitted.stable().map(StableRelease::id).equals(in.desired().release().map(Release::id))
              ? ""
              : "what serves is what the spec asks for";
      default -> "only these are ends";
    };
  }

  @Test
  void theIdsOfTheLettersDiffer() {
    assertThat(Set.of(id("A"), id("B"), id("C"), id("D"))).hasSize(4);
    assertThat(SpecOf.workload("canary-B")).isEqualTo(new Workload(id("B"), Mode.CANARY));
    assertThat(new Backend(SpecOf.workload("canary-B"), 1, 1).weight()).isEqualTo(1);
  }
}
