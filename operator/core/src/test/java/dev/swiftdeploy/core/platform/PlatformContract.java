package dev.swiftdeploy.core.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.RestartPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Platform} does; each adapter extends this with a {@link PlatformWorld}. */
public abstract class PlatformContract {
  protected static final Permission PERMISSION = new Permission("decision-1", 1);

  protected PlatformWorld world;
  protected Platform platform;

  protected abstract PlatformWorld newWorld() throws Exception;

  protected PlatformContract() {}

  @BeforeEach
  void openWorld() throws Exception {
    world = newWorld();
    platform = world.open();
  }

  @AfterEach
  void closeWorld() {
    if (world != null) {
      world.close();
    }
  }

  protected static Workload stable(Release release) {
    return new Workload(release.id(), Mode.STABLE);
  }

  protected static Workload canary(Release release) {
    return new Workload(release.id(), Mode.CANARY);
  }

  protected void apply(Effect effect) {
    platform.apply(effect, PERMISSION);
  }

  /** Applies an effect again and again, as the loop does, until it is seen. */
  protected void bring(Effect effect, Predicate<Observation> seen) {
    world.await(
        effect.text(),
        () -> {
          if (seen.test(platform.observe())) {
            return true;
          }
          apply(effect);
          return false;
        });
  }

  protected void awaitSeen(String what, Predicate<Observation> seen) {
    world.await(what, () -> seen.test(platform.observe()));
  }

  /** Starts a workload and waits until all of it is healthy. */
  protected Workload serve(Workload workload, int replicas) {
    apply(new Effect.StartWorkload(workload, replicas));
    awaitHealthy(workload, replicas);
    return workload;
  }

  protected void awaitHealthy(Workload workload, int replicas) {
    awaitSeen(
        workload + " to be healthy",
        o -> o.find(workload).map(w -> w.healthy(replicas)).orElse(0) == replicas);
  }

  protected List<Instance> instances(Workload workload) {
    return platform.observe().find(workload).map(ObservedWorkload::instances).orElse(List.of());
  }

  protected Instance instance(Workload workload, int slot) {
    return instances(workload).stream().filter(i -> i.slot() == slot).findFirst().orElseThrow();
  }

  private static Predicate<Observation> in(Workload workload, int slot, State state) {
    return o ->
        o.find(workload).stream()
            .flatMap(w -> w.instances().stream())
            .anyMatch(i -> i.slot() == slot && i.state() == state);
  }

  protected Route route(Workload workload, int replicas) {
    return new Route(world.settings(), List.of(new Backend(workload, 100, replicas)));
  }

  protected static Predicate<Observation> routing(Route route) {
    return o ->
        o.route()
            .filter(r -> r.running() && r.current() && r.route().filter(route::equals).isPresent())
            .isPresent();
  }

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
  void anotherDaemonSeesTheSame() {
    Workload a = serve(stable(world.healthy("1")), 2);
    Workload b = serve(canary(world.healthy("2")), 1);
    Route route =
        new Route(world.settings(), List.of(new Backend(a, 90, 2), new Backend(b, 10, 1)));
    apply(new Effect.SetRoute(route));
    awaitSeen("the route", routing(route));
    Observation before = platform.observe();

    platform = world.open();

    awaitSeen("the same", before::equals);
    apply(new Effect.StartWorkload(a, 2));
    apply(new Effect.SetRoute(route));
    awaitSeen("the same, as nothing was missing", before::equals);
    bring(new Effect.RemoveWorkload(b), o -> o.find(b).isEmpty());
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
  void anInstanceThatBacksOffIsNotStarted() {
    Workload workload = stable(world.ending(3, RestartPolicy.UNLESS_STOPPED));
    apply(new Effect.StartWorkload(workload, 1));
    awaitSeen("the back-off", in(workload, 0, State.BACKING_OFF));

    apply(new Effect.StartWorkload(workload, 1));

    assertThat(instance(workload, 0).restarts()).isZero();
    assertThat(instance(workload, 0).detail()).get().asString().contains("3");
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
  void aPolicyOfOnFailureAsksHowItEnded() {
    Workload good = stable(world.ending(0, RestartPolicy.ON_FAILURE));
    Workload bad = stable(world.ending(3, RestartPolicy.ON_FAILURE));
    apply(new Effect.StartWorkload(good, 1));
    apply(new Effect.StartWorkload(bad, 1));

    awaitSeen("the good one to be left", in(good, 0, State.COMPLETED));
    awaitSeen("the bad one to be due again", in(bad, 0, State.EXITED));
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

  @Test
  void aRouteIsSeenAsItWasSet() {
    Workload a = serve(stable(world.healthy("1")), 2);
    Workload b = serve(canary(world.healthy("2")), 1);
    Route all = route(a, 2);
    Route split =
        new Route(world.settings(), List.of(new Backend(a, 90, 2), new Backend(b, 10, 1)));

    apply(new Effect.SetRoute(all));
    awaitSeen("the route", routing(all));
    apply(new Effect.SetRoute(split));
    awaitSeen("the split", routing(split));
    apply(new Effect.SetRoute(split));
    assertThat(routing(split)).as("again is no change").accepts(platform.observe());

    awaitSeen("the drain", o -> !o.route().orElseThrow().draining());
  }

  @Test
  void aRemovedRouteIsGone() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    apply(new Effect.SetRoute(route(workload, 1)));
    awaitSeen("the route", routing(route(workload, 1)));

    bring(new Effect.RemoveRoute(), o -> o.route().isEmpty());

    apply(new Effect.RemoveRoute());
    assertThat(platform.observe().route()).isEmpty();
    assertThat(instance(workload, 0).healthy()).as("the workload is not touched").isTrue();
  }

  @Test
  void aRouteToWhatWasNeverStartedIsRefusedAndTheLastOneGoesOn() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    Route good = route(workload, 1);
    apply(new Effect.SetRoute(good));
    awaitSeen("the route", routing(good));

    Route nowhere = route(stable(world.healthy("2")), 1);

    assertThatThrownBy(() -> apply(new Effect.SetRoute(nowhere)))
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.fix()).isNotBlank());
    assertThat(routing(good)).accepts(platform.observe());
  }

  @Test
  void anInstanceThatIsReplacedLeavesTheRouteInPlace() {
    Workload workload = serve(stable(world.healthy("1")), 1);
    Route route = route(workload, 1);
    apply(new Effect.SetRoute(route));
    awaitSeen("the route", routing(route));

    world.kill(workload, 0);
    awaitSeen("the back-off to be over", in(workload, 0, State.EXITED));
    serve(workload, 1);
    bring(new Effect.SetRoute(route), routing(route));
  }
}
