package dev.swiftdeploy.local.health;

import dev.swiftdeploy.core.spec.HttpPath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Asks instances for their health in the background and keeps the last answers. 2xx is healthy; a
 * single missing or bad answer of an instance that was healthy is forgiven, a refused connection is
 * not. Until its first good answer an instance is asked more often, so that nobody waits for it.
 */
public final class HealthChecks implements AutoCloseable {
  public static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final Duration UNPROVEN_INTERVAL = Duration.ofMillis(200);

  private final Clock clock;
  private final boolean indirect;
  private final ScheduledThreadPoolExecutor schedule;
  private final ThreadPoolExecutor threads;
  private final OkHttpClient client;
  private final Map<String, Watch> watches = new HashMap<>();

  /**
   * What is asked.
   *
   * @param address {@code host:port}
   * @param owned tells whether it is the instance that answers; asked once, at the first good
   *     answer
   */
  public record Target(String address, HttpPath path, Duration interval, BooleanSupplier owned) {}

  /**
   * The last answers in a word.
   *
   * @param checked there was one
   * @param failingSince of the present row of bad ones, the time of the first
   * @param problem what the last one lacked
   */
  public record Health(
      boolean checked, boolean healthy, Optional<Instant> failingSince, Optional<String> problem) {
    public static final Health UNKNOWN =
        new Health(false, false, Optional.empty(), Optional.empty());
  }

  /** Asks each instance directly. */
  public HealthChecks(Clock clock, String name) {
    this(clock, name, Optional.empty());
  }

  /**
   * Asks by a way.
   *
   * @param way an HTTP proxy that leads to the instances, where they can't be reached directly; one
   *     that refuses a connection says nothing of them, so their last health stands
   */
  public HealthChecks(Clock clock, String name, Optional<ProxySelector> way) {
    this.clock = clock;
    this.indirect = way.isPresent();
    this.schedule = new ScheduledThreadPoolExecutor(1, r -> daemon(r, "health-" + name));
    schedule.setRemoveOnCancelPolicy(true);
    this.threads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            r -> daemon(r, "health-call-" + name));
    Dispatcher dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequestsPerHost(dispatcher.getMaxRequests());
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectionPool(new ConnectionPool(0, 1, TimeUnit.SECONDS))
            .protocols(List.of(Protocol.HTTP_1_1))
            .proxy(way.isPresent() ? null : Proxy.NO_PROXY)
            .followRedirects(false)
            .retryOnConnectionFailure(false)
            .callTimeout(TIMEOUT);
    way.ifPresent(builder::proxySelector);
    this.client = builder.build();
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Watches these and no others, by key. A key stands for one life of an instance. */
  public synchronized void watch(Map<String, Target> targets) {
    watches.entrySet().removeIf(e -> !targets.containsKey(e.getKey()) && e.getValue().stop());
    targets.forEach(
        (key, target) ->
            watches.computeIfAbsent(
                key,
                k -> {
                  Watch watch = new Watch(target);
                  watch.checkIn(Duration.ZERO);
                  return watch;
                }));
  }

  public synchronized Health of(String key) {
    Watch watch = watches.get(key);
    return watch == null ? Health.UNKNOWN : watch.health();
  }

  /** Waits until each that is watched was asked at least once, but not for long. */
  public void awaitFirst(Duration most) {
    List<Watch> all;
    synchronized (this) {
      all = List.copyOf(watches.values());
    }
    long end = System.nanoTime() + most.toNanos();
    try {
      for (Watch watch : all) {
        if (!watch.first.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    watches.values().forEach(Watch::stop);
    watches.clear();
    schedule.shutdownNow();
    client.dispatcher().cancelAll();
    threads.shutdown();
  }

  /** One target and its answers. */
  private final class Watch implements Callback {
    private final Target target;
    private final Request request;
    private final CountDownLatch first = new CountDownLatch(1);
    private boolean stopped;
    private boolean proven;
    private int failures;
    private Health health = Health.UNKNOWN;

    Watch(Target target) {
      this.target = target;
      this.request =
          new Request.Builder()
              .url("http://" + target.address() + target.path())
              .header("User-Agent", "SwiftDeploy-health")
              .header("Connection", "close")
              .build();
    }

    synchronized Health health() {
      return health;
    }

    synchronized boolean stop() {
      stopped = true;
      first.countDown();
      return true;
    }

    synchronized void checkIn(Duration time) {
      if (!stopped) {
        Future<?> unused =
            schedule.schedule(
                () -> client.newCall(request).enqueue(this),
                time.toMillis(),
                TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void onResponse(Call call, Response response) {
      int code = response.code();
      response.close(); // unread: however long it is, only the status counts
      if (code < 200 || code > 299) {
        failed("answers " + code, false);
      } else if (!isProven() && !target.owned().getAsBoolean()) {
        failed(
            "another process answers on port "
                + target.address().substring(target.address().lastIndexOf(':') + 1),
            true);
      } else {
        passed();
      }
    }

    @Override
    public void onFailure(Call call, IOException e) {
      if (e instanceof ConnectException && indirect) {
        next();
      } else if (e instanceof ConnectException) {
        failed("connection refused", true);
      } else if (e instanceof InterruptedIOException) {
        failed("no answer within " + TIMEOUT.toSeconds() + " s", false);
      } else {
        failed("no answer in HTTP", false);
      }
    }

    private synchronized boolean isProven() {
      return proven;
    }

    private void passed() {
      synchronized (this) {
        proven = true;
        failures = 0;
        health = new Health(true, true, Optional.empty(), Optional.empty());
      }
      next();
    }

    private void failed(String problem, boolean certain) {
      synchronized (this) {
        failures++;
        boolean forgiven = health.healthy() && failures == 1 && !certain;
        Instant since = health.failingSince().orElseGet(clock::instant);
        health =
            new Health(
                true,
                forgiven,
                Optional.of(since),
                Optional.of("GET " + target.path() + ": " + problem));
      }
      next();
    }

    private void next() {
      first.countDown();
      boolean soon = !isProven() && target.interval().compareTo(UNPROVEN_INTERVAL) > 0;
      checkIn(soon ? UNPROVEN_INTERVAL : target.interval());
    }
  }
}
