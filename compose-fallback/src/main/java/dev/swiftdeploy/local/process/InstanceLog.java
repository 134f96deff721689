package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.local.files.Folders;
import dev.swiftdeploy.local.files.LastLine;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What instances print: bounded in size and number. The part before is in {@code <log>.1}. */
final class InstanceLog {
  private static final long MOST_AT_START = 10L << 20;
  private static final long MOST_WHILE_RUNNING = 64L << 20;
  private static final int LOGS_KEPT = 20;
  private static final int TAIL = 4096;

  private InstanceLog() {}

  /** To be called before a start, when nobody writes. */
  static void rotate(Path log) throws IOException {
    if (size(log) > MOST_AT_START) {
      Files.move(log, before(log), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Bounds a log that is being written: its writers append, so they go on at the new end. */
  static void trim(Path log) throws IOException {
    if (size(log) > MOST_WHILE_RUNNING) {
      Files.copy(log, before(log), StandardCopyOption.REPLACE_EXISTING);
      Files.write(log, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    }
  }

  /** The last line that says something, made printable and short. */
  static Optional<String> lastLine(Path log) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(TAIL, file.length())];
      file.seek(file.length() - tail.length);
      file.readFully(tail);
      return LastLine.of(new String(tail, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Removes the oldest logs of workloads that are there no more. */
  static void prune(Path folder, Set<Workload> workloads) throws IOException {
    Map<Path, FileTime> old = new HashMap<>();
    for (Path log : Folders.list(folder)) {
      String name = log.getFileName().toString();
      if (workloads.stream().noneMatch(w -> name.startsWith(w.name() + "-"))) {
        old.put(log, Files.getLastModifiedTime(log));
      }
    }
    List<Path> oldestFirst =
        old.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
            .map(Map.Entry::getKey)
            .toList();
    for (Path log : oldestFirst.subList(0, Math.max(0, oldestFirst.size() - LOGS_KEPT))) {
      Files.deleteIfExists(log);
    }
  }

  private static Path before(Path log) {
    return log.resolveSibling(log.getFileName() + ".1");
  }

  private static long size(Path log) throws IOException {
    return Files.isRegularFile(log) ? Files.size(log) : 0;
  }
}
