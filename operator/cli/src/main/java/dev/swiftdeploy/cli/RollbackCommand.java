package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy rollback}. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    description = {
      "Goes back: away from a candidate, or to the release that was stable before.",
      "",
      "The release that is rolled back is refused until the manifest names another or you ask"
          + " for it again (deploy --retry)."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy rollback --reason \"checkout is slow\""})
final class RollbackCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Kept on record.")
  private String reason = "";

  RollbackCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    Resource resource = Manifests.pick(Manifests.read(workspace, terminal), manifest.resource());
    State state = FileHistory.read(workspace.history()).state(resource.name());
    boolean candidate = state.admitted().candidate().isPresent();
    boolean underWay = state.underWay().isPresent();
    boolean earlier = state.earlier().stream().anyMatch(r -> !state.refused().containsKey(r.id()));
    if (!candidate && !earlier && !underWay) {
      throw new CommandFailure(
          Exit.USAGE,
          "there is nothing to roll back to: no candidate, and no earlier release of "
              + resource.name()
              + " that isn't refused",
          "see what was: swiftdeploy status");
    }
    DaemonClient client = new DaemonClient(workspace, terminal);
    int code =
        Requests.ask(
            client,
            workspace,
            resource.name(),
            Requests.make(Request.Kind.ROLLBACK, reason, Optional.empty()),
            terminal,
            Duration.ofMinutes(5));
    if (code == Exit.DONE) {
      State now = FileHistory.read(workspace.history()).state(resource.name());
      now.admitted()
          .stable()
          .ifPresent(stable -> terminal.talk("rolled back: " + stable.label() + " serves"));
    }
    return code;
  }
}
