package dev.swiftdeploy.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** Reads requests from, and writes answers to, the JDK's HTTP server. */
final class Wire {

  /** The largest body that is taken, in bytes. */
  static final int BODY_MAX = 64 * 1024;

  /**
   * How much of a body that is too large is read and thrown away, in bytes: a client that is still
   * sending would otherwise see a broken connection instead of the answer.
   */
  private static final int DISCARD_MAX = 1024 * 1024;

  private Wire() {}

  static Request read(HttpExchange exchange) throws IOException {
    // The body comes first, whatever the path: the server counts a request whose body has not been
    // read as one that is still arriving, and would close it for slowness while chaos holds it
    // back.
    InputStream in = exchange.getRequestBody();
    byte[] body = in.readNBytes(BODY_MAX);
    boolean tooLarge = in.read() >= 0;
    if (tooLarge) {
      discard(in);
    }
    Headers headers = exchange.getRequestHeaders();
    return new Request(
        Route.of(exchange.getRequestURI().getPath()),
        exchange.getRequestMethod(),
        String.join(",", headers.getOrDefault("Accept", List.of())),
        "1".equals(headers.getFirst("X-SwiftDeploy-Probe")),
        new String(body, UTF_8),
        tooLarge);
  }

  private static void discard(InputStream in) throws IOException {
    byte[] scrap = new byte[8192];
    int left = DISCARD_MAX;
    int got = 0;
    while (left > 0 && got >= 0) {
      got = in.read(scrap, 0, Math.min(scrap.length, left));
      left -= got;
    }
  }

  /**
   * Sends the whole answer, and leaves the exchange open.
   *
   * @param last whether the connection is of no use after it, which the answer then says
   */
  static void write(HttpExchange exchange, Mode mode, Reply reply, boolean last)
      throws IOException {
    byte[] body = reply.body().getBytes(UTF_8);
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", reply.contentType());
    headers.set("Cache-Control", "no-store");
    if (mode == Mode.CANARY) {
      headers.set("X-Mode", mode.label());
    }
    if (!reply.allow().isEmpty()) {
      headers.set("Allow", reply.allow());
    }
    if (last) {
      headers.set("Connection", "close");
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(reply.status(), -1);
    } else {
      exchange.sendResponseHeaders(reply.status(), body.length);
      OutputStream out = exchange.getResponseBody();
      out.write(body);
      out.flush();
    }
  }
}
