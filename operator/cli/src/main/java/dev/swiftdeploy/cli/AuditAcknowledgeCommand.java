package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.adapters.audit.FileAuditLog;
import dev.swiftdeploy.core.audit.Actor;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code swiftdeploy audit acknowledge}. */
@Command(
    name = "acknowledge",
    mixinStandardHelpOptions = true,
    description = {
      "Takes note that the chain is damaged, so that transitions go on: what is there is kept aside,"
          + " the chain continues after its last good record, and who took note, and why, is its"
          + " next one.",
      "",
      "What was admitted only by records that are lost is not admitted any more.",
      "",
      "In a cluster (--namespace, --context) the objects stay as they are, and audit verify goes on"
          + " to name what is wrong with them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy audit acknowledge --reason \"restored from the backup of Monday\"",
      "  swiftdeploy audit acknowledge checkout -n shop --reason \"a mistake\""
    })
final class AuditAcknowledgeCommand implements Callable<Integer> {
  private static final Duration AT_MOST = Duration.ofSeconds(30);

  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "In a cluster, of this resource.")
  private @Nullable String name;

  @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Kept on record.")
  private String reason = "";

  AuditAcknowledgeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The lock is held for its own sake. */
  @Override
  @SuppressWarnings("try")
  public Integer call() throws IOException {
    if (place.cluster()) {
      return inCluster();
    }
    place.requireWholeChain(name);
    Workspace workspace = place.workspace();
    Actor actor = new Actor(System.getProperty("user.name", "unknown"), "command", false);
    Optional<ManifestLock> lock = ManifestLock.take(workspace, me());
    if (lock.isPresent()) {
      try (ManifestLock held = lock.get()) {
        here(workspace, actor);
      }
    } else {
      byTheDaemon(workspace, actor);
    }
    ChainScan.Result scan =
        ChainScan.read(
            ChainFiles.of(workspace), ChainScan.From.START, List.of(), Set.of(), record -> {});
    AuditVerifyCommand.tell(terminal, scan);
    return scan.damage().isPresent() ? Exit.FAILED : Exit.DONE;
  }

  private int inCluster() {
    ContextOption.requireKubernetes();
    try (ClusterAudit audit = ClusterAudit.open(place)) {
      Optional<String> resource = place.resource(name);
      audit.acknowledge(resource, reason, AT_MOST);
      audit.verify(resource, Optional.empty(), List.of()).forEach(chain -> chain.tell(terminal));
    }
    return Exit.DONE;
  }

  private static ManifestLock.Holder me() {
    return new ManifestLock.Holder(
        ProcessHandle.current().pid(),
        Instant.now(),
        System.getProperty("user.name", "unknown"),
        false,
        VersionCommand.version());
  }

  private void here(Workspace workspace, Actor actor) throws IOException {
    try (FileAuditLog log =
        FileAuditLog.open(
            ChainFiles.of(workspace),
            Clock.systemUTC(),
            CrashPoints.NONE,
            ChainFiles.known(workspace))) {
      log.acknowledge(actor, reason);
    }
    // What it says of the chain is no longer so; the next daemon writes another.
    Files.deleteIfExists(workspace.status());
  }

  private void byTheDaemon(Workspace workspace, Actor actor) throws IOException {
    Path waiting =
        new RequestSpool(workspace).acknowledge(new RequestSpool.Acknowledgement(actor, reason));
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
