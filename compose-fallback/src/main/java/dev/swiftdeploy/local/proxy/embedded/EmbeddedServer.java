package dev.swiftdeploy.local.proxy.embedded;

import dev.swiftdeploy.adapters.proxy.ErrorBody;
import dev.swiftdeploy.core.release.Digests;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.attribute.ExchangeAttribute;
import io.undertow.attribute.ReadOnlyAttributeException;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.server.handlers.proxy.ProxyHandler;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/**
 * The embedded proxy. A new configuration is a new {@link Generation}: requests that come in from
 * then on belong to it, earlier ones go on under theirs for at most its drain timeout.
 */
final class EmbeddedServer {
  private static final int IO_THREADS = 2;
  private static final int BUFFER = 16 * 1024;
  private static final int MOST_FLIGHTS = 4000;
  private static final long MOST_BODY_BYTES = 100L * 1024 * 1024;
  private static final HttpString REAL_IP = new HttpString("X-Real-IP");
  private static final HttpString REQUEST_ID = new HttpString("X-Request-ID");
  private static final String WEBSOCKET = "websocket";
  private static final AttachmentKey<Last> LAST = AttachmentKey.create(Last.class);

  private final Path file;
  private final AccessLog log;
  private final XnioWorker worker;
  private final ByteBufferPool buffers = new DefaultByteBufferPool(true, BUFFER, 512, 4);
  private final ProxyHandler forward = forward();
  private final Set<Generation> earlier = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Generation> current = new AtomicReference<>();
  private @Nullable Undertow listener;
  private int port;
  private volatile boolean stopping;

  EmbeddedServer(Path file, AccessLog log) throws IOException {
    this.file = file;
    this.log = log;
    this.worker =
        Xnio.getInstance(EmbeddedServer.class.getClassLoader())
            .createWorker(
                OptionMap.builder()
                    .set(Options.WORKER_IO_THREADS, IO_THREADS)
                    .set(Options.WORKER_TASK_CORE_THREADS, 1)
                    .set(Options.WORKER_TASK_MAX_THREADS, 1)
                    .getMap());
  }

  // ---- configurations

  /**
   * Takes what the file says; returns when new connections are served by it.
   *
   * @throws IOException if it can't be: the last one goes on
   */
  synchronized void load() throws IOException {
    String text = Files.readString(file);
    Generation old = current.get();
    Generation next =
        new Generation(
            old == null ? 1 : old.number() + 1, Digests.sha256(text), Directives.parse(text));
    Undertow superseded = listen(next);
    if (superseded != null) {
      superseded.stop();
    }
    if (old != null) {
      retire(old);
    }
  }

