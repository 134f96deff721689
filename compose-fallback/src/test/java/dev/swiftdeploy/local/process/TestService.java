package dev.swiftdeploy.local.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the tests run as an instance, from a jar of its own: {@code serve}, {@code unhealthy}
 * (answers 503), {@code silent} (never listens), {@code stubborn} (serves and ignores TERM) or
 * {@code exit <code>}.
 */
final class TestService {
  private TestService() {}

  public static void main(String[] args) throws Exception {
    System.out.println("starting as " + String.join(" ", args));
    switch (args[0]) {
      case "exit" -> System.exit(Integer.parseInt(args[1]));
      case "silent" -> Thread.currentThread().join();
      case "stubborn" -> {
        Runtime.getRuntime().addShutdownHook(new Thread(TestService::stay));
        serve(200);
      }
      case "unhealthy" -> serve(503);
      default -> serve(200);
    }
  }

  private static void stay() {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void serve(int health) throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(
            InetAddress.getByName(System.getenv("APP_HOST")),
            Integer.parseInt(System.getenv("APP_PORT")));
    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/healthz", e -> reply(e, health, "{}"));
    server.createContext("/env", e -> reply(e, 200, lines(new TreeMap<>(System.getenv()))));
    server.createContext("/cwd", e -> reply(e, 200, System.getProperty("user.dir")));
    server.start();
  }

  private static String lines(Map<String, String> map) {
    StringBuilder out = new StringBuilder();
    map.forEach((name, value) -> out.append(name).append('=').append(value).append('\n'));
    return out.toString();
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
