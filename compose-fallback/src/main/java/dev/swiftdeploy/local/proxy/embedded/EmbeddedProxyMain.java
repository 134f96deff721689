package dev.swiftdeploy.local.proxy.embedded;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.LogManager;

/**
 * The embedded proxy's process: {@code EmbeddedProxyMain <state folder> <admin socket>}. It serves
 * what {@code proxy.conf} in the folder says and takes orders on the socket, one a connection:
 *
 * <ul>
 *   <li>{@code status}: what is active, as JSON
 *   <li>{@code reload}: takes the file anew; {@code ok}, or {@code refused: …} and the last one
 *       goes on
 *   <li>{@code stop}: takes no more connections, ends when the requests in flight have ended
 * </ul>
 */
public final class EmbeddedProxyMain {
  private static final int LONGEST_ORDER = 64;
  private static final long MOST_LOG_BYTES = 64L * 1024 * 1024;

  private final EmbeddedServer server;
  private final ServerSocketChannel admin;
  private final Path socket;

  private EmbeddedProxyMain(EmbeddedServer server, ServerSocketChannel admin, Path socket) {
    this.server = server;
    this.admin = admin;
    this.socket = socket;
  }

  public static void main(String[] arguments) {
    LogManager.getLogManager().reset(); // Undertow tells each failed request; the access log does
    Path folder = Path.of(arguments[0]);
    Path socket = Path.of(arguments[1]);
    try {
      EmbeddedServer server =
          new EmbeddedServer(
              folder.resolve("proxy.conf"),
              new AccessLog(folder.resolve("access.log"), MOST_LOG_BYTES));
      server.load();
      ServerSocketChannel admin = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      admin.bind(UnixDomainSocketAddress.of(socket));
      new EmbeddedProxyMain(server, admin, socket).takeOrders();
    } catch (IOException | RuntimeException e) {
      System.err.println(e.getMessage() == null ? e.toString() : e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Reads a configuration as the process would, before it is made the active one.
   *
   * @throws IOException if it is unfit: an instance has no address
   */
  public static void check(EmbeddedConf conf) throws IOException {
    for (Directives.Share share : Directives.parse(conf.text()).shares()) {
      Target.of(share.instances());
    }
  }

  private void takeOrders() throws IOException {
    while (true) {
      SocketChannel channel = admin.accept();
      Thread thread = new Thread(() -> takeOrder(channel), "admin");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void takeOrder(SocketChannel channel) {
    try (channel) {
      ByteBuffer answer = StandardCharsets.UTF_8.encode(answer(order(channel)));
      while (answer.hasRemaining()) {
        channel.write(answer);
      }
    } catch (IOException e) {
      // whoever asked went away
    }
  }

  private static String order(SocketChannel channel) throws IOException {
    ByteBuffer order = ByteBuffer.allocate(LONGEST_ORDER);
    while (order.hasRemaining() && channel.read(order) >= 0) {
      String text = StandardCharsets.UTF_8.decode(order.duplicate().flip()).toString();
      if (text.endsWith("\n")) {
        return text.strip();
      }
    }
    return "";
  }

  private String answer(String order) {
    return switch (order) {
      case "status" -> server.status().json();
      case "reload" -> reload();
      case "stop" -> stop();
      default -> "refused: no such order";
    };
  }

  private String stop() {
    server.stop(this::exit);
    return "ok";
  }

  private String reload() {
    try {
      server.load();
      return "ok";
    } catch (IOException e) {
      return "refused: " + e.getMessage();
    }
  }

  private void exit() {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      // left behind: the next start takes another one
    }
    System.exit(0);
  }
}
