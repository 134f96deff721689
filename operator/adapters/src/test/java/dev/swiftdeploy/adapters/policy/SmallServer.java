package dev.swiftdeploy.adapters.policy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands where an OPA should, and answers as a test says. */
final class SmallServer implements AutoCloseable {
  /** What was asked. */
  record Asked(String method, String path, String authorization, String body) {}

  /** Answers one question. */
  interface Answering {
    void answer(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  private SmallServer(HttpServer server, Answering answering) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          String token = exchange.getRequestHeaders().getFirst("Authorization");
          asked.add(
              new Asked(
                  exchange.getRequestMethod(),
                  exchange.getRequestURI().toString(),
                  token == null ? "" : token,
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
          try (exchange) {
            answering.answer(exchange);
          }
        });
    server.start();
  }

  static SmallServer answering(Answering answering) {
    try {
      return new SmallServer(HttpServer.create(loopback(), 0), answering);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SmallServer of(HttpServer server, Answering answering) {
    return new SmallServer(server, answering);
  }

  static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  static Answering with(int status, String body) {
    return exchange -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  List<Asked> asked() {
    return asked;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
