package dev.swiftdeploy.local.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Asks a proxy on its unix socket: one question, one answer, to the end of the stream. */
final class AdminSocket {
  private static final int LONGEST_ANSWER = 64 * 1024;

  private AdminSocket() {}

  /** Empty if nobody answers within the time: none listens there, or it hangs. */
  static Optional<String> ask(Path socket, String question, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, 0);
      boolean connected = channel.connect(UnixDomainSocketAddress.of(socket));
      while (!connected) {
        await(selector, channel, SelectionKey.OP_CONNECT, deadline);
        connected = channel.finishConnect();
      }
      ByteBuffer sent = StandardCharsets.UTF_8.encode(question);
      while (sent.hasRemaining()) {
        await(selector, channel, SelectionKey.OP_WRITE, deadline);
        channel.write(sent);
      }
      return Optional.of(readToEnd(selector, channel, deadline));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String readToEnd(Selector selector, SocketChannel channel, long deadline)
      throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer part = ByteBuffer.allocate(4096);
    while (true) {
      await(selector, channel, SelectionKey.OP_READ, deadline);
      int read = channel.read(part.clear());
      if (read < 0) {
        return answer.toString(StandardCharsets.UTF_8);
      }
      answer.write(part.array(), 0, read);
      if (answer.size() > LONGEST_ANSWER) {
        throw new IOException("no proxy of ours says so much");
      }
    }
  }

  private static void await(Selector selector, SocketChannel channel, int operation, long deadline)
      throws IOException {
    SelectionKey key = channel.keyFor(selector);
    key.interestOps(operation);
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0 || selector.select(millis) == 0) {
      throw new IOException("no answer in time");
    }
    selector.selectedKeys().clear();
  }
}
