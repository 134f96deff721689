package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.adapters.proxy.NginxSite.WorkerUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Whom processes run as. */
final class Accounts {
  private static final int ROOT = 0;
  private static final Path SELF = Path.of("/proc/self");
  private static final Path USERS = Path.of("/etc/passwd");
  private static final Path GROUPS = Path.of("/etc/group");

  private Accounts() {}

  /** This process's user id: whom its /proc folder, or a file that it makes, belongs to. */
  static int uid() throws IOException {
    if (Files.isDirectory(SELF)) {
      return (Integer) Files.getAttribute(SELF, "unix:uid");
    }
    Path mark = Files.createTempFile("swiftdeploy", null);
    try {
      return (Integer) Files.getAttribute(mark, "unix:uid");
    } finally {
      Files.delete(mark);
    }
  }

  /**
   * Whom root's workers run as: {@code nobody} and its group, whose name differs between systems.
   * Others can't choose; nor can root where there is no such account.
   */
  static Optional<WorkerUser> workers() throws IOException {
    if (uid() != ROOT) {
      return Optional.empty();
    }
    return column(USERS, 0, "nobody", 3)
        .flatMap(gid -> column(GROUPS, 2, gid, 0))
        .map(group -> new WorkerUser("nobody", group));
  }

  private static Optional<String> column(Path table, int key, String value, int column) {
    try (Stream<String> lines = Files.lines(table)) {
      return lines
          .map(line -> line.split(":", -1))
          .filter(row -> row.length > Math.max(key, column) && row[key].equals(value))
          .map(row -> row[column])
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
