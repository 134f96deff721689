package dev.swiftdeploy.core.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one instance said of itself at one time: its counters, and how long it had been up.
 *
 * @param counters cumulative values; those that no counter can have (NaN, negative, infinite) are
 *     left out
 * @param uptime by {@code app_uptime_seconds}; a restart shows in it even where counters hide it
 */
public record Scrape(Instant at, Map<Series, Double> counters, Optional<Duration> uptime) {
  /** Requests of people. */
  public static final String REQUESTS = "http_requests_total";

  /** Requests of SwiftDeploy's own probe, where a workload counts them apart. */
  public static final String PROBES = "http_probe_requests_total";

  static final String DURATIONS = "http_request_duration_seconds_bucket";
  static final String PROBE_DURATIONS = "http_probe_request_duration_seconds_bucket";
  private static final String UPTIME = "app_uptime_seconds";

  /** The metrics that are read; see {@code docs} and section 7 of the design. */
  public static final Set<String> METRICS =
      Set.of(REQUESTS, PROBES, DURATIONS, PROBE_DURATIONS, UPTIME);

  public Scrape {
    counters = Map.copyOf(counters);
  }

  /**
   * Takes what counts.
   *
   * @param uncounted paths of health and metrics, which are not the service's work
   */
  public static Scrape of(Instant at, Exposition exposition, Set<String> uncounted) {
    Map<Series, Double> counters = new HashMap<>();
    Optional<Duration> uptime = Optional.empty();
    for (Map.Entry<Series, Double> sample : exposition.samples().entrySet()) {
      Series series = sample.getKey();
      double value = sample.getValue();
      boolean sound = Double.isFinite(value) && value >= 0;
      if (series.metric().equals(UPTIME)) {
        uptime = sound ? Optional.of(Duration.ofMillis((long) (value * 1000))) : uptime;
      } else if (sound && !uncounted.contains(series.label("path"))) {
        counters.put(series, value);
      }
    }
    return new Scrape(at, counters, uptime);
  }
}
