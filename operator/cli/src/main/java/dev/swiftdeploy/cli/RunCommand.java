package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileAuditLog;
import dev.swiftdeploy.adapters.host.Crash;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Daemon;
import dev.swiftdeploy.local.daemon.ManifestLock;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs what the manifest declares, here, in the foreground, and follows the manifest.",
      "",
      "Ctrl-C stops the service in order; the next run brings the same release up again."
          + " A killed daemon leaves the service running, and the next run takes it over."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy run", "  swiftdeploy run -f shop.yaml"})
final class RunCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();
  @Mixin private PolicyServerOption policyServer = new PolicyServerOption();

  @Mixin private PlatformOption platform = new PlatformOption();

  @Option(names = "--background", hidden = true)
  private boolean background;

  RunCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    Account.requireAccess(workspace);
    boolean known = Files.exists(workspace.lastGood());
    List<Resource> declared =
        known ? Manifests.readKnown(workspace, terminal) : Manifests.read(workspace, terminal);
    PlatformKind kind = platform.remember(workspace, declared);
    policyServer.remember();
    Clock clock = Clock.systemUTC();
    ManifestLock.Holder me = Account.holder(clock.instant(), background);
    Optional<ManifestLock> lock = ManifestLock.take(workspace, me);
    if (lock.isEmpty()) {
      throw locked(workspace);
    }
    CrashPoints crashPoints = Crash.fromEnvironment();
    ManifestLock held = lock.get(); // for the life of this process
    try (FileAuditLog audit =
        FileAuditLog.open(
            ChainFiles.of(workspace), clock, crashPoints, ChainFiles.known(workspace))) {
      ConsoleLog log = new ConsoleLog(terminal, clock);
      Wiring wiring = new Wiring(kind, workspace, audit, clock, crashPoints);
      Daemon daemon =
          new Daemon(
              workspace,
              new FileManifestSource(workspace, clock),
              audit,
              wiring::resource,
              clock,
              new Actor(Account.name(), "spec", false),
              VersionCommand.version(),
              log);
      log.line(
          "daemon "
              + me.pid()
              + " on "
              + workspace.manifest()
              + kind.told()
              + (background ? "" : "; Ctrl-C stops the service in order"));
      Thread stopper = new Thread(daemon::stopAndWait, "stop");
      Runtime.getRuntime().addShutdownHook(stopper);
      daemon.run();
      return Exit.DONE;
    } finally {
      held.close();
    }
  }

  static CommandFailure locked(Workspace workspace) {
    String who =
        ManifestLock.holder(workspace).map(ManifestLock.Holder::text).orElse("another process");
    return new CommandFailure(
        Exit.LOCKED,
        "a daemon already runs for " + workspace.manifest() + ": " + who,
        "see how it stands with: swiftdeploy status");
  }
}
