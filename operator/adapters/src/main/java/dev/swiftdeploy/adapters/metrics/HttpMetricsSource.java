package dev.swiftdeploy.adapters.metrics;

import dev.swiftdeploy.core.evidence.MetricsSource;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Spec;
import java.net.ProxySelector;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Scrapes {@code GET /metrics} of each instance of the watched workloads in the background, and
 * probes them where the spec says so.
 *
 * <ul>
 *   <li>Every fifth of {@code analysis.interval}, from 1 s to 15 s: see {@link Pace}.
 *   <li>A scrape takes 2 s and 4 MB (after decompression) at most, and is of 20,000 series at most;
 *       beyond that, and for whatever else than 200 and a body that makes sense, it is a failed
 *       scrape, kept with its time and reason.
 *   <li>Probes are {@code GET spec.canary.probe.path} with {@code X-SwiftDeploy-Probe: 1}: {@code
 *       requestsPerSecond} to each workload, its instances taking turns, at most 10 under way to
 *       one instance and none for longer than 10 s. One that got no answer by then counts as an
 *       error.
 * </ul>
 *
 * <p>One for each resource, on threads that they may share. Thread-safe; the threads are daemons,
 * and there are none while nothing is watched.
 */
public final class HttpMetricsSource implements MetricsSource, AutoCloseable {
  private final Clock clock;
  private final Limits limits;
  private final Scraper scraper;
  private final Prober prober;
  private final ScheduledThreadPoolExecutor timer;
  private final Optional<MetricsThreads> own;
  private final Map<Workload, WatchedWorkload> watched = new HashMap<>();
  private Optional<Pace> pace = Optional.empty();
  private Optional<Future<?>> scraping = Optional.empty();
  private Optional<Future<?>> probing = Optional.empty();
  private boolean closed;

  /**
   * Nothing is watched yet, and nothing is started.
   *
   * @param threads shared with other resources' sources; closed after them, by whoever made them
   */
  public HttpMetricsSource(Clock clock, MetricsThreads threads) {
    this(clock, Limits.DEFAULT, threads, Optional.empty(), Optional.empty());
  }

  /** With threads of its own. */
  public HttpMetricsSource(Clock clock) {
    this(clock, Limits.DEFAULT);
  }

  /**
   * The same, where instances can't be reached directly.
   *
   * @param way an HTTP proxy that leads to them
   */
  public HttpMetricsSource(Clock clock, ProxySelector way) {
    this(clock, Limits.DEFAULT, new MetricsThreads(), Optional.of(way));
  }

  HttpMetricsSource(Clock clock, Limits limits) {
    this(clock, limits, new MetricsThreads(), Optional.empty());
  }

  private HttpMetricsSource(
      Clock clock, Limits limits, MetricsThreads own, Optional<ProxySelector> way) {
    this(clock, limits, own, Optional.of(own), way);
  }

  private HttpMetricsSource(
      Clock clock,
      Limits limits,
      MetricsThreads threads,
      Optional<MetricsThreads> own,
      Optional<ProxySelector> way) {
    this.clock = clock;
    this.limits = limits;
    this.scraper = new Scraper(threads, limits, way);
    this.prober = new Prober(threads, limits, way);
    this.timer = threads.timer();
    this.own = own;
  }

  @Override
  public synchronized void watch(List<ObservedWorkload> workloads, Spec spec) {
    if (closed) {
      return;
    }
    List<Workload> wanted = workloads.stream().map(ObservedWorkload::workload).toList();
    boolean candidate = wanted.stream().anyMatch(w -> w.mode() == Mode.CANARY);
    Pace now = Pace.of(spec, limits, candidate);
    watched
        .entrySet()
        .removeIf(
            w -> {
              boolean unwanted = !wanted.contains(w.getKey());
              if (unwanted) {
                w.getValue().drop();
              }
              return unwanted;
            });
    boolean news = !watched.keySet().containsAll(wanted);
    for (ObservedWorkload w : workloads) {
      watched
          .computeIfAbsent(w.workload(), any -> new WatchedWorkload(scraper, prober, clock, now))
          .observe(w, now);
    }
    schedule(now, news);
  }

  /** Anew where something new is watched, so that it is scraped at once, or where the pace is. */
  private void schedule(Pace now, boolean news) {
    boolean other = pace.filter(now::equals).isEmpty();
    if (watched.isEmpty() || news || other) {
      scraping.ifPresent(s -> s.cancel(false));
      scraping = Optional.empty();
    }
    if (watched.isEmpty() || other) {
      probing.ifPresent(p -> p.cancel(false));
      probing = Optional.empty();
    }
    pace = watched.isEmpty() ? Optional.empty() : Optional.of(now);
    if (!watched.isEmpty() && scraping.isEmpty()) {
      scraping = Optional.of(every(now.scrapes(), Duration.ZERO, () -> scrape(now)));
    }
    if (!watched.isEmpty() && probing.isEmpty()) {
      probing = now.probes().map(pause -> every(pause, pause, () -> probe(now)));
    }
  }

  /** With a fixed delay: after a machine's sleep nothing is to be caught up. */
  private Future<?> every(Duration pause, Duration first, Runnable task) {
    return timer.scheduleWithFixedDelay(
        task, first.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void scrape(Pace now) {
    current().forEach(w -> w.scrape(now));
  }

  private void probe(Pace now) {
    now.probe().ifPresent(probe -> current().forEach(w -> w.probe(probe.path())));
  }

  private synchronized List<WatchedWorkload> current() {
    return List.copyOf(watched.values());
  }

  @Override
  public Optional<WorkloadMetrics> read(Workload workload, Instant from) {
    Optional<WatchedWorkload> of;
    synchronized (this) {
      of = Optional.ofNullable(watched.get(workload));
    }
    return of.flatMap(w -> w.read(from));
  }

  /** Ends everything at once, for good. */
  @Override
  public synchronized void close() {
    closed = true;
    scraping.ifPresent(s -> s.cancel(false));
    probing.ifPresent(p -> p.cancel(false));
    watched.values().forEach(WatchedWorkload::drop);
    watched.clear();
    scraper.close();
    prober.close();
    own.ifPresent(MetricsThreads::close);
  }
}
