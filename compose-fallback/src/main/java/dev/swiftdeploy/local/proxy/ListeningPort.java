package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.Port;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether a port can be listened on, and who is in the way. */
public final class ListeningPort {
  private static final Path PROC = Path.of("/proc");
  private static final String LISTEN = "0A";
  private static final Duration DYING = Duration.ofSeconds(2);

  private ListeningPort() {}

  /**
   * Tries to listen there. A port that no process is seen to hold may be that of one that was
   * killed a moment ago; so it is tried for a while.
   *
   * @param ours processes that may hold it
   * @throws PlatformException naming the port, and who holds it where that can be told
   */
  public static void requireFree(ListenAddress address, Port port, Set<Long> ours) {
    Waiting.until(() -> tryToListen(address, port).isEmpty() || holder(port).isPresent(), DYING);
    Optional<IOException> failure = tryToListen(address, port);
    if (failure.isPresent()) {
      Optional<Long> holder = holder(port);
      if (holder.filter(ours::contains).isEmpty()) {
        throw refusal(port, holder, failure.get());
      }
    }
  }

  private static Optional<IOException> tryToListen(ListenAddress address, Port port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(address.host()), port.number()));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  private static PlatformException refusal(Port port, Optional<Long> holder, IOException cause) {
    String why = String.valueOf(cause.getMessage());
    if (why.toLowerCase(Locale.ROOT).contains("permission")) {
      return new PlatformException(
          "this user may not listen on port " + port,
          "set nginx.port in the manifest to one of 1024 or above",
          cause);
    }
    if (!why.toLowerCase(Locale.ROOT).contains("in use")) {
      return new PlatformException(
          "port " + port + " can't be listened on: " + why, "set another nginx.port", cause);
    }
    String by = holder.map(pid -> " by " + name(pid) + " (pid " + pid + ")").orElse("");
    return new PlatformException(
        "port " + port + " is taken" + by,
        "stop what listens there, or set another nginx.port in the manifest",
        cause);
  }

  /** The process that listens on a port, as far as this user may see it. */
  static Optional<Long> holder(Port port) {
    Set<String> sockets =
        Stream.of("net/tcp", "net/tcp6")
            .flatMap(table -> lines(PROC.resolve(table)).stream())
            .map(line -> line.trim().split("\\s+"))
            .filter(row -> row.length > 9 && row[3].equals(LISTEN) && row[1].endsWith(hex(port)))
            .map(row -> "socket:[" + row[9] + "]")
            .collect(Collectors.toSet());
    if (sockets.isEmpty()) {
      return Optional.empty();
    }
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> holds(pid, sockets))
        .findFirst();
  }

  private static boolean holds(long pid, Set<String> sockets) {
    try (Stream<Path> descriptors = Files.list(PROC.resolve(pid + "/fd"))) {
      return descriptors.anyMatch(fd -> sockets.contains(target(fd)));
    } catch (IOException e) {
      return false; // another user's, or gone
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static String hex(Port port) {
    return String.format(Locale.ROOT, ":%04X", port.number());
  }

  /** The program's own short name, cleaned: a process may call itself anything. */
  private static String name(long pid) {
    return lines(PROC.resolve(pid + "/comm")).stream()
        .findFirst()
        .map(comm -> comm.replaceAll("[^\\w.:@+/ -]", "?"))
        .orElse("a process");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
  }
}
