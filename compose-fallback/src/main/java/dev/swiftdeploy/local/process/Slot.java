package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Workload;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One slot as it is now.
 *
 * @param entry what is kept of it
 * @param process its program, while it runs
 * @param port that the program was told
 * @param stray no pid file tells of its process
 * @param leftovers other process groups of this slot: what a program that is gone left behind
 */
record Slot(
    SlotFiles files,
    Optional<SlotFiles.Entry> entry,
    Optional<DetachedProcess> process,
    OptionalInt port,
    boolean stray,
    List<ProcessScan.Group> leftovers) {

  static Slot absent(SlotFiles files) {
    return new Slot(
        files, Optional.empty(), Optional.empty(), OptionalInt.empty(), false, List.of());
  }

  Workload workload() {
    return files.workload();
  }

  boolean isAbsent() {
    return entry.isEmpty() && process.isEmpty();
  }

  /** A crash between taking note of a start and the start leaves no pid file. */
  boolean wasStarted() {
    return process.isPresent() || Files.exists(files.pidFile());
  }

  int restarts() {
    return entry.map(e -> e.starts() - 1).orElse(0);
  }
}
