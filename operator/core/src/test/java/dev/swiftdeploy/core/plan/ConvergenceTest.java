package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.plan.Given.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The one primitive, step by step: each effect is brought about at once in a picture of the
 * platform, until there is nothing left to do.
 */
class ConvergenceTest {
  private static final Instant NOW = Given.START;

  /** A platform where everything works at once; what starts is healthy at the next look. */
  private static final class Picture {
    private final SortedMap<Workload, SortedMap<Integer, Instance.State>> there = new TreeMap<>();
    private Optional<Route> route = Optional.empty();
    private boolean draining;

    Picture of(Admitted admitted) {
      admitted.backends().forEach(b -> start(b.workload(), b.replicas()));
      look();
      route = admitted.route();
      return this;
    }

    private void start(Workload workload, int replicas) {
      for (int slot = 0; slot < replicas; slot++) {
        there
            .computeIfAbsent(workload, w -> new TreeMap<>())
            .putIfAbsent(slot, Instance.State.UNHEALTHY);
      }
    }

    /** What is there; then what starts has become healthy, and the drain is over. */
    Observation look() {
      List<ObservedWorkload> workloads = new ArrayList<>();
      there.forEach(
          (workload, slots) -> {
            List<Instance> instances = new ArrayList<>();
            slots.forEach(
                (slot, state) ->
                    instances.add(
                        new Instance(
                            slot, state, Optional.empty(), 0, Optional.of(NOW), Optional.empty())));
            workloads.add(new ObservedWorkload(workload, instances));
          });
      Observation seen =
          new Observation(
              workloads,
              route.map(
                  r -> new ObservedRoute(true, Optional.of(r), true, draining, Optional.empty())));
      there.values().forEach(s -> s.replaceAll((slot, state) -> Instance.State.HEALTHY));
      draining = false;
      return seen;
    }

    void apply(Effect effect) {
      if (effect instanceof Effect.StartWorkload start) {
        start(start.workload(), start.replicas());
      } else if (effect instanceof Effect.SetRoute set) {
        draining = route.isPresent();
        route = Optional.of(set.route());
      } else if (effect instanceof Effect.RemoveRoute) {
        route = Optional.empty();
      } else if (effect instanceof Effect.RemoveWorkload remove) {
        there.remove(remove.workload());
      } else if (effect instanceof Effect.ScaleDown scale) {
        there.get(scale.workload()).tailMap(scale.replicas()).clear();
      }
    }
  }

  /** All steps from one state to another, a line each: what is done, or what is waited for. */
  private static String walk(Picture picture, Admitted from, Admitted to) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      Convergence.Progress progress = Convergence.towards(to, from, picture.look(), NOW);
      if (progress.done()) {
        return SpecOf.lettered(out.toString());
      }
      if (progress.effects().isEmpty()) {
        out.append("wait: ").append(String.join(", ", progress.waiting())).append('\n');
      }
      for (Effect effect : progress.effects()) {
        out.append(effect.text()).append('\n');
        picture.apply(effect);
      }
    }
    throw new AssertionError("it does not end: " + out);
  }

  private static Admitted admitted(Given given) {
    return given.state().admitted();
  }

  private static void goes(Admitted from, Admitted to, String steps) {
    assertThat(walk(new Picture().of(from), from, to)).isEqualTo(steps);
  }

  private static final Admitted A = admitted(given().stable("A"));
  private static final Admitted B = admitted(given().stable("B"));
  private static final Admitted A_B10 =
      admitted(given().steps(10, 50).stable("A").candidate("B", 0));
  private static final Admitted A_B50 =
      admitted(given().steps(10, 50).stable("A").candidate("B", 1));

  @Test
  void startProveRoute() {
    goes(
        Admitted.NOTHING,
        A,
        """
        start stable-A (1 replica)
        wait: stable-A/0 to be healthy, traffic to be switched, once all is healthy
        route stable-A 100 %
        """);
  }

  @Test
  void startBesideProveRouteDrainRemove() {
    goes(
        A,
        B,
        """
        start stable-B (1 replica)
        wait: stable-B/0 to be healthy, traffic to be switched, once all is healthy
        route stable-B 100 %
        wait: requests in flight to end (drain)
        remove stable-A
        """);
  }

  @Test
  void aCanaryTakesItsShareAndNothingGoes() {
    goes(
        A,
        A_B10,
        """
        start canary-B (1 replica)
        wait: canary-B/0 to be healthy, traffic to be switched, once all is healthy
        route stable-A 90 %, canary-B 10 %
        """);
  }

  @Test
  void anAdvanceIsARoute() {
    goes(
        A_B10,
        A_B50,
        """
        route stable-A 50 %, canary-B 50 %
        """);
  }

  @Test
  void aRollbackRoutesAwayDrainsAndRemoves() {
    goes(
        A_B50,
        A,
        """
        route stable-A 100 %
        wait: requests in flight to end (drain)
        remove canary-B
        """);
  }

  @Test
  void aPromotionStartsItAsStable() {
    goes(
        A_B50,
        B,
        """
        start stable-B (1 replica)
        wait: stable-B/0 to be healthy, traffic to be switched, once all is healthy
        route stable-B 100 %
        wait: requests in flight to end (drain)
        remove canary-B
        remove stable-A
        """);
  }

  @Test
  void moreReplicasAreProvenFewerAreRoutedAwayFromFirst() {
    Admitted three = admitted(given().replicas(3).stable("A"));
    goes(
        A,
        three,
        """
        start stable-A (3 replicas)
        wait: stable-A/1 to be healthy, stable-A/2 to be healthy, traffic to be switched, once all is healthy
        route stable-A 100 %
        """);
    goes(
        three,
        A,
        """
        route stable-A 100 %
        wait: requests in flight to end (drain)
        scale stable-A down to 1
        """);
  }

  @Test
  void aTeardownTakesTheRouteFirst() {
    goes(
        A_B10,
        Admitted.NOTHING,
        """
        remove the route
        remove canary-B
        remove stable-A
        """);
  }

  @Test
  void anInterruptedChangeIsTakenUpFromWhatIsThere() {
    Picture half = new Picture().of(A);
    half.apply(new Effect.StartWorkload(SpecOf.workload("stable-B"), 1));
    assertThat(walk(half, A, B))
        .isEqualTo(
            """
            wait: stable-B/0 to be healthy, traffic to be switched, once all is healthy
            route stable-B 100 %
            wait: requests in flight to end (drain)
            remove stable-A
            """);
    Picture turned = new Picture().of(A);
    turned.apply(new Effect.StartWorkload(SpecOf.workload("stable-B"), 1));
    assertThat(walk(turned, A, A))
        .isEqualTo(
            """
            remove stable-B
            """);
  }

  @Test
  void whatIsThereIsDone() {
    for (Admitted state : List.of(Admitted.NOTHING, A, A_B10, A_B50)) {
      goes(state, state, "");
      assertThat(Convergence.back(state, new Picture().of(state).look(), NOW).done()).isTrue();
    }
  }

  @Test
  void backRestoresFromNothing() {
    Picture picture = new Picture();
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      Convergence.Progress progress = Convergence.back(A_B10, picture.look(), NOW);
      progress.effects().forEach(e -> out.append(SpecOf.lettered(e.text())).append('\n'));
      progress.effects().forEach(picture::apply);
    }
    assertThat(out.toString())
        .isEqualTo(
            """
            start stable-A (1 replica)
            start canary-B (1 replica)
            route stable-A 90 %, canary-B 10 %
            """);
    assertThat(Convergence.back(A_B10, picture.look(), NOW.plus(Duration.ofDays(1))).done())
        .isTrue();
  }
}
