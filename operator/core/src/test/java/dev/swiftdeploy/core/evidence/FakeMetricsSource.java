package dev.swiftdeploy.core.evidence;

import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads services in memory, on a clock that the test moves. Obeys {@code MetricsSourceContract}:
 * windows, failures and probes are the real thing, only HTTP and timers are not there. Each {@link
 * #tick} is a round of scrapes, and of as many probes as are due since the one before.
 */
public final class FakeMetricsSource implements MetricsSource {
  private final Clock clock;
  private final Map<String, FakeService> services = new HashMap<>();
  private final Map<Workload, Window> windows = new HashMap<>();
  private List<ObservedWorkload> watched = List.of();
  private Optional<Spec> spec = Optional.empty();
  private Instant ticked;
  private double due;

  public FakeMetricsSource(Clock clock) {
    this.clock = clock;
    this.ticked = clock.instant();
  }

  /** A service listens at an address ({@code host:port}) from now on. */
  public void serve(String address, FakeService service) {
    services.put(address, service);
  }

  /** Nothing listens there any more. */
  public void stop(String address) {
    services.remove(address);
  }

  @Override
  public void watch(List<ObservedWorkload> workloads, Spec newSpec) {
    watched = List.copyOf(workloads);
    spec = Optional.of(newSpec);
    windows.keySet().retainAll(watched.stream().map(ObservedWorkload::workload).toList());
    for (ObservedWorkload w : watched) {
      windows.computeIfAbsent(
          w.workload(),
          any -> new Window(newSpec.canary().analysisWindow().plus(Duration.ofSeconds(10))));
    }
  }

  @Override
  public Optional<WorkloadMetrics> read(Workload workload, Instant from) {
    return Optional.ofNullable(windows.get(workload)).flatMap(w -> w.read(from));
  }

  /** Sends the probes that are due, then scrapes every instance that is watched and runs. */
  public void tick() {
    Instant now = clock.instant();
    double seconds = Math.max(0, Duration.between(ticked, now).toMillis() / 1000.0);
    ticked = now;
    Optional<Spec.Probe> probe = spec.flatMap(s -> s.canary().probe());
    due += probe.map(Spec.Probe::requestsPerSecond).orElse(0.0) * seconds;
    int probes = (int) due;
    due -= probes;
    for (ObservedWorkload w : watched) {
      List<Instance> running = w.instances().stream().filter(FakeMetricsSource::runs).toList();
      for (int i = 0; i < probes && !running.isEmpty(); i++) {
        Optional<FakeService> at = at(running.get(i % running.size()));
        at.ifPresent(s -> s.request(probe.orElseThrow().path().value(), true));
      }
      running.forEach(i -> scrape(windows.get(w.workload()), i, now));
    }
  }

  private static boolean runs(Instance i) {
    return i.address().isPresent()
        && (i.state() == Instance.State.HEALTHY || i.state() == Instance.State.UNHEALTHY);
  }

  private Optional<FakeService> at(Instance instance) {
    return instance.address().map(services::get);
  }

  private void scrape(Window window, Instance instance, Instant now) {
    Set<String> uncounted =
        Set.of("/metrics", "/chaos", spec.orElseThrow().services().health().path().value());
    ScrapeResult result =
        at(instance)
            .flatMap(FakeService::metrics)
            .map(text -> Scrape.of(now, Exposition.parse(text, Scrape.METRICS), uncounted))
            .orElse(new FailedScrape(now, "no answer"));
    window.add(String.valueOf(instance.slot()), result);
  }
}
