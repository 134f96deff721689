package dev.swiftdeploy.local.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether what answers on a port is who should: another process may have taken the port first, and
 * its health is not ours. Linux only ({@code /proc/net/tcp}, proc(5)); elsewhere it can't be told.
 */
final class PortOwner {
  private static final Path PROC = Path.of("/proc");
  private static final String LISTEN = "0A";

  private PortOwner() {}

  /** False only if somebody listens on the port and none of these processes does. */
  static boolean mayBe(Collection<Long> pids, int port) {
    Set<String> sockets =
        Stream.of("net/tcp", "net/tcp6")
            .flatMap(table -> lines(PROC.resolve(table)).stream())
            .map(line -> line.trim().split("\\s+", -1))
            .filter(row -> row.length > 9 && row[3].equals(LISTEN) && isPort(row[1], port))
            .map(row -> "socket:[" + row[9] + "]")
            .collect(Collectors.toSet());
    return sockets.isEmpty() || pids.stream().anyMatch(pid -> holds(pid, sockets));
  }

  private static boolean isPort(String address, int port) {
    return address.endsWith(String.format(Locale.ROOT, ":%04X", port));
  }

  private static boolean holds(long pid, Set<String> sockets) {
    try (Stream<Path> descriptors = Files.list(PROC.resolve(pid + "/fd"))) {
      return descriptors.anyMatch(fd -> sockets.contains(target(fd)));
    } catch (IOException e) {
      return false; // gone
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
  }
}
