package dev.swiftdeploy.adapters.metrics;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Says what it likes to whoever asks, byte by byte: no HTTP library keeps it from misbehaving. */
final class RawServer implements AutoCloseable {
  private final ServerSocket listening;
  private final Behaviour behaviour;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<Integer> accepted = ConcurrentHashMap.newKeySet();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final AtomicLong written = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What it sends after a request; throws when the client has gone. */
  interface Behaviour {
    void answer(RawServer server, Answer out) throws IOException, InterruptedException;
  }

  RawServer(Behaviour behaviour) {
    this.behaviour = behaviour;
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  String address() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  /** How many connections are open. */
  int open() {
    return open.size();
  }

  /** How many were open at most. */
  int most() {
    return most.get();
  }

  int asked() {
    return asked.get();
  }

  /** Until whoever connected before this call is among those who are {@link #open}, or were. */
  void catchUp() throws IOException {
    try (Socket last = new Socket(listening.getInetAddress(), listening.getLocalPort())) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> accepted.contains(last.getLocalPort())); // in the order of their coming
    }
  }

  /** Bytes, of all answers. */
  long written() {
    return written.get();
  }

  /** Until it is closed, or that long. */
  boolean rest(long millis) throws InterruptedException {
    return !closed.await(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        open.add(socket);
        accepted.add(socket.getPort());
        most.accumulateAndGet(open.size(), Math::max);
        daemon(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        // the request
      }
      asked.incrementAndGet();
      behaviour.answer(this, new Answer(socket));
    } catch (IOException | InterruptedException e) {
      // the client has gone, which is what tests wait for
    } finally {
      open.remove(socket);
    }
  }

  /** What goes back to the client. */
  final class Answer extends OutputStream {
    private final Socket socket;
    private final OutputStream out;

    private Answer(Socket socket) throws IOException {
      this.socket = socket;
      this.out = socket.getOutputStream();
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
      out.write(b, off, len);
      written.addAndGet(len);
    }

    /** Says no more, until the client has gone. */
    void untilGone() throws IOException {
      while (socket.getInputStream().read() >= 0) {
        // it should not say anything either
      }
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
