package dev.swiftdeploy.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The service behind the JDK's HTTP server.
 *
 * <p>No thread waits while an answer is held back: a timer hands the exchange back to the workers
 * when its time has come. So any number of slow requests leaves health, metrics and {@code /chaos}
 * as quick as ever, with few threads. What a worker can block on is bounded elsewhere: bodies in
 * size, the arrival of a request and the taking of an answer in time, connections in number.
 */
final class AppServer {

  private static final int WORKERS = 16;
  private static final int WORKERS_QUEUE = 2048;
  private static final int CONNECTIONS_MAX = 2048;
  private static final int BACKLOG = 1024;

  /** How long nothing must have happened for a stop to be over. */
  private static final Duration QUIET = Duration.ofMillis(200);

  private final HttpServer http;
  private final Service service;
  private final ThreadPoolExecutor workers;
  private final ScheduledThreadPoolExecutor timer;

  /** Counts a request from the moment its first byte is seen until its answer is written. */
  private final InFlight inFlight = new InFlight();

  private volatile boolean stopping;

  private AppServer(HttpServer http, Service service) {
    this.http = http;
    this.service = service;
    this.workers =
        new ThreadPoolExecutor(
            WORKERS,
            WORKERS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WORKERS_QUEUE),
            threads("worker"));
    this.workers.allowCoreThreadTimeOut(true);
    this.timer = new ScheduledThreadPoolExecutor(1, threads("timer"));
  }

  /**
   * Binds the address and starts to answer.
   *
   * @throws IOException if the address can't be bound
   */
  static AppServer start(InetSocketAddress address, Service service) throws IOException {
    setLimits();
    AppServer server = new AppServer(HttpServer.create(address, BACKLOG), service);
    server.http.createContext("/", server::handle);
    server.http.setExecutor(server::dispatch);
    service.warmUp();
    server.http.start();
    return server;
  }

  /** The address that is listened on; its port is the real one where 0 was asked for. */
  InetSocketAddress address() {
    return http.getAddress();
  }

  /** How many requests chaos holds back at this moment. */
  int heldBack() {
    return timer.getQueue().size();
  }

  /**
   * Stops accepting at once, and waits for the requests in flight to be answered. Connections that
   * were kept open get one more answer, which tells the client to close; a connection that is still
   * in the kernel's queue is lost, so whoever routes here should stop doing so first.
   *
   * @param grace the longest wait
   * @return how many requests were cut off: 0 if all were answered
   */
  int stop(Duration grace) {
    stopping = true;
    // HttpServer.stop closes the listening socket first, but it is no judge of when all is done:
    // JDK 17's waits out its whole delay if it was idle when called, and if not, drops requests
    // that it has yet to parse as soon as those that it has parsed are answered. So it is given
    // more time than we take, and its second call ends the first.
    Thread closing = threads("closing").newThread(() -> http.stop((int) grace.toSeconds() + 1));
    closing.start();
    int cut = inFlight.awaitQuiet(QUIET, grace);
    http.stop(0);
    timer.shutdownNow();
    workers.shutdownNow();
    return cut;
  }

  /**
   * The JDK's server takes its limits from system properties only, when it is first used; a value
   * given on the command line wins.
   */
  private static void setLimits() {
    limit("sun.net.httpserver.nodelay", "true"); // else small answers can wait 40 ms for an ACK
    limit("jdk.httpserver.maxConnections", Integer.toString(CONNECTIONS_MAX));
    limit("sun.net.httpserver.maxIdleConnections", Integer.toString(CONNECTIONS_MAX));
    // In seconds. Longer than proxies keep an idle connection (nginx: 60), so that it is they who
    // close it and none sends a request into a connection that is being closed.
    limit("sun.net.httpserver.idleInterval", "120");
    limit("sun.net.httpserver.maxReqTime", "10");
    limit("sun.net.httpserver.maxRspTime", Long.toString(30 + (long) ChaosOrder.MAX_DELAY_SECONDS));
  }

  private static void limit(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Runs a step of the server's own, which is the reading of a request and what follows from it.
   */
  private void dispatch(Runnable step) {
    inFlight.begin();
    try {
      workers.execute(
          () -> {
            try {
              step.run();
            } finally {
              inFlight.end();
            }
          });
    } catch (RejectedExecutionException full) {
      inFlight.end();
      throw full; // the server closes the connection
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    long startedNanos = System.nanoTime();
    Request request = Wire.read(exchange);
    Service.Answer answer = answer(request);
    if (answer.delay().isZero()) {
      send(exchange, request, answer.reply(), startedNanos);
    } else {
      inFlight.begin();
      Runnable sending =
          () -> {
            try {
              send(exchange, request, answer.reply(), startedNanos);
            } finally {
              inFlight.end();
            }
          };
      var unused =
          timer.schedule(() -> handOver(sending), answer.delay().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** To the workers, or if these have too much to do, done here and now: the answer is not lost. */
  private void handOver(Runnable sending) {
    try {
      workers.execute(sending);
    } catch (RejectedExecutionException full) {
      sending.run();
    }
  }

  private Service.Answer answer(Request request) {
    try {
      return service.answer(request);
    } catch (RuntimeException e) {
      e.printStackTrace();
      return new Service.Answer(
          Duration.ZERO, Reply.problem(500, "internal error", "see the service's stderr"));
    }
  }

  private void send(HttpExchange exchange, Request request, Reply reply, long startedNanos) {
    // Counted first: whoever has an answer finds it in the metrics.
    service.answered(request, reply.status(), Duration.ofNanos(System.nanoTime() - startedNanos));
    boolean goodbye = stopping;
    try {
      Wire.write(exchange, service.mode(), reply, goodbye || request.tooLarge());
    } catch (IOException gone) {
      // The client went away, and with it whoever could be told.
    }
    if (!goodbye) {
      exchange.close();
    }
    // Else stop() closes it with all others: an exchange that is open keeps the JDK's server from
    // ending before all is answered.
  }

  private static ThreadFactory threads(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
