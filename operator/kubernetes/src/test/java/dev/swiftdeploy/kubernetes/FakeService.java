package dev.swiftdeploy.kubernetes;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers for every pod at 127.0.0.1: metrics of a service that is asked often and answers well.
 */
public final class FakeService implements AutoCloseable {
  private static final int PER_SECOND = 100;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final long begun = System.nanoTime();

  public FakeService() {
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = metrics().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private String metrics() {
    double seconds = (System.nanoTime() - begun) / 1e9;
    long requests = (long) (seconds * PER_SECOND);
    String le = "http_request_duration_seconds_bucket{method=\"GET\",path=\"/\",le=\"%s\"} %d\n";
    return "# TYPE http_requests_total counter\n"
        + "http_requests_total{method=\"GET\",path=\"/\",status_code=\"200\"} "
        + requests
        + "\n# TYPE http_request_duration_seconds histogram\n"
        + le.formatted("0.05", requests)
        + le.formatted("0.5", requests)
        + le.formatted("+Inf", requests)
        + "http_request_duration_seconds_count{method=\"GET\",path=\"/\"} "
        + requests
        + "\nhttp_request_duration_seconds_sum{method=\"GET\",path=\"/\"} "
        + requests * 0.01
        + "\n# TYPE app_uptime_seconds gauge\napp_uptime_seconds "
        + seconds
        + "\n# TYPE app_mode gauge\napp_mode 0\n# TYPE chaos_active gauge\nchaos_active 0\n";
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
