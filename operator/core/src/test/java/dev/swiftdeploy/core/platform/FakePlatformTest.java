package dev.swiftdeploy.core.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.release.InMemoryReleaseStore;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class FakePlatformTest extends PlatformRestartContract {

  @Override
  protected PlatformWorld newWorld() {
    return new FakeWorld();
  }

  private static final class FakeWorld implements PlatformWorld {
    private final VirtualClock clock = new VirtualClock();
    private final InMemoryReleaseStore releases = new InMemoryReleaseStore();
    private final FakePlatform machine = new FakePlatform(clock, releases);

    @Override
    public Platform open() {
      return machine;
    }

    private Release release(String version, RestartPolicy policy) {
      Release release =
          new Release(
              ImageReference.of("app:1"),
              Optional.empty(),
              Version.of(version),
              List.of(),
              List.of(),
              Spec.Defaults.SERVICE_PORT,
              new TreeMap<>(),
              new TreeMap<>(),
              Spec.Defaults.HEALTH,
              policy);
      releases.put(release);
      return release;
    }

    @Override
    public Release healthy(String version) {
      return release(version, RestartPolicy.UNLESS_STOPPED);
    }

    @Override
    public Release neverHealthy() {
      Release release = release("never", RestartPolicy.UNLESS_STOPPED);
      machine.neverHealthy(release.id());
      return release;
    }

    @Override
    public Release ending(int code, RestartPolicy policy) {
      Release release = release("ends" + code, policy);
      machine.ends(release.id(), code);
      return release;
    }

    @Override
    public ReleaseId unknown() {
      return ReleaseId.of("000000000000");
    }

    @Override
    public ProxySettings settings() {
      return new ProxySettings(
          "demo",
          Spec.Defaults.NGINX_IMAGE,
          Spec.Defaults.NGINX_PORT,
          Spec.Defaults.PROXY_TIMEOUT,
          Spec.Defaults.DRAIN_TIMEOUT,
          Optional.empty(),
          Optional.empty(),
          Spec.Defaults.NETWORK);
    }

    @Override
    public void kill(Workload workload, int slot) {
      machine.kill(workload, slot);
    }

    @Override
    public void hang(Workload workload, int slot) {
      machine.hang(workload, slot);
    }

    @Override
    public Instant now() {
      return clock.instant();
    }

    @Override
    public void await(String what, BooleanSupplier condition) {
      for (int i = 0; i < 1200; i++) {
        if (condition.getAsBoolean()) {
          return;
        }
        clock.advance(Duration.ofMillis(100));
      }
      throw new AssertionError("two minutes passed without " + what);
    }

    @Override
    public void close() {}
  }

  private FakePlatform fake() {
    return (FakePlatform) platform;
  }

  @Test
  void aRefusedEffectIsNotBroughtAbout() {
    Workload workload = stable(world.healthy("1"));
    fake().refuse(e -> e instanceof Effect.StartWorkload);

    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> apply(new Effect.StartWorkload(workload, 1)))
        .isInstanceOf(PlatformException.class);

    assertThat(platform.observe().nothing()).isTrue();
    assertThat(fake().applied()).isEmpty();
    fake().refuseNothing();
    serve(workload, 1);
    assertThat(fake().appliedTexts()).containsExactly("start " + workload + " (1 replica)");
    assertThat(fake().applied().get(0).permission()).isEqualTo(PERMISSION);
  }

  @Test
  void itServesWhileEveryBackendWithWeightAnswers() {
    Workload a = serve(stable(world.healthy("1")), 1);
    assertThat(fake().serves()).isFalse();
    apply(new Effect.SetRoute(route(a, 1)));
    assertThat(fake().serves()).isTrue();

    fake().hang(a, 0);
    assertThat(fake().serves()).isFalse();
    fake().answer(a, 0);
    fake().killProxy();
    assertThat(fake().serves()).isFalse();
    apply(new Effect.SetRoute(route(a, 1)));
    assertThat(fake().serves()).isTrue();
  }

  @Test
  void aProxyThatWasEditedIsSeen() {
    Workload a = serve(stable(world.healthy("1")), 1);
    apply(new Effect.SetRoute(route(a, 1)));

    fake().editProxy();

    assertThat(platform.observe().route().orElseThrow().route()).isEmpty();
    apply(new Effect.SetRoute(route(a, 1)));
    assertThat(routing(route(a, 1))).accepts(platform.observe());
  }

  @Test
  void anInstanceThatMovedMakesTheRouteStale() {
    Workload a = serve(stable(world.healthy("1")), 1);
    apply(new Effect.SetRoute(route(a, 1)));
    fake().portsMove(true);
    fake().kill(a, 0);
    awaitSeen(
        "the back-off",
        o -> o.workloads().get(0).instances().get(0).state() == Instance.State.EXITED);

    serve(a, 1);

    assertThat(platform.observe().route().orElseThrow().current()).isFalse();
    assertThat(fake().serves()).isFalse();
  }

  @Test
  void theBackOffDoublesToHalfAMinute() {
    Workload a = stable(world.ending(1, RestartPolicy.ALWAYS));
    List<Long> seconds = new java.util.ArrayList<>();
    for (int i = 0; i < 7; i++) {
      apply(new Effect.StartWorkload(a, 1));
      Instant ended = world.now().plusSeconds(1);
      awaitSeen(
          "the back-off",
          o -> o.workloads().get(0).instances().get(0).state() == Instance.State.EXITED);
      seconds.add(Duration.between(ended, world.now()).toSeconds());
    }
    assertThat(seconds).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
  }
}
