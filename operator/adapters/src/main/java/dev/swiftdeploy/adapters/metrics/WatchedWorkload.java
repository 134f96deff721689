package dev.swiftdeploy.adapters.metrics;

import dev.swiftdeploy.core.evidence.ScrapeResult;
import dev.swiftdeploy.core.evidence.Window;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.spec.HttpPath;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One workload while it is watched: its instances and its window. Thread-safe. */
final class WatchedWorkload {
  private final Scraper scraper;
  private final Prober prober;
  private final Clock clock;
  private final Window window;
  private final Map<Integer, Target> targets = new HashMap<>();
  private List<Reachable> reachable = List.of();
  private int turn;
  private boolean dropped;

  /** An instance that runs, where it is now. */
  private record Reachable(Target target, String address) {}

  WatchedWorkload(Scraper scraper, Prober prober, Clock clock, Pace pace) {
    this.scraper = scraper;
    this.prober = prober;
    this.clock = clock;
    this.window = new Window(pace.kept());
  }

  synchronized void observe(ObservedWorkload observed, Pace pace) {
    window.keep(pace.kept());
    reachable =
        observed.instances().stream()
            .filter(WatchedWorkload::runs)
            .map(
                i ->
                    new Reachable(
                        targets.computeIfAbsent(i.slot(), Target::new), i.address().orElseThrow()))
            .toList();
  }

  private static boolean runs(Instance i) {
    return i.address().isPresent()
        && (i.state() == Instance.State.HEALTHY || i.state() == Instance.State.UNHEALTHY);
  }

  synchronized Optional<WorkloadMetrics> read(Instant from) {
    return window.read(from);
  }

  /** Begins a scrape of each instance, unless one is under way. */
  synchronized void scrape(Pace pace) {
    for (Reachable r : reachable) {
      if (r.target.scraping.compareAndSet(false, true)) {
        Instant at = clock.instant();
        scraper.scrape(this, r.address, at, pace.uncounted(), result -> scraped(r.target, result));
      }
    }
  }

  /** The window takes it before the next scrape of the instance can begin. */
  private synchronized void scraped(Target target, ScrapeResult result) {
    if (!dropped) {
      window.add(target.key(), result);
    }
    target.scraping.set(false);
  }

  /** Sends one probe, to the instance whose turn it is; the next one's where that is too slow. */
  synchronized void probe(HttpPath path) {
    for (int tried = 0; tried < reachable.size(); tried++) {
      turn = (turn + 1) % reachable.size();
      Reachable r = reachable.get(turn);
      if (prober.probe(this, r.target, r.address, path, this::unanswered)) {
        return;
      }
    }
  }

  private synchronized void unanswered() {
    if (!dropped) {
      window.addUnansweredProbe(clock.instant());
    }
  }

  /** Nothing is kept, and what is under way ends at once. */
  synchronized void drop() {
    dropped = true;
    reachable = List.of();
    scraper.cancel(this);
    prober.cancel(this);
  }
}
