package dev.swiftdeploy.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.evidence.FakeService;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many resources' sources on the same threads: none is the others' trouble. */
@Timeout(120)
class MetricsThreadsTest {
  private static final Workload STABLE = Workload.of("stable-00aa11bb22cc");

  private final MetricsThreads threads = new MetricsThreads();
  private final HttpWorld world = new HttpWorld();
  private final List<HttpMetricsSource> sources = new ArrayList<>();
  private final List<RawServer> servers = new ArrayList<>();

  @AfterEach
  void close() {
    sources.forEach(HttpMetricsSource::close);
    threads.close();
    servers.forEach(RawServer::close);
    world.close();
  }

  private HttpMetricsSource source(String... addresses) {
    HttpMetricsSource source = new HttpMetricsSource(Clock.systemUTC(), threads);
    sources.add(source);
    source.watch(
        List.of(
            new ObservedWorkload(
                STABLE,
                IntStream.range(0, addresses.length)
                    .mapToObj(
                        slot ->
                            new Instance(
                                slot,
                                Instance.State.HEALTHY,
                                Optional.of(addresses[slot]),
                                0,
                                Optional.empty(),
                                Optional.empty()))
                    .toList())),
        Specs.probed(Optional.empty()));
    return source;
  }

  private String healthy() {
    FakeService service = world.service();
    return world.listen(service);
  }

  private static void reads(HttpMetricsSource source) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                source.read(STABLE, Instant.EPOCH).filter(m -> m.windowSeconds() > 0).isPresent());
  }

  @Test
  void oneWhoseInstancesHangHoldsUpNoOther() {
    RawServer hanging = new RawServer((server, out) -> out.untilGone());
    servers.add(hanging);
    String[] many = new String[40];
    Arrays.fill(many, hanging.address());
    source(many);
    await().atMost(Duration.ofSeconds(30)).until(() -> hanging.open() >= 10);

    reads(source(healthy()));
  }

  @Test
  void oneThatIsClosedLeavesTheOthers() {
    HttpMetricsSource first = source(healthy());
    HttpMetricsSource second = source(healthy());
    reads(first);

    first.close();
    Instant closed = Instant.now();

    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> second.read(STABLE, closed).filter(m -> m.windowSeconds() > 0).isPresent());
    assertThat(first.read(STABLE, Instant.EPOCH)).isEmpty();
  }

  @Test
  void aHundredNeedNoTimerEach() {
    String address = healthy();
    for (int i = 0; i < 100; i++) {
      source(address);
    }
    sources.forEach(MetricsThreadsTest::reads);

    await().atMost(Duration.ofSeconds(30)).until(() -> timers() <= 2); // of tests before it, too
  }

  private static long timers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("swiftdeploy-metrics-"))
        .count();
  }
}
