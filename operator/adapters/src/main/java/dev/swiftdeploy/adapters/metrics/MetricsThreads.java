package dev.swiftdeploy.adapters.metrics;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.ConnectionPool;

/**
 * The threads and connections of all {@link HttpMetricsSource}s of a process, so that a hundred
 * resources need no more threads than there are requests under way. How many those may be is each
 * source's own affair: one whose instances hang holds up no other.
 *
 * <p>Thread-safe; its threads are daemons and end when idle for 10 s.
 */
public final class MetricsThreads implements AutoCloseable {
  private static final int IDLE_SECONDS = 10;

  /** What is scheduled only begins requests. */
  private static final int TIMERS = 2;

  private static final int CONNECTIONS_KEPT = 512;

  private final ScheduledThreadPoolExecutor timer;
  private final ThreadPoolExecutor requests;
  private final ConnectionPool connections =
      new ConnectionPool(CONNECTIONS_KEPT, IDLE_SECONDS, TimeUnit.SECONDS);

  /** Nothing is started yet. */
  public MetricsThreads() {
    timer = new ScheduledThreadPoolExecutor(TIMERS, daemons("metrics"));
    timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setRemoveOnCancelPolicy(true);
    requests =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE, // each source's dispatchers are the bound
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            daemons("scrape"));
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

  ThreadPoolExecutor requests() {
    return requests;
  }

  ConnectionPool connections() {
    return connections;
  }

  /** After the sources that use them. */
  @Override
  public void close() {
    timer.shutdownNow();
    requests.shutdown();
    connections.evictAll();
  }
}
