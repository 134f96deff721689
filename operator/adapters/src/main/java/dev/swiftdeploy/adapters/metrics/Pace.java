package dev.swiftdeploy.adapters.metrics;

import dev.swiftdeploy.core.spec.Spec;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How often is scraped and probed, and what counts: what the spec says, made good for evidence.
 *
 * @param scrapes from one to the next
 * @param kept how long a scrape is of use
 * @param uncounted paths that are not the service's work
 */
record Pace(Duration scrapes, Duration kept, Set<String> uncounted, Optional<Spec.Probe> probe) {
  private static final int SCRAPES_PER_INTERVAL = 5;
  private static final int SCRAPES_PER_WINDOW_AT_LEAST = 4;
  private static final int SCRAPES_PER_WINDOW_AT_MOST = 300;

  /** Clocks differ, and a read comes after its time was taken. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /** Of the sample service: orders of chaos are not its work. */
  private static final String CHAOS = "/chaos";

  Pace {
    uncounted = Set.copyOf(uncounted);
  }

  /**
   * A window begins with the first scrape after the step, and ends with the last before the review:
   * each of these costs up to one pause, so pauses are short: a fifth of {@code analysis.interval},
   * from 1 s to 15 s. A short window (below 4 s) is scraped more often, a long one (above 5 min) at
   * most 300 times, so that what is kept of an instance stays small.
   *
   * @param candidate whether there is one
   */
  static Pace of(Spec spec, Limits limits, boolean candidate) {
    Duration window = spec.canary().analysisWindow();
    Duration pause = spec.canary().analysisInterval().dividedBy(SCRAPES_PER_INTERVAL);
    pause = most(least(pause, limits.slowest()), limits.fastest());
    pause = least(pause, most(window.dividedBy(SCRAPES_PER_WINDOW_AT_LEAST), limits.everAt()));
    pause = most(pause, window.dividedBy(SCRAPES_PER_WINDOW_AT_MOST));
    return new Pace(
        pause,
        window.plus(pause.multipliedBy(2)).plus(MARGIN),
        Set.of(spec.services().health().path().value(), Scraper.PATH, CHAOS),
        candidate ? spec.canary().candidateProbe() : spec.canary().probe());
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration most(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** Between two probes of a workload. */
  Optional<Duration> probes() {
    return probe.map(p -> Duration.ofNanos(Math.max(1, (long) (1e9 / p.requestsPerSecond()))));
  }
}
