package dev.swiftdeploy.core.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.RestartPolicy;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link Platform} does; each adapter extends this with a {@link PlatformWorld}. */
public abstract class PlatformContract extends PlatformRouteContract {
  protected PlatformContract() {}

  @Test
  void whereNothingWasStartedNothingIsThere() {
    assertThat(platform.observe().nothing()).isTrue();
    assertThat(platform.name()).matches("[a-z]+");
  }

  @Test
  void aStartedWorkloadIsThereAtOnceAndGetsHealthy() {
    Workload workload = stable(world.healthy("1"));

    apply(new Effect.StartWorkload(workload, 2));

    assertThat(platform.observe().workloads())
        .extracting(ObservedWorkload::workload)
        .as("its name tells mode and release")
        .containsExactly(workload);
    awaitHealthy(workload, 2);
    assertThat(instances(workload)).extracting(Instance::slot).containsExactly(0, 1);
    assertThat(instances(workload))
        .allSatisfy(
            i -> {
              assertThat(i.restarts()).isZero();
              assertThat(i.unhealthySince()).isEmpty();
              assertThat(i.address()).isPresent();
            });
    assertThat(instances(workload)).extracting(Instance::address).doesNotHaveDuplicates();
  }

  @Test
  void observingChangesNothing() {
    Workload workload = serve(stable(world.healthy("1")), 1);

    Observation before = platform.observe();

    assertThat(platform.observe()).isEqualTo(before);
    assertThat(instance(workload, 0).restarts()).isZero();
  }

  @Test
  void startingAgainLeavesWhatRunsAlone() {
    Workload workload = serve(stable(world.healthy("1")), 2);
    Observation before = platform.observe();

    apply(new Effect.StartWorkload(workload, 2));
    apply(new Effect.StartWorkload(workload, 1));

    assertThat(platform.observe()).isEqualTo(before);
  }

