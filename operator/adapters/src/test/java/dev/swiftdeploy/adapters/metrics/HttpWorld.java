package dev.swiftdeploy.adapters.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.core.evidence.FakeService;
import dev.swiftdeploy.core.evidence.MetricsSource;
import dev.swiftdeploy.core.evidence.MetricsWorld;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Services behind real HTTP, on loopback, in real time. */
final class HttpWorld implements MetricsWorld {
  /** Scrapes in quick succession, with time enough for a busy machine. */
  static final Limits QUICK =
      new Limits(
          Duration.ofMillis(50),
          Duration.ofMillis(50),
          Duration.ofMillis(50),
          Duration.ofSeconds(20),
          Limits.DEFAULT.body(),
          Duration.ofSeconds(20),
          Limits.DEFAULT.probesInFlight());

  private static final Clock CLOCK = Clock.systemUTC();

  private final HttpMetricsSource source = new HttpMetricsSource(CLOCK, QUICK);
  private final Map<String, HttpServer> servers = new HashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @Override
  public MetricsSource source() {
    return source;
  }

  @Override
  public FakeService service() {
    return new FakeService(CLOCK, Duration.ofMinutes(5));
  }

  @Override
  public String listen(FakeService service) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", exchange -> answer(exchange, service));
      server.setExecutor(threads);
      server.start();
      String address = "127.0.0.1:" + server.getAddress().getPort();
      servers.put(address, server);
      return address;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(HttpExchange exchange, FakeService service) throws IOException {
    try (exchange) {
      if (exchange.getRequestURI().getPath().equals("/metrics")) {
        Optional<String> metrics = service.metrics();
        if (metrics.isPresent()) {
          byte[] body = metrics.get().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
        }
      } else {
        boolean probe = "1".equals(exchange.getRequestHeaders().getFirst("X-SwiftDeploy-Probe"));
        exchange.sendResponseHeaders(
            service.request(exchange.getRequestURI().getPath(), probe), -1);
      }
    }
  }

  @Override
  public void stop(String address) {
    servers.remove(address).stop(0);
  }

  @Override
  public Instant now() {
    return CLOCK.instant();
  }

  @Override
  public void step() {}

  @Override
  public void close() {
    source.close();
    servers.values().forEach(s -> s.stop(0));
    threads.shutdownNow();
  }
}
