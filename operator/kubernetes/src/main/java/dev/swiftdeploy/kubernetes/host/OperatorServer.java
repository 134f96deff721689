package dev.swiftdeploy.kubernetes.host;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Serves {@code /healthz}, {@code /readyz} and {@code /metrics}; to GET and HEAD, nothing else. */
final class OperatorServer implements AutoCloseable {
  private static final String PLAIN = "text/plain; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "operator-server");
            thread.setDaemon(true);
            return thread;
          });

  OperatorServer(InetSocketAddress address, Health health, OperatorMetrics metrics)
      throws IOException {
    this.server = HttpServer.create(address, 0);
    server.setExecutor(threads);
    server.createContext("/healthz", exchange -> check(exchange, "/healthz", health::dead));
    server.createContext("/readyz", exchange -> check(exchange, "/readyz", health::notReady));
    server.createContext(
        "/metrics",
        exchange -> answer(exchange, "/metrics", 200, TextFormat.CONTENT_TYPE_004, metrics::text));
    server.createContext("/", exchange -> answer(exchange, "/", 404, PLAIN, () -> "not found\n"));
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private static void check(HttpExchange exchange, String path, Supplier<List<String>> wrong)
      throws IOException {
    List<String> found = wrong.get();
    answer(
        exchange,
        path,
        found.isEmpty() ? 200 : 503,
        PLAIN,
        () -> (found.isEmpty() ? "ok" : String.join("\n", found)) + "\n");
  }

  private static void answer(
      HttpExchange exchange, String path, int code, String type, Supplier<String> text)
      throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      boolean reads = method.equals("GET") || method.equals("HEAD");
      // A context answers for all that begins as it does.
      boolean known = path.equals("/") || exchange.getRequestURI().getPath().equals(path);
      int status = !reads ? 405 : known ? code : 404;
      byte[] body =
          (status == code ? text.get() : status == 405 ? "GET only\n" : "not found\n")
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", status == code ? type : PLAIN);
      boolean head = method.equals("HEAD");
      exchange.sendResponseHeaders(status, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
