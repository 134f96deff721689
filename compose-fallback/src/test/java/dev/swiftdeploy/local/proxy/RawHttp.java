package dev.swiftdeploy.local.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * HTTP/1.1 by hand, so that a test decides what is on the wire: fresh connections, kept ones,
 * requests that no client library would send. Never retries.
 */
final class RawHttp {
  private static final int PATIENCE_MILLIS = 30_000;

  /** A response whose header and body arrived whole. */
  record Response(int status, Map<String, List<String>> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))).map(l -> l.get(0));
    }

    List<String> all(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }
  }

  private RawHttp() {}

  static Response get(int port, String target, String... headers) throws IOException {
    return send(port, "GET", target, new byte[0], headers);
  }

  static Response send(int port, String method, String target, byte[] body, String... headers)
      throws IOException {
    try (Socket socket = connect(port)) {
      socket.getOutputStream().write(request(method, target, body, "close", headers));
      return read(socket.getInputStream(), method);
    }
  }

  static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    return socket;
  }

  static byte[] request(
      String method, String target, byte[] body, String connection, String... headers) {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    head.append("Host: service.example\r\nConnection: ").append(connection).append("\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (body.length > 0) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    head.append("\r\n");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(body);
    return out.toByteArray();
  }

  /** Sends bytes as they are and returns what comes back until the other side closes. */
  static String exchange(int port, byte[] bytes) throws IOException {
    try (Socket socket = connect(port)) {
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // reset: an answer, too
    }
  }

  /** Reads one response; throws if it breaks off. */
  static Response read(InputStream in, String method) throws IOException {
    String statusLine = line(in);
    int status = Integer.parseInt(statusLine.split(" ", -1)[1]);
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), n -> new java.util.ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new Response(status, headers, body(in, method, status, headers));
  }

  private static byte[] body(
      InputStream in, String method, int status, Map<String, List<String>> headers)
      throws IOException {
    if (method.equals("HEAD") || status == 204 || status == 304 || status == 101) {
      return new byte[0];
    }
    if (headers.containsKey("content-length")) {
      return exactly(in, Integer.parseInt(headers.get("content-length").get(0)));
    }
    if (headers.getOrDefault("transfer-encoding", List.of()).contains("chunked")) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int size = chunk(in); size > 0; size = chunk(in)) {
        out.writeBytes(exactly(in, size));
        line(in);
      }
      line(in);
      return out.toByteArray();
    }
    return in.readAllBytes();
  }

  private static int chunk(InputStream in) throws IOException {
    return Integer.parseInt(line(in).strip(), 16);
  }

  private static byte[] exactly(InputStream in, int size) throws IOException {
    byte[] body = in.readNBytes(size);
    if (body.length < size) {
      throw new IOException("the body broke off after " + body.length + " of " + size + " bytes");
    }
    return body;
  }

  static String line(InputStream in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the response broke off after: " + out);
      }
      out.write(b);
    }
    return out.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }
}
