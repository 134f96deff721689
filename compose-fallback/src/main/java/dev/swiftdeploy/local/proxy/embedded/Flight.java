package dev.swiftdeploy.local.proxy.embedded;

import dev.swiftdeploy.adapters.proxy.ErrorBody;
import io.undertow.client.ClientConnection;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/**
 * One request on its way. All but {@link #cut} runs on the I/O thread of its connection, which is
 * the I/O thread of its upstream connection, too.
 */
final class Flight {
  static final AttachmentKey<Flight> KEY = AttachmentKey.create(Flight.class);
  static final HttpString DEPLOYED_BY = new HttpString("X-Deployed-By");
  static final String SWIFTDEPLOY = "swiftdeploy";
  private static final int CLIENT_WENT_AWAY = 499; // nginx's code

  private final HttpServerExchange exchange;
  private final Generation generation;
  private final AccessLog log;
  private final long beganNanos = System.nanoTime();
  private final List<String> tried = new ArrayList<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Deque<Target.Instance> untried = new ArrayDeque<>();
  private Optional<ErrorBody> failure = Optional.empty();
  private boolean answeredByProxy;
  private long lastProgress = beganNanos;
  private volatile @Nullable ClientConnection upstream;
  private XnioExecutor.@Nullable Key timer;

  Flight(HttpServerExchange exchange, Generation generation, AccessLog log) {
    this.exchange = exchange;
    this.generation = generation;
    this.log = log;
  }

  /** Begins to count and to watch the time. */
  void begin() {
    generation.flights().add(this);
    watch(timeout());
  }

  /** Takes it back: it is to be counted elsewhere. */
  void leave() {
    ended.set(true);
    stopWatching();
    generation.flights().remove(this);
  }

  boolean crowded(int most) {
    return generation.flights().size() > most;
  }

  // ---- instances to try

  /** Chooses the workload, and in which order its instances are tried. */
  void aim() {
    untried.addAll(generation.choose(exchange).inTurn());
  }

  /** The next instance to try; empty if there is none, or no time. */
  Optional<Target.Instance> next() {
    if (failure.isPresent() || ended.get()) {
      return Optional.empty();
    }
    Optional<Target.Instance> next = Optional.ofNullable(untried.poll());
    next.ifPresent(instance -> tried.add(instance.name()));
    return next;
  }

  boolean hasNext() {
    return failure.isEmpty() && !untried.isEmpty();
  }

  /** Whether the connection is still wanted; it is closed if not. */
  boolean connected(ClientConnection connection) {
    if (failure.isPresent() || ended.get()) {
      IoUtils.safeClose(connection);
      return false;
    }
    IoUtils.safeClose(upstream);
    upstream = connection;
    return true;
  }

  // ---- time

  /** Bytes went through, in either direction. */
  void progress() {
    lastProgress = System.nanoTime();
  }

  private Duration timeout() {
    return generation.directives().timeout();
  }

  private void watch(Duration patience) {
    timer =
        exchange
            .getIoThread()
            .executeAfter(this::look, Math.max(1, patience.toMillis()), TimeUnit.MILLISECONDS);
  }

  private void look() {
    Duration idle = Duration.ofNanos(System.nanoTime() - lastProgress);
    if (ended.get()) {
      return;
    }
    if (idle.compareTo(timeout()) < 0) {
      watch(timeout().minus(idle));
    } else {
      fail(ErrorBody.GATEWAY_TIMEOUT);
    }
  }

  /**
   * Its connection carries another protocol from now on, whose silence means nothing. It is in
   * flight until the connection is closed.
   */
  void upgraded() {
    stopWatching();
  }

  private void stopWatching() {
    if (timer != null) {
      timer.remove();
    }
  }

  // ---- errors

  /** Gives up: an error of the proxy's own if the response has not begun, else the end of it. */
  void fail(ErrorBody error) {
    failure = Optional.of(error);
    IoUtils.safeClose(upstream); // whoever waits for it ends the exchange
    if (answeredByProxy) {
      return;
    }
    if (exchange.isResponseStarted()) {
      IoUtils.safeClose(exchange.getConnection());
    } else {
      exchange.endExchange();
    }
  }

  /**
   * The answer where the exchange is ended without one of the service's: by {@link #fail}, or by
   * Undertow's handler when there was no upstream or it broke off.
   */
  boolean answer(HttpServerExchange ending) {
    if (ending.isResponseStarted() || answeredByProxy) {
      return false;
    }
    answeredByProxy = true;
    ErrorBody error = failure.orElse(ErrorBody.BAD_GATEWAY);
    ending.getResponseHeaders().clear();
    ending.getResponseHeaders().put(DEPLOYED_BY, SWIFTDEPLOY);
    ending.getResponseHeaders().put(Headers.CONTENT_TYPE, ErrorBody.CONTENT_TYPE);
    ending.setStatusCode(error.code());
    ending.setReasonPhrase(StatusCodes.getReason(error.code()));
    ending.setPersistent(false);
    ending
        .getResponseSender()
        .send(
            generation.directives().errors().getOrDefault(error.code(), ""),
            StandardCharsets.UTF_8);
    return true;
  }

  // ---- the end

  /** Cuts it off, wherever it is. From any thread. */
  void cut() {
    IoUtils.safeClose(upstream);
    IoUtils.safeClose(exchange.getConnection());
    exchange.getIoThread().execute(this::end);
  }

  /** It is over: answered, or its client went away. */
  void end() {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    stopWatching();
    IoUtils.safeClose(upstream);
    generation.flights().remove(this);
    log.write(
        OffsetDateTime.now(ZoneId.systemDefault()),
        exchange.isResponseStarted() ? exchange.getStatusCode() : CLIENT_WENT_AWAY,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos),
        tried,
        requestLine());
  }

  private String requestLine() {
    String query = exchange.getQueryString();
    return exchange.getRequestMethod()
        + " "
        + exchange.getRequestURI()
        + (query.isEmpty() ? "" : "?" + query)
        + " "
        + exchange.getProtocol();
  }
}
