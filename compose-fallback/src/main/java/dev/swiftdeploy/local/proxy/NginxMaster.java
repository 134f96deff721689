package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A running nginx, as its processes show it. nginx tells in a worker's command line what the worker
 * does: {@code nginx: worker process}, then {@code nginx: worker process is shutting down} from the
 * moment on when it takes no new connection.
 */
record NginxMaster(DetachedProcess process) {
  private static final String MASTER = "nginx: master process";
  private static final String WORKER = "nginx: worker process";
  private static final String DRAINING = WORKER + " is shutting down";

  /** Workers that take connections. */
  Set<Long> serving() {
    return workers(NginxMaster::serves);
  }

  /** Workers that take no more connections and still have requests in flight. */
  Set<Long> draining() {
    return workers(title -> title.startsWith(DRAINING));
  }

  /** The master and the workers that take connections. */
  Set<Long> all() {
    Set<Long> all = new HashSet<>(serving());
    all.add(process.pid());
    return all;
  }

  void reload() throws IOException {
    process.signal(DetachedProcess.Signal.HUP);
  }

  /** Takes no more connections, and ends when the requests in flight have. */
  void quit() throws IOException {
    process.signal(DetachedProcess.Signal.QUIT);
  }

  void kill() throws IOException {
    process.signal(DetachedProcess.Signal.KILL);
  }

  boolean running() {
    return process.running();
  }

  private Set<Long> workers(Predicate<String> title) {
    return ProcessHandle.of(process.pid())
        .map(
            master ->
                master
                    .children()
                    .filter(child -> title.test(title(child)))
                    .map(ProcessHandle::pid)
                    .collect(Collectors.toSet()))
        .orElse(Set.of());
  }

  private static boolean serves(String title) {
    return title.startsWith(WORKER) && !title.startsWith(DRAINING);
  }

  /** Whether that process is an nginx's worker that takes connections. */
  static boolean isServingWorker(ProcessHandle process) {
    return serves(title(process));
  }

  static boolean isMaster(ProcessHandle process) {
    return title(process).startsWith(MASTER);
  }

  private static String title(ProcessHandle process) {
    try {
      Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      return new String(Files.readAllBytes(commandLine), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return process.info().commandLine().orElse(""); // no /proc, or gone
    }
  }

  @Override
  public String toString() {
    return "nginx (" + process + ")";
  }
}
