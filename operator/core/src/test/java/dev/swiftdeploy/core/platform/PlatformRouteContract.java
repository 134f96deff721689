package dev.swiftdeploy.core.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Platform} does with routes, and what its contract tests need. A platform with
 * several proxies passes this with each of them.
 */
public abstract class PlatformRouteContract {
  protected static final Permission PERMISSION = new Permission("decision-1", 1);

  protected PlatformWorld world;
  protected Platform platform;

  protected abstract PlatformWorld newWorld() throws Exception;

  protected PlatformRouteContract() {}

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

  /**
   * Starts a workload and waits until all of it is healthy; as in the loop, what has exited (a port
   * that another process was faster to take) is started again.
   */
  protected Workload serve(Workload workload, int replicas) {
    apply(new Effect.StartWorkload(workload, replicas));
    awaitSeen(
        workload + " to be healthy",
        o -> {
          for (int slot = 0; slot < replicas; slot++) {
            if (in(workload, slot, State.EXITED).test(o)) {
              apply(new Effect.StartWorkload(workload, replicas));
              return false;
            }
          }
          return o.find(workload).map(w -> w.healthy(replicas)).orElse(0) == replicas;
        });
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

  protected static Predicate<Observation> in(Workload workload, int slot, State state) {
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
    bring(new Effect.SetRoute(route(a, 2)), routing(route(a, 2)));
    bring(new Effect.RemoveWorkload(b), o -> o.find(b).isEmpty());
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
