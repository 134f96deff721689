package dev.swiftdeploy.core.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.jspecify.annotations.Nullable;

/**
 * What one workload's instances told of themselves, and what that says of a span of time.
 * Everything is computed from deltas of an instance's own counters, as Prometheus does ({@code
 * increase}, without its extrapolation to the ends of the span), and with what {@code
 * app_uptime_seconds} tells beyond it:
 *
 * <ul>
 *   <li>a counter that went back was reset: it contributes what it shows after that;
 *   <li>an instance that was restarted began at zero, whether its counters show it or not;
 *   <li>a series that appears later began at zero;
 *   <li>an instance that was born in the span began at zero; of one whose birth is earlier or not
 *       known, the first scrape in the span is the baseline;
 *   <li>an instance that vanished contributes what it had shown.
 * </ul>
 *
 * <p>No negative delta becomes a rate. Where the clock was set back, what was known before is
 * forgotten: it would stand in the future.
 *
 * <p>Not thread-safe.
 */
public final class Window {
  private Duration kept;
  private final Map<String, InstanceWindow> instances = new HashMap<>();
  private final Deque<FailedScrape> failures = new ArrayDeque<>();
  private final Deque<Instant> unanswered = new ArrayDeque<>();

  /** Keeps what is not older than that. */
  public Window(Duration kept) {
    this.kept = kept;
  }

  /** From now on keeps what is not older than that; what is already forgotten stays so. */
  public void keep(Duration age) {
    kept = age;
  }

  /** Takes what came of a scrape; a second one of the same instance and time is passed over. */
  public void add(String instance, ScrapeResult result) {
    Optional<Instant> lastAt =
        Optional.ofNullable(instances.get(instance)).flatMap(InstanceWindow::lastAt);
    if (lastAt.filter(result.at()::isBefore).isPresent()) {
      instances.clear();
      failures.clear();
      unanswered.clear();
    } else if (lastAt.filter(result.at()::equals).isPresent()) {
      return;
    }
    if (result instanceof Scrape scrape) {
      instances.computeIfAbsent(instance, i -> new InstanceWindow()).add(scrape);
    } else if (result instanceof FailedScrape failed) {
      failures.addLast(failed);
    }
    forget(result.at().minus(kept));
  }

  /** Takes that a probe got no answer, and was given up at that time. */
  public void addUnansweredProbe(Instant at) {
    unanswered.addLast(at);
    forget(at.minus(kept));
  }

  private void forget(Instant before) {
    instances.values().removeIf(i -> i.forget(before));
    while (!failures.isEmpty() && failures.getFirst().at().isBefore(before)) {
      failures.removeFirst();
    }
    while (!unanswered.isEmpty() && unanswered.getFirst().isBefore(before)) {
      unanswered.removeFirst();
    }
  }

  /**
   * What happened from {@code from} to the latest scrape. Nothing earlier counts, not even as a
   * baseline: the first scrape at {@code from} or later is.
   *
   * @return empty if nothing is known at all, of any time
   */
  public Optional<WorkloadMetrics> read(Instant from) {
    if (instances.isEmpty() && failures.isEmpty() && unanswered.isEmpty()) {
      return Optional.empty();
    }
    Sum sum = new Sum(from);
    instances.values().forEach(sum::add);
    failures.forEach(sum::add);
    sum.unanswered((int) unanswered.stream().filter(at -> !at.isBefore(from)).count());
    return Optional.of(sum.metrics());
  }

  /** Adds up instances. */
  private static final class Sum {
    private static final double MANY = 1e9;

    private final Instant from;
    private final TreeMap<Double, Double> buckets = new TreeMap<>();
    private double requests;
    private double probes;
    private int unanswered;
    private double errors;
    private double unlabelled;
    private int restarts;
    private int resets;
    private int read;
    private int failed;
    private Instant begin = Instant.MAX;
    private Instant end = Instant.MIN;
    private OptionalDouble chaos = OptionalDouble.empty();
    private @Nullable FailedScrape failure;

    Sum(Instant from) {
      this.from = from;
    }

    void add(InstanceWindow instance) {
      Optional<Delta> latest = Optional.empty();
      for (Delta delta : instance.deltas()) {
        if (!delta.to().isBefore(from)) {
          latest = Optional.of(delta);
          add(delta);
        }
      }
      if (latest.isPresent()) {
        read++;
        latest
            .get()
            .chaos()
            .ifPresent(c -> chaos = OptionalDouble.of(Math.max(c, chaos.orElse(c))));
      }
    }

    /** A delta that began earlier counts for nothing, but the scrape at its end is a baseline. */
    private void add(Delta delta) {
      boolean within = !delta.from().isBefore(from);
      Instant start = within ? delta.from() : delta.to();
      begin = start.isBefore(begin) ? start : begin;
      end = delta.to().isAfter(end) ? delta.to() : end;
      if (!within) {
        return;
      }
      requests += delta.requests();
      probes += delta.probes();
      errors += delta.errors();
      unlabelled += delta.unlabelled();
      restarts += delta.restarted() ? 1 : 0;
      resets += delta.reset() ? 1 : 0;
      delta.buckets().addTo(buckets);
    }

    void add(FailedScrape scrape) {
      if (!scrape.at().isBefore(from)) {
        failed++;
        failure = failure == null || !scrape.at().isBefore(failure.at()) ? scrape : failure;
      }
    }

    /** No answer is an error that the workload can't count. */
    void unanswered(int probesGivenUp) {
      unanswered += probesGivenUp;
      probes += probesGivenUp;
      errors += probesGivenUp;
    }

    WorkloadMetrics metrics() {
      boolean known = read > 0 || failed == 0;
      double all = requests + probes;
      boolean rated = known && all > 0 && unlabelled == 0;
      Quantiles quantiles = new Quantiles(buckets);
      Quantiles.Quantile p99 = quantiles.at(0.99);
      return new WorkloadMetrics(
          known ? Double.valueOf(requests) : null,
          known ? Double.valueOf(probes) : null,
          unanswered,
          known && unlabelled == 0 ? Double.valueOf(errors) : null,
          rated ? Double.valueOf(errors / all) : null,
          rated ? Double.valueOf(upperBound(errors, all)) : null,
          millis(quantiles.at(0.5)),
          millis(quantiles.at(0.95)),
          millis(p99),
          p99.inLastBucket(),
          restarts,
          resets,
          read > 0 ? Duration.between(begin, end).toMillis() / 1000.0 : 0,
          failed,
          failure == null ? null : failure.why(),
          read,
          chaos.isPresent() ? Double.valueOf(chaos.getAsDouble()) : null);
    }

    private static @Nullable Double millis(Quantiles.Quantile quantile) {
      return Double.isNaN(quantile.seconds()) ? null : Double.valueOf(quantile.seconds() * 1000);
    }

    /**
     * Clopper and Pearson, Biometrika 26 (1934): exact, one-sided. Of more than {@link #MANY}
     * requests the share is taken as if it were of that many: a bound all the same, wider by less
     * than 0.00003, and within what the inverse of the beta distribution converges for.
     */
    private static double upperBound(double errors, double all) {
      double trials = Math.min(Math.floor(all), MANY);
      double failures = Math.ceil(errors * (trials / all));
      return failures >= trials
          ? 1
          : BetaDistribution.of(failures + 1, trials - failures).inverseCumulativeProbability(0.95);
    }
  }
}
