package dev.swiftdeploy.kubernetes.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands between a client and the API server, and can cut what passes or keep it back. */
final class Wire implements AutoCloseable {
  private final ServerSocket server;
  private final URI api;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  /** Both ends. */
  private static final class Connection {
    private final Socket client;
    private final Socket api;
    private volatile boolean silent;

    private Connection(Socket client, Socket api) {
      this.client = client;
      this.api = api;
    }

    private void close() {
      try {
        client.close();
        api.close();
      } catch (IOException e) {
        return; // it is closed already
      }
    }
  }

  /**
   * @param api the API server's URL
   */
  Wire(String api) {
    try {
      this.api = URI.create(api);
      this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  /** Where the API server seems to be. */
  String url() {
    return "https://127.0.0.1:" + server.getLocalPort() + "/";
  }

  /** Ends all connections; new ones are made at once. */
  void cut() {
    connections.forEach(Connection::close);
  }

  /** What is connected stays so, and nothing comes through any more; new connections work. */
  void silence() {
    connections.forEach(connection -> connection.silent = true);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        connect(server.accept());
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket client) throws IOException {
    try {
      Connection connection = new Connection(client, new Socket(api.getHost(), api.getPort()));
      connections.add(connection);
      threads.execute(() -> pass(connection, connection.client, connection.api));
      threads.execute(() -> pass(connection, connection.api, connection.client));
    } catch (IOException e) {
      client.close(); // the API server is away
    }
  }

  private void pass(Connection connection, Socket from, Socket to) {
    byte[] buffer = new byte[1 << 14];
    try {
      for (int read = from.getInputStream().read(buffer);
          read >= 0;
          read = from.getInputStream().read(buffer)) {
        if (!connection.silent) {
          to.getOutputStream().write(buffer, 0, read);
        }
      }
    } catch (IOException e) {
      connection.silent = false; // cut
    }
    if (!connection.silent) {
      connections.remove(connection);
      connection.close();
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
    threads.shutdownNow();
  }
}
