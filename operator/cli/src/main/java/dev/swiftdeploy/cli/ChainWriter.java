package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileAuditLog;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.local.daemon.ManifestLock;
import dev.swiftdeploy.local.daemon.RequestSpool;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** A chain has one writer: the daemon, or where none runs, the command itself. */
final class ChainWriter {
  /** How long a command waits for whoever has to do it. */
  static final Duration AT_MOST = Duration.ofSeconds(30);

  private final Workspace workspace;

  ChainWriter(Workspace workspace) {
    this.workspace = workspace;
  }

  /** Who gives commands here. */
  static Actor actor() {
    return new Actor(Account.name(), "command", false);
  }

  /** Hands something over to the daemon. */
  interface Handing {
    /** Gives the file that is gone once it is done. */
    Path to(RequestSpool spool) throws IOException;
  }

  /**
   * Does it here, or has the daemon do it.
   *
   * @return whether it was done here
   */
  @SuppressWarnings("try") // the lock is held for its own sake
  boolean write(Consumer<AuditLog> here, Handing handing) throws IOException {
    Optional<ManifestLock> lock =
        ManifestLock.take(workspace, Account.holder(Instant.now(), false));
    if (lock.isEmpty()) {
      byTheDaemon(handing.to(new RequestSpool(workspace)));
      return false;
    }
    try (ManifestLock held = lock.get();
        FileAuditLog log =
            FileAuditLog.open(
                ChainFiles.of(workspace),
                Clock.systemUTC(),
                CrashPoints.NONE,
                ChainFiles.known(workspace))) {
      here.accept(log);
    }
    return true;
  }

  private void byTheDaemon(Path waiting) throws IOException {
    Instant until = Instant.now().plus(AT_MOST);
    while (Files.exists(waiting)) {
      if (Instant.now().isAfter(until)) {
        Files.deleteIfExists(waiting);
        throw new CommandFailure(
            Exit.FAILED, "the daemon does not take it", "its log: " + workspace.daemonLog());
      }
      DaemonClient.pause(50);
    }
  }
}