  @Test
  void aReleaseThatNobodyKeptIsNotStarted() {
    Workload workload = new Workload(world.unknown(), Mode.STABLE);

    assertThatThrownBy(() -> apply(new Effect.StartWorkload(workload, 1)))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.fix()).as("what to do").isNotBlank())
        .hasMessageContaining(workload.release().value());
    assertThat(platform.observe().nothing()).isTrue();
  }

  @Test
  void workloadsStandSideBySide() {
    Release first = world.healthy("1");
    Workload a = serve(stable(first), 1);
    Observation before = platform.observe();
    Workload sameInCanary = serve(canary(first), 1);
    Workload b = serve(stable(world.healthy("2")), 1);

    assertThat(platform.observe().workloads())
        .extracting(ObservedWorkload::workload)
        .containsExactlyInAnyOrder(a, b, sameInCanary);
    bring(new Effect.RemoveWorkload(b), o -> o.find(b).isEmpty());
    bring(new Effect.RemoveWorkload(sameInCanary), o -> o.find(sameInCanary).isEmpty());
    assertThat(platform.observe()).as("a was not touched").isEqualTo(before);
  }

  @Test
  void scalingUpAndDownLeavesTheOtherInstancesAlone() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    Instance first = instance(workload, 0);

    serve(workload, 3);
    assertThat(instance(workload, 0)).isEqualTo(first);
    bring(
        new Effect.ScaleDown(workload, 1),
        o -> o.find(workload).map(w -> w.instances().size()).orElse(0) == 1);

    assertThat(instances(workload)).containsExactly(first);
    apply(new Effect.ScaleDown(workload, 1));
    apply(new Effect.ScaleDown(workload, 5));
    assertThat(instances(workload)).containsExactly(first);
  }

  @Test
  void whatWasScaledDownCanBeScaledUpAgain() {
    Workload workload = serve(stable(world.healthy("1")), 2);
    apply(new Effect.ScaleDown(workload, 1));

    bring(
        new Effect.StartWorkload(workload, 2),
        o -> o.find(workload).map(w -> w.healthy(2)).orElse(0) == 2);
  }

  @Test
  void aRemovedWorkloadIsGone() {
    Workload workload = serve(stable(world.healthy("1")), 2);

    bring(new Effect.RemoveWorkload(workload), Observation::nothing);

    apply(new Effect.RemoveWorkload(workload));
    assertThat(platform.observe().nothing()).isTrue();
  }

  @Test
  void aWorkloadThatIsStillStartingCanBeRemoved() {
    Workload workload = stable(world.neverHealthy());
    apply(new Effect.StartWorkload(workload, 2));

    bring(new Effect.RemoveWorkload(workload), Observation::nothing);
  }

  @Test
  void removingWhatIsNotThereIsNoError() {
    Workload workload = stable(world.healthy("1"));

    apply(new Effect.RemoveWorkload(workload));
    apply(new Effect.ScaleDown(workload, 0));
    apply(new Effect.RestartInstance(workload, 0));
    apply(new Effect.RemoveRoute());

    assertThat(platform.observe().nothing()).isTrue();
  }

  @Test
  void aRemovedWorkloadCanBeStartedAnew() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    bring(new Effect.RemoveWorkload(workload), Observation::nothing);

    serve(workload, 1);

    assertThat(instance(workload, 0).restarts()).as("a new life").isZero();
  }

  @Test
  void aWorkloadOnItsWayOutCanBeWantedAgain() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    apply(new Effect.RemoveWorkload(workload));

    bring(
        new Effect.StartWorkload(workload, 1),
        o -> o.find(workload).map(w -> w.healthy(1)).orElse(0) == 1);
  }

  @Test
  void aDaemonThatDiedAfterAnyEffectFindsWhatTheyBrought() {
    Workload workload = stable(world.healthy("1"));
    apply(new Effect.StartWorkload(workload, 2));
    platform = world.open();
    assertThat(instances(workload)).extracting(Instance::slot).containsExactly(0, 1);
    awaitHealthy(workload, 2);
    assertThat(instances(workload)).allSatisfy(i -> assertThat(i.restarts()).isZero());

    apply(new Effect.RemoveWorkload(workload));
    platform = world.open();

    bring(new Effect.RemoveWorkload(workload), Observation::nothing);
  }

  @Test
  void aKilledInstanceIsStartedAgainAfterItsBackOffAndCounted() {
    Workload workload = serve(stable(world.healthy("1")), 2);
    Instance other = instance(workload, 1);

    world.kill(workload, 0);
    awaitSeen("the back-off to be over", in(workload, 0, State.EXITED));
    assertThat(instance(workload, 0).detail()).as("why it is down").isPresent();
    serve(workload, 2);

    assertThat(instance(workload, 0).restarts()).isEqualTo(1);
    assertThat(instance(workload, 1)).isEqualTo(other);
  }

  @Test
  void aPolicyOfNoLeavesWhatEnded() {
    Workload workload = stable(world.ending(3, RestartPolicy.NO));
    apply(new Effect.StartWorkload(workload, 1));

    awaitSeen("the end", in(workload, 0, State.COMPLETED));
    apply(new Effect.StartWorkload(workload, 1));

    assertThat(instance(workload, 0).state()).isEqualTo(State.COMPLETED);
    assertThat(instance(workload, 0).restarts()).isZero();
  }

  @Test
  void anInstanceThatNeverGetsHealthyTellsSinceWhenAndWhy() {
    Workload workload = stable(world.neverHealthy());
    Instant before = world.now();

    apply(new Effect.StartWorkload(workload, 1));

    awaitSeen(
        "a failed check",
        o ->
            in(workload, 0, State.UNHEALTHY).test(o) && instance(workload, 0).detail().isPresent());
    Optional<Instant> since = instance(workload, 0).unhealthySince();
    assertThat(since).get().satisfies(t -> assertThat(t).isBetween(before, world.now()));
    platform = world.open();
    assertThat(instance(workload, 0).unhealthySince()).as("since it started").isEqualTo(since);
  }

  @Test
  void aSilentInstanceIsSeenAndRestartedOnRequest() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    Instant before = world.now();

    world.hang(workload, 0);
    awaitSeen("its silence", in(workload, 0, State.UNHEALTHY));
    assertThat(instance(workload, 0).unhealthySince())
        .get()
        .satisfies(t -> assertThat(t).isAfterOrEqualTo(before));
    assertThat(instance(workload, 0).detail()).isPresent();

    bring(new Effect.RestartInstance(workload, 0), in(workload, 0, State.EXITED));
    serve(workload, 1);
    assertThat(instance(workload, 0).restarts()).isEqualTo(1);
  }
}
