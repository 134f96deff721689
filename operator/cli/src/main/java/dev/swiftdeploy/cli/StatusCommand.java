package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.local.daemon.ManifestLock;
import dev.swiftdeploy.local.daemon.StatusFile;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code swiftdeploy status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows how it stands: what runs, what is next, what policy said last.",
      "",
      "With a daemon, what the daemon sees; without one, what is there."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy status",
      "  swiftdeploy status -o json | jq '.resources[].conditions'"
    })
final class StatusCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();
  @Mixin private OutputOption output = new OutputOption();

  StatusCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    DaemonClient client = new DaemonClient(workspace, terminal);
    Optional<ManifestLock.Holder> daemon = client.daemon();
    if (daemon.isPresent()) {
      client.nudgeQuietly();
    }
    Optional<StatusFile.Document> said = client.status();
    StatusFile.Document document = said.isPresent() ? said.get() : withoutDaemon(workspace);
    if (output.json()) {
      terminal.data(OutputOption.render(document));
      return Exit.DONE;
    }
    StringBuilder out = new StringBuilder();
    for (Status status : document.resources()) {
      out.append(new StatusView(terminal).render(status));
    }
    document.manifestProblems().forEach(p -> out.append("manifest: ").append(p).append('\n'));
    out.append(
        daemon
            .map(h -> "daemon: " + h.text())
            .orElse("daemon: none runs (start one with deploy or run)"));
    terminal.data(out.append('\n').toString());
    return Exit.DONE;
  }

  private StatusFile.Document withoutDaemon(Workspace workspace) {
    List<Status> all = new ArrayList<>();
    for (Resource resource : Manifests.read(workspace, terminal)) {
      all.add(Inspection.look(workspace, resource, false).status());
    }
    return new StatusFile.Document(0, List.of(), all);
  }
}
