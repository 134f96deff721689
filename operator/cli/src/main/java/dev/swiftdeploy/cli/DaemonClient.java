package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.local.daemon.ManifestLock;
import dev.swiftdeploy.local.daemon.RequestSpool;
import dev.swiftdeploy.local.daemon.StatusFile;
import dev.swiftdeploy.local.daemon.Workspace;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How commands reach the daemon of a manifest: start it, hand it a request, follow what it does.
 */
final class DaemonClient implements Host {
  private static final Duration START_AT_MOST = Duration.ofMinutes(1);
  private static final Duration NUDGE_AT_MOST = Duration.ofMinutes(1);

  private final Workspace workspace;
  private final Terminal terminal;
  private final RequestSpool spool;
  private final StatusFile status;
  private long logOffset;
  private long seen = -1;
  private List<AuditRecord> records = List.of();

  /**
   * @throws CommandFailure if this account can't read what the daemon keeps
   */
  DaemonClient(Workspace workspace, Terminal terminal) {
    Account.requireAccess(workspace);
    this.workspace = workspace;
    this.terminal = terminal;
    this.spool = new RequestSpool(workspace);
    this.status = new StatusFile(workspace);
    this.logOffset = workspace.daemonLog().toFile().length();
  }

  Optional<ManifestLock.Holder> daemon() {
    return ManifestLock.holder(workspace);
  }

  RequestSpool spool() {
    return spool;
  }

  /** Starts a daemon in the background where none runs; one that another command starts will do. */
  void ensureDaemon() throws IOException {
    Optional<DetachedProcess> started = Optional.empty();
    Instant until = Instant.now().plus(START_AT_MOST);
    while (daemon().isEmpty()) {
      followLog();
      if (started.isEmpty()) {
        started = startDaemon();
      } else if (!started.get().running()) {
        throw new CommandFailure(
            Exit.FAILED, "the daemon ended at once", "its log: " + workspace.daemonLog());
      }
      if (Instant.now().isAfter(until)) {
        throw new CommandFailure(
            Exit.FAILED, "the daemon did not start", "its log: " + workspace.daemonLog());
      }
      pause(50);
    }
  }

  /** Empty where another command has just started one; commands do so one by one. */
  @SuppressWarnings("try") // the lock is held for its own sake
  private Optional<DetachedProcess> startDaemon() throws IOException {
    workspace.create();
    Path pidFile = workspace.state().resolve("daemon.pid");
    try (FileChannel starts =
            FileChannel.open(
                workspace.state().resolve("daemon.start"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock alone = starts.lock()) {
      if (DetachedProcess.find(pidFile).isPresent()) {
        return Optional.empty();
      }
      Map<String, String> environment = new TreeMap<>(System.getenv());
      environment.put("SWIFTDEPLOY_NO_BUILD", "1");
      return Optional.of(
          DetachedProcess.start(
              daemonCommand(), environment, workspace.folder(), workspace.daemonLog(), pidFile));
    }
  }

  /** Through the launcher, which knows the JVM's options; without one, as this JVM was started. */
  private List<String> daemonCommand() {
    List<String> command = new ArrayList<>();
    @Nullable String launcher = System.getProperty("swiftdeploy.launcher");
    if (launcher != null) {
      command.add(launcher);
    } else {
      command.addAll(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "-Xmx128m",
              "-cp",
              System.getProperty("java.class.path"),
              Main.class.getName()));
    }
    command.addAll(List.of("run", "--background", "-f", workspace.manifest().toString()));
    return command;
  }

  @Override
  public String name() {
    return "daemon";
  }

  @Override
  public String actor() {
    return Account.name();
  }

  /** Starts one, where none runs. */
  @Override
  public void ask(ResourceName resource, Request request) throws IOException {
    ensureDaemon();
    spool.put(new RequestSpool.Spooled(resource, request));
  }

  /** A daemon in somebody's terminal tells its progress there, not here. */
  @Override
  public boolean tells() {
    return daemon().map(ManifestLock.Holder::background).orElse(true);
  }

  @Override
  public State state(ResourceName resource) {
    return FileHistory.read(workspace.history()).state(resource);
  }

  /** Read again only where the chain has grown. */
  @Override
  public List<AuditRecord> recent(ResourceName resource) {
    long size = workspace.history().toFile().length();
    if (size != seen) {
      records = FileHistory.recent(workspace.history()).records();
      seen = size;
    }
    return records;
  }

  @Override
  public boolean alive() {
    return daemon().isPresent();
  }

  @Override
  public CommandFailure ended() {
    return new CommandFailure(
        Exit.FAILED, "the daemon has ended", "its log: " + workspace.daemonLog());
  }

  @Override
  public String command(String words) {
    return "swiftdeploy " + words;
  }

  @Override
  public String retry(String resource) {
    return "swiftdeploy deploy --retry";
  }

  @Override
  public void follow() throws IOException {
    followLog();
  }

  /** Prints what the daemon has told since the last call. */
  void followLog() throws IOException {
    Path log = workspace.daemonLog();
    long length = log.toFile().length();
    if (length == logOffset || logOffset == Long.MAX_VALUE) {
      return;
    }
    if (length < logOffset) {
      logOffset = 0; // a new log
    }
    try (RandomAccessFile in = new RandomAccessFile(log.toFile(), "r")) {
      in.seek(logOffset);
      byte[] fresh = new byte[(int) Math.min(1 << 20, length - logOffset)];
      int read = in.read(fresh);
      String text = new String(fresh, 0, Math.max(0, read), StandardCharsets.UTF_8);
      int end = text.lastIndexOf('\n');
      if (end < 0) {
        return;
      }
      String whole = text.substring(0, end + 1);
      whole.lines().forEach(terminal::talk);
      logOffset += whole.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  /**
   * Waits until the daemon's status is of a time after this moment; what it told before is not
   * printed. Policy is not asked for it.
   *
   * @param keep what is seen is to be kept as a sample
   * @return false if the daemon has ended meanwhile
   */
  boolean look(boolean keep) throws IOException {
    logOffset = Long.MAX_VALUE;
    return answered(spool.look(keep));
  }

  /** Waits until the daemon has looked at everything after this moment, policy included. */
  void nudge() throws IOException {
    if (!answered(spool.nudge())) {
      throw ended();
    }
  }

  private boolean answered(Path nudge) throws IOException {
    Instant until = Instant.now().plus(NUDGE_AT_MOST);
    while (Files.exists(nudge)) {
      followLog();
      if (daemon().isEmpty()) {
        return !Files.deleteIfExists(nudge); // unless it was answered at the last
      }
      if (Instant.now().isAfter(until)) {
        throw new CommandFailure(
            Exit.FAILED, "the daemon does not answer", "its log: " + workspace.daemonLog());
      }
      pause(50);
    }
    return true;
  }

  /** What the running daemon says; empty where none runs or it has said nothing yet. */
  @Override
  public Optional<StatusFile.Document> status() {
    Optional<ManifestLock.Holder> holder = daemon();
    return holder.flatMap(h -> status.read().filter(d -> d.pid() == h.pid()));
  }

  static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(Exit.FAILED, "interrupted", "what was begun goes on");
    }
  }
}
