package dev.swiftdeploy.local.proxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.core.spec.Port;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** One instance behind the proxy; answers with its name. */
final class FakeService implements AutoCloseable {
  private final String name;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch released = new CountDownLatch(1);
  final AtomicInteger held = new AtomicInteger();
  final AtomicInteger requests = new AtomicInteger();
  final Map<String, List<String>> lastHeaders = new ConcurrentHashMap<>();
  volatile String lastTarget = "";

  FakeService(String name) throws IOException {
    this.name = name;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.createContext("/held", this::hold);
    server.createContext("/echo", e -> reply(e, 200, e.getRequestBody().readAllBytes()));
    server.createContext(
        "/busy",
        e -> {
          e.getResponseHeaders().add("Content-Type", "text/plain");
          reply(e, 503, "the service's own words".getBytes(StandardCharsets.UTF_8));
        });
    server.createContext("/empty503", e -> reply(e, 503, new byte[0]));
    server.createContext("/stream", this::stream);
    server.createContext("/broken", HttpExchange::close);
    server.start();
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", new Port(server.getAddress().getPort()));
  }

  /** Lets the requests to {@code /held} go on. */
  void release() {
    released.countDown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    reply(exchange, 200, name.getBytes(StandardCharsets.UTF_8));
  }

  /** Answers when released. */
  private void hold(HttpExchange exchange) throws IOException {
    held.incrementAndGet();
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    answer(exchange);
  }

  /** Sends a part at once, and the rest when released. */
  private void stream(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write("first\n".getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
    held.incrementAndGet();
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.getResponseBody().write("second\n".getBytes(StandardCharsets.UTF_8));
    exchange.close();
  }

  private void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
    requests.incrementAndGet();
    lastTarget = exchange.getRequestURI().toString();
    lastHeaders.clear();
    lastHeaders.putAll(exchange.getRequestHeaders());
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().add("X-Mode", "canary");
    exchange.getResponseHeaders().add("X-Deployed-By", "the service itself");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
      exchange.close();
      return;
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    release();
    server.stop(0);
    threads.shutdownNow();
  }
}
