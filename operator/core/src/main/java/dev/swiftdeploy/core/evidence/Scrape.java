package dev.swiftdeploy.core.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What one instance said of itself at one time: its counters, and how long it had been up.
 *
 * @param counters cumulative values, each a number that a counter can have
 * @param uptime by {@code app_uptime_seconds}; a restart shows in it even where counters hide it
 * @param chaos by {@code chaos_active}: 0 none, above it some
 */
public record Scrape(
    Instant at, Map<Series, Double> counters, Optional<Duration> uptime, OptionalDouble chaos)
    implements ScrapeResult {
  /** Requests of people. */
  public static final String REQUESTS = "http_requests_total";

  /** Requests of SwiftDeploy's own probe, where a workload counts them apart. */
  public static final String PROBES = "http_probe_requests_total";

  static final String DURATIONS = "http_request_duration_seconds_bucket";
  static final String PROBE_DURATIONS = "http_probe_request_duration_seconds_bucket";
  private static final String UPTIME = "app_uptime_seconds";
  private static final String CHAOS = "chaos_active";

  /** The metrics that are read; see section 7 of the design. */
  public static final Set<String> METRICS =
      Set.of(REQUESTS, PROBES, DURATIONS, PROBE_DURATIONS, UPTIME, CHAOS);

  /** From here on not every whole number is a double: such a counter no longer counts. */
  private static final double TOO_LARGE = 0x1p53;

  /** How many bounds the histograms of one instance may have, all of them together. */
  private static final int MOST_BOUNDS = 1_000;

  public Scrape {
    counters = Map.copyOf(counters);
  }

  /**
   * Takes what counts. Where something that we judge by makes no sense (a counter that is NaN,
   * negative or infinite, a bucket without a bound), the whole scrape has failed: leaving it out
   * would make a rate of errors of zero out of one that nobody knows.
   *
   * @param uncounted paths of health and metrics, which are not the service's work
   */
  public static ScrapeResult of(Instant at, Exposition exposition, Set<String> uncounted) {
    if (exposition.fault().isPresent()) {
      return new FailedScrape(at, exposition.fault().get());
    }
    if (exposition.empty()) {
      return new FailedScrape(at, "no metrics in what it sent");
    }
    Map<Series, Double> counters = new HashMap<>();
    Set<Double> bounds = new HashSet<>();
    Optional<Duration> uptime = Optional.empty();
    OptionalDouble chaos = OptionalDouble.empty();
    for (Map.Entry<Series, Double> sample : exposition.samples().entrySet()) {
      Series series = sample.getKey();
      double value = sample.getValue();
      boolean sound = value >= 0 && value < TOO_LARGE;
      switch (series.metric()) {
        case UPTIME ->
            uptime = sound ? Optional.of(Duration.ofNanos((long) (value * 1e9))) : uptime;
        case CHAOS -> chaos = sound ? OptionalDouble.of(value) : chaos;
        default -> {
          if (uncounted.contains(series.label("path"))) {
            continue;
          }
          if (!sound) {
            return new FailedScrape(at, series.metric() + " is " + kind(value));
          }
          if (isBucket(series)) {
            double bound = bound(series);
            if (Double.isNaN(bound)) {
              return new FailedScrape(at, series.metric() + " has a bucket without a bound");
            }
            bounds.add(bound);
          }
          counters.put(series, value);
        }
      }
    }
    return bounds.size() > MOST_BOUNDS
        ? new FailedScrape(at, "histograms with more than " + MOST_BOUNDS + " bounds")
        : new Scrape(at, counters, uptime, chaos);
  }

  private static String kind(double value) {
    return Double.isNaN(value)
        ? "not a number"
        : value < 0 ? "negative" : "larger than a counter can be";
  }

  static boolean isBucket(Series series) {
    return series.metric().equals(DURATIONS) || series.metric().equals(PROBE_DURATIONS);
  }

  /** A bucket's upper bound in seconds; NaN where it has none that makes sense. */
  static double bound(Series bucket) {
    double bound = Exposition.number(bucket.label("le")).orElse(Double.NaN);
    return bound == Double.NEGATIVE_INFINITY ? Double.NaN : bound;
  }
}
