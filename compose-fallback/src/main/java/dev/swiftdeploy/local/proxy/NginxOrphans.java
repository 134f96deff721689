package dev.swiftdeploy.local.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Workers of an nginx whose master was killed together with the shell beside it: they hold the port
 * and go on with the weights that they had. They are known by their title, by having no master, and
 * by the files that they keep open.
 */
final class NginxOrphans {
  private static final Duration GRACE = Duration.ofSeconds(5);

  private NginxOrphans() {}

  /** Ends those that write into a folder; what they were answering is lost. */
  static void end(Path directory) throws IOException {
    Path folder = directory.toRealPath();
    List<ProcessHandle> orphans =
        ProcessHandle.allProcesses()
            .filter(NginxMaster::isServingWorker)
            .filter(worker -> worker.parent().filter(NginxMaster::isMaster).isEmpty())
            .filter(worker -> writesInto(worker, folder))
            .toList();
    orphans.forEach(ProcessHandle::destroy);
    if (!Waiting.until(() -> orphans.stream().noneMatch(ProcessHandle::isAlive), GRACE)) {
      orphans.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private static boolean writesInto(ProcessHandle process, Path folder) {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return open.anyMatch(file -> target(file).startsWith(folder));
    } catch (IOException e) {
      return false; // gone, somebody else's, or there is no /proc
    }
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      return link;
    }
  }
}
