package dev.swiftdeploy.local.proxy.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * One line for each request, in the form that nginx is told to write: {@code time | status |
 * request time | upstream | request}. Bytes that are not printable ASCII, quotes and backslashes
 * are written as {@code \xXX}, as nginx does, so no client can forge a line.
 */
final class AccessLog implements AutoCloseable {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ROOT);

  private final Path file;
  private final long mostBytes;
  private FileChannel channel;

  /**
   * Opens it, to go on after what is there.
   *
   * @param mostBytes when it has so many it becomes {@code <file>.1}, in place of an earlier one
   */
  AccessLog(Path file, long mostBytes) throws IOException {
    this.file = file;
    this.mostBytes = mostBytes;
    this.channel = open(file);
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  /** A log that can't be written fails no request. */
  synchronized void write(
      OffsetDateTime time, int status, long millis, List<String> upstreams, String request) {
    String line = line(time, status, millis, upstreams, request);
    ByteBuffer bytes = StandardCharsets.US_ASCII.encode(line);
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (channel.position() > mostBytes) {
        turnOver();
      }
    } catch (IOException e) {
      // the disk is full, say: nobody to tell, and the requests matter more
    }
  }

  private void turnOver() throws IOException {
    Files.move(
        file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    FileChannel next = open(file);
    channel.close();
    channel = next;
  }

  static String line(
      OffsetDateTime time, int status, long millis, List<String> upstreams, String request) {
    return String.format(
        Locale.ROOT,
        "%s | %d | %d.%03d | %s | %s\n",
        TIME.format(time),
        status,
        millis / 1000,
        millis % 1000,
        upstreams.isEmpty() ? "-" : String.join(", ", upstreams),
        escape(request));
  }

  private static String escape(String request) {
    StringBuilder out = new StringBuilder(request.length());
    for (int i = 0; i < request.length(); i++) {
      char c = request.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        out.append(String.format(Locale.ROOT, "\\x%02X", c & 0xff));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }
}
