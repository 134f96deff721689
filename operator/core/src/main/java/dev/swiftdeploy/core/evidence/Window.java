package dev.swiftdeploy.core.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.jspecify.annotations.Nullable;

/**
 * The scrapes of one workload's instances, and what they say of a span of time. Everything is
 * computed from deltas of an instance's own counters: a counter that went back (a reset, a restart)
 * contributes what it shows after that, a series that appears later began at zero, an instance that
 * vanished contributes what it had shown. No negative delta becomes a rate.
 *
 * <p>Not thread-safe.
 */
public final class Window {
  private final Duration kept;
  private final Map<String, Deque<Scrape>> scrapes = new HashMap<>();
  private final Deque<Instant> failures = new ArrayDeque<>();

  /** Keeps scrapes for that long. */
  public Window(Duration kept) {
    this.kept = kept;
  }

  /** Takes a scrape of an instance; one that is not later than its last is passed over. */
  public void add(String instance, Scrape scrape) {
    Deque<Scrape> of = scrapes.computeIfAbsent(instance, i -> new ArrayDeque<>());
    @Nullable Scrape last = of.peekLast();
    if (last == null || scrape.at().isAfter(last.at())) {
      of.addLast(scrape);
    }
    forget(scrape.at().minus(kept));
  }

  /** An instance could not be scraped. */
  public void failed(Instant at) {
    failures.addLast(at);
    forget(at.minus(kept));
  }

  /** One scrape before the span stays: it is the baseline. */
  private void forget(Instant before) {
    for (Deque<Scrape> of : scrapes.values()) {
      while (of.size() > 1 && secondOf(of).at().isBefore(before)) {
        of.removeFirst();
      }
    }
    scrapes.values().removeIf(of -> of.isEmpty() || of.getLast().at().isBefore(before));
    while (!failures.isEmpty() && failures.getFirst().isBefore(before)) {
      failures.removeFirst();
    }
  }

  private static Scrape secondOf(Deque<Scrape> of) {
    var each = of.iterator();
    each.next();
    return each.next();
  }

  /**
   * What happened from {@code from} (no scrape before it counts, not even as a baseline) to now.
   */
  public WorkloadMetrics read(Instant from) {
    Sum sum = new Sum();
    scrapes.values().forEach(of -> sum.add(of, from));
    int failed = (int) failures.stream().filter(f -> !f.isBefore(from)).count();
    return sum.metrics(failed);
  }

  /** Adds up instances. */
  private static final class Sum {
    private final TreeMap<Double, Double> buckets = new TreeMap<>();
    private final List<Instant> times = new ArrayList<>();
    private double requests;
    private double probes;
    private double errors;
    private int restarts;
    private int instances;

    void add(Deque<Scrape> of, Instant from) {
      List<Scrape> span = of.stream().filter(s -> !s.at().isBefore(from)).toList();
      if (span.isEmpty()) {
        return;
      }
      instances++;
      Scrape first = span.get(0);
      times.add(first.at());
      times.add(span.get(span.size() - 1).at());
      if (bornIn(first, from)) {
        first.counters().forEach((series, value) -> count(series, value)); // it began at zero
      }
      for (int i = 1; i < span.size(); i++) {
        step(span.get(i - 1), span.get(i));
      }
    }

    private static boolean bornIn(Scrape first, Instant from) {
      return first.uptime().map(up -> !first.at().minus(up).isBefore(from)).orElse(false);
    }

    private void step(Scrape before, Scrape after) {
      boolean restarted =
          before.uptime().isPresent()
              && after.uptime().isPresent()
              && after.uptime().get().compareTo(before.uptime().get()) < 0;
      if (restarted) {
        restarts++;
      }
      after
          .counters()
          .forEach(
              (series, value) -> {
                double was = restarted ? 0 : before.counters().getOrDefault(series, 0.0);
                count(series, value >= was ? value - was : value);
              });
    }

    private void count(Series series, double delta) {
      switch (series.metric()) {
        case Scrape.REQUESTS, Scrape.PROBES -> {
          if (series.metric().equals(Scrape.REQUESTS)) {
            requests += delta;
          } else {
            probes += delta;
          }
          if (series.label("status_code").startsWith("5")) {
            errors += delta;
          }
        }
        case Scrape.DURATIONS, Scrape.PROBE_DURATIONS ->
            Exposition.number(series.label("le"))
                .ifPresent(le -> buckets.merge(le, delta, Double::sum));
        default -> throw new IllegalStateException("not a counter: " + series.metric());
      }
    }

    WorkloadMetrics metrics(int failed) {
      double all = requests + probes;
      Quantiles quantiles = new Quantiles(buckets);
      Quantiles.Quantile p99 = quantiles.at(0.99);
      return new WorkloadMetrics(
          requests,
          probes,
          errors,
          all > 0 ? Double.valueOf(errors / all) : null,
          all > 0 ? Double.valueOf(upperBound(errors, all)) : null,
          millis(quantiles.at(0.5)),
          millis(quantiles.at(0.95)),
          millis(p99),
          p99.inLastBucket(),
          restarts,
          seconds(),
          failed,
          instances);
    }

    private double seconds() {
      return times.stream()
          .min(Instant::compareTo)
          .map(first -> Duration.between(first, times.stream().max(Instant::compareTo).get()))
          .map(d -> d.toMillis() / 1000.0)
          .orElse(0.0);
    }

    private static @Nullable Double millis(Quantiles.Quantile quantile) {
      return Double.isNaN(quantile.seconds()) ? null : Double.valueOf(quantile.seconds() * 1000);
    }

    /** Clopper and Pearson, Biometrika 26 (1934): exact, one-sided. */
    private static double upperBound(double errors, double all) {
      double k = Math.min(errors, all);
      return k >= all ? 1 : BetaDistribution.of(k + 1, all - k).inverseCumulativeProbability(0.95);
    }
  }
}
