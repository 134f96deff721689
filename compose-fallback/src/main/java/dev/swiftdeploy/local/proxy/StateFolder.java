package dev.swiftdeploy.local.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/** A proxy's folder: for this user only, its files replaced whole. */
public final class StateFolder {
  /** Tells of the proxy's process, as DetachedProcess writes it. */
  static final String PID_FILE = "process";

  private static final long MOST_LOG_BYTES = 64L * 1024 * 1024;

  private StateFolder() {}

  public static void make(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /** The text of a file; empty if there is none. */
  public static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Where the next version of a file is written. */
  public static Path candidate(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  /** Makes the candidate the file, at once for whoever reads it. */
  public static void swap(Path file) throws IOException {
    Files.move(candidate(file), file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** A log that has grown long becomes {@code <log>.1}, in place of an earlier one. */
  public static void turnOver(Path log) throws IOException {
    if (Files.exists(log) && Files.size(log) > MOST_LOG_BYTES) {
      Path old = log.resolveSibling(log.getFileName() + ".1");
      Files.move(log, old, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The end of a log, for a message: its last lines, one line of it at most so long. */
  public static String lastWords(Path log) throws IOException {
    String text = read(log).strip().replaceAll("\\s*\\R\\s*", "; ");
    return text.isEmpty() ? "it said nothing" : text.substring(Math.max(0, text.length() - 500));
  }

  /** Deletes a folder and all in it; none is no error. */
  public static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