  /** Makes the generation the current one, on its port; returns the listener that is to go. */
  private @Nullable Undertow listen(Generation next) throws IOException {
    String host = next.directives().host();
    int wanted = next.directives().port();
    if (wanted == port) {
      current.set(next);
      return null;
    }
    Undertow added =
        Undertow.builder()
            .setWorker(worker)
            .setByteBufferPool(buffers)
            .setServerOption(UndertowOptions.DECODE_URL, false)
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L) // bounded by Progress
            .setServerOption(UndertowOptions.MAX_HEADER_SIZE, 64 * 1024)
            .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 15_000)
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 60_000)
            .setSocketOption(Options.TCP_NODELAY, true)
            .setSocketOption(Options.REUSE_ADDRESSES, true)
            .setSocketOption(Options.BACKLOG, 1000)
            .addHttpListener(wanted, host)
            .setHandler(this::handle)
            .build();
    current.compareAndSet(null, next); // the first has nothing to go on with
    try {
      added.start();
    } catch (RuntimeException e) {
      throw new IOException("bind() to " + host + ":" + wanted + " failed: " + rootMessage(e), e);
    }
    current.set(next);
    Undertow superseded = listener;
    listener = added;
    port = wanted;
    return superseded;
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return String.valueOf(root.getMessage());
  }

  private void retire(Generation old) {
    earlier.add(old);
    Duration drain = old.directives().drain();
    worker
        .getIoThread()
        .executeAfter(
            () -> old.flights().forEach(Flight::cut), drain.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What is told on the admin socket. */
  Status status() {
    earlier.removeIf(generation -> generation.flights().isEmpty());
    Generation now = current.get();
    return new Status(
        now == null ? "" : now.digest(),
        now == null ? 0 : now.number(),
        earlier.stream().mapToInt(generation -> generation.flights().size()).sum(),
        stopping);
  }

  /**
   * The proxy now.
   *
   * @param digest of the active configuration
   * @param generation how many were taken
   * @param draining requests of earlier ones that are in flight
   * @param stopping no connection is taken any more
   */
  record Status(String digest, int generation, int draining, boolean stopping) {
    String json() {
      return "{\"digest\":\"%s\",\"generation\":%d,\"draining\":%d,\"stopping\":%b}"
          .formatted(digest, generation, draining, stopping);
    }
  }

  /** Takes no more connections, and runs what is to come when the last request is over. */
  synchronized void stop(Runnable whenOver) {
    if (stopping) {
      return;
    }
    stopping = true;
    if (listener != null) {
      listener.stop();
    }
    Generation now = current.get();
    if (now != null) {
      retire(now);
    }
    worker
        .getIoThread()
        .executeAtInterval(
            () -> {
              if (status().draining() == 0) {
                whenOver.run();
              }
            },
            20,
            TimeUnit.MILLISECONDS);
  }

  // ---- requests

  private void handle(HttpServerExchange exchange) throws Exception {
    Flight flight = enter(exchange);
    exchange.putAttachment(Flight.KEY, flight);
    exchange.getResponseHeaders().put(Flight.DEPLOYED_BY, Flight.SWIFTDEPLOY);
    Last.on(exchange.getConnection()).is(flight);
    exchange.addExchangeCompleteListener(
        (ended, next) -> {
          if (ended.getStatusCode() == StatusCodes.SWITCHING_PROTOCOLS) {
            flight.upgraded();
          } else {
            flight.end();
          }
          next.proceed();
        });
    if (stopping) {
      exchange.setPersistent(false);
    }
    if (exchange.getRequestMethod().equals(Methods.TRACE)
        || exchange.getRequestMethod().equals(Methods.CONNECT)) {
      refuse(exchange, StatusCodes.METHOD_NOT_ALLOWED);
    } else if (exchange.getRequestContentLength() > MOST_BODY_BYTES) {
      refuse(exchange, StatusCodes.REQUEST_ENTITY_TOO_LARGE);
    } else {
      pass(exchange, flight);
    }
  }

  /** A flight counts for the generation that is current when it is counted. */
  private Flight enter(HttpServerExchange exchange) {
    while (true) {
      Generation generation = Objects.requireNonNull(current.get());
      Flight flight = new Flight(exchange, generation, log);
      flight.begin();
      if (generation == current.get()) {
        return flight;
      }
      flight.leave();
    }
  }

  private static void refuse(HttpServerExchange exchange, int status) {
    exchange.setStatusCode(status);
    exchange.setPersistent(false);
    exchange.endExchange();
  }

  private void pass(HttpServerExchange exchange, Flight flight) throws Exception {
    exchange.addDefaultResponseListener(flight::answer);
    if (flight.crowded(MOST_FLIGHTS)) {
      flight.fail(ErrorBody.SERVICE_UNAVAILABLE);
      return;
    }
    Progress.follow(exchange, flight, MOST_BODY_BYTES);
    exchange.addResponseCommitListener(EmbeddedServer::dropHopByHop);
    exchange.getRequestHeaders().remove(Headers.X_FORWARDED_PROTO);
    join(exchange, Headers.X_FORWARDED_FOR);
    flight.aim();
    forward.handleRequest(exchange);
  }

  /** What the service says of its connection with us is not for the client. */
  private static void dropHopByHop(HttpServerExchange exchange) {
    if (exchange.getStatusCode() != StatusCodes.SWITCHING_PROTOCOLS) {
      exchange.getResponseHeaders().remove(Headers.CONNECTION);
      exchange.getResponseHeaders().remove(Headers.KEEP_ALIVE);
    }
  }

  /** Undertow appends to the first of several headers and drops the others. */
  private static void join(HttpServerExchange exchange, HttpString name) {
    HeaderValues values = exchange.getRequestHeaders().get(name);
    if (values != null && values.size() > 1) {
      exchange.getRequestHeaders().put(name, String.join(", ", values));
    }
  }

  private static ProxyHandler forward() {
    return ProxyHandler.builder()
        .setProxyClient(new Upstreams())
        .setReuseXForwarded(true)
        .setMaxConnectionRetries(Integer.MAX_VALUE) // Upstreams says when to stop
        .addRequestHeader(REAL_IP, attribute(EmbeddedServer::peer))
        .addRequestHeader(REQUEST_ID, attribute(EmbeddedServer::requestId))
        .addRequestHeader(Headers.UPGRADE, attribute(e -> upgrades(e) ? WEBSOCKET : null))
        .addRequestHeader(Headers.CONNECTION, attribute(e -> upgrades(e) ? "upgrade" : "close"))
        .build();
  }

  private static String peer(HttpServerExchange exchange) {
    return exchange.getSourceAddress().getAddress().getHostAddress();
  }

  private static String requestId(HttpServerExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst(REQUEST_ID);
    if (given != null && !given.isEmpty()) {
      return given;
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  private static boolean upgrades(HttpServerExchange exchange) {
    return WEBSOCKET.equalsIgnoreCase(exchange.getRequestHeaders().getFirst(Headers.UPGRADE));
  }

  private static ExchangeAttribute attribute(Function<HttpServerExchange, @Nullable String> value) {
    return new ExchangeAttribute() {
      @Override
      public @Nullable String readAttribute(HttpServerExchange exchange) {
        return value.apply(exchange);
      }

      @Override
      public void writeAttribute(HttpServerExchange exchange, String newValue)
          throws ReadOnlyAttributeException {
        throw new ReadOnlyAttributeException();
      }
    };
  }

  /** The last flight of a connection: it is over at the latest when the connection is. */
  private static final class Last {
    private @Nullable Flight flight;

    static Last on(ServerConnection connection) {
      Last last = connection.getAttachment(LAST);
      if (last == null) {
        Last added = new Last();
        connection.putAttachment(LAST, added);
        connection.addCloseListener(closed -> added.end());
        return added;
      }
      return last;
    }

    void is(Flight next) {
      flight = next;
    }

    private void end() {
      if (flight != null) {
        flight.end();
      }
    }
  }
}
