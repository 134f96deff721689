package dev.swiftdeploy.adapters.metrics;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.ConnectionPool;

/**
 * The threads and connections of all {@link HttpMetricsSource}s of a process, so that hundreds of
 * resources need no more threads than one. How many requests a source has under way is its own
 * bound, so that one whose instances hang holds up no other: a hanging scrape is over in 2 s, and
 * there are threads for those of four such sources. A probe may take longer, and has a thread for
 * itself.
 *
 * <p>Thread-safe; its threads are daemons and end when idle for 10 s.
 */
public final class MetricsThreads implements AutoCloseable {
  private static final int IDLE_SECONDS = 10;

  /** What is scheduled only begins requests. */
  private static final int TIMERS = 2;

  private static final int SCRAPES_AT_ONCE = 64;
  private static final int CONNECTIONS_KEPT = 512;

  private final ScheduledThreadPoolExecutor timer;
  private final ThreadPoolExecutor scrapes;
  private final ThreadPoolExecutor probes;
  private final ConnectionPool connections =
      new ConnectionPool(CONNECTIONS_KEPT, IDLE_SECONDS, TimeUnit.SECONDS);

  /** Nothing is started yet. */
  public MetricsThreads() {
    timer = new ScheduledThreadPoolExecutor(TIMERS, daemons("metrics"));
    timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setRemoveOnCancelPolicy(true);
    scrapes =
        new ThreadPoolExecutor(
            SCRAPES_AT_ONCE,
            SCRAPES_AT_ONCE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            daemons("scrape"));
    scrapes.allowCoreThreadTimeOut(true);
    probes =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE, // each source's dispatcher is the bound
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            daemons("probe"));
  }

  private static ThreadFactory daemons(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "swiftdeploy-" + name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  ScheduledThreadPoolExecutor timer() {
    return timer;
  }

  ExecutorService scrapes() {
    return scrapes;
  }

  ExecutorService probes() {
    return probes;
  }

  ConnectionPool connections() {
    return connections;
  }

  /** After the sources that use them. */
  @Override
  public void close() {
    timer.shutdownNow();
    scrapes.shutdown();
    probes.shutdown();
    connections.evictAll();
  }
}
