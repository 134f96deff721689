package dev.swiftdeploy.core.evidence;

import java.time.Instant;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What one instance did between two of its scrapes, or between its birth and its first.
 *
 * @param from no part of it is earlier
 * @param to the later scrape
 * @param requests of people
 * @param probes of the probe
 * @param errors of both, answered with 5xx
 * @param unlabelled of both, without a label that says how they were answered
 * @param restarted whether the instance began anew in between
 * @param reset whether a counter went back although it did not
 * @param chaos at the later scrape
 */
record Delta(
    Instant from,
    Instant to,
    double requests,
    double probes,
    double errors,
    double unlabelled,
    Buckets buckets,
    boolean restarted,
    boolean reset,
    OptionalDouble chaos) {

  /** Adds up series. */
  static final class Sum {
    private final TreeMap<Double, Double> buckets = new TreeMap<>();
    private double requests;
    private double probes;
    private double errors;
    private double unlabelled;
    private boolean reset;

    /**
     * Takes one counter.
     *
     * @param was its value before; where it went back it began anew, and what it shows is what it
     *     counted since. So no delta is negative.
     */
    void add(Series series, double was, double is) {
      reset |= is < was;
      double delta = is >= was ? is - was : is;
      if (Scrape.isBucket(series)) {
        buckets.merge(Scrape.bound(series), delta, Double::sum);
        return;
      }
      if (series.metric().equals(Scrape.REQUESTS)) {
        requests += delta;
      } else {
        probes += delta;
      }
      String status = series.label("status_code");
      if (status.startsWith("5")) {
        errors += delta;
      } else if (status.isEmpty()) {
        unlabelled += delta;
      }
    }

    Delta between(Instant from, Scrape to, boolean restarted, Buckets like) {
      return new Delta(
          from,
          to.at(),
          requests,
          probes,
          errors,
          unlabelled,
          Buckets.of(buckets, like),
          restarted,
          reset,
          to.chaos());
    }
  }
}
