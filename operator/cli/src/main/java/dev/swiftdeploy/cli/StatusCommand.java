package dev.swiftdeploy.cli;

import dev.swiftdeploy.cli.view.Frame;
import dev.swiftdeploy.cli.view.StatusScreen;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows how it stands: what runs and how it does, what is next, what policy says to it.",
      "",
      "With a daemon, what the daemon sees, and it keeps a sample of it in the audit chain;"
          + " without one, what is there. Looking asks policy nothing out of turn.",
      "",
      "--watch goes on until Ctrl-C or q: a live view on a terminal, else text whenever something"
          + " changes, and with -o json one document a line."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy status",
      "  swiftdeploy status --watch",
      "  swiftdeploy status -o json | jq '.resources[].conditions'",
      "  swiftdeploy status --watch -o json | jq -c '.resources[].candidate'"
    })
final class StatusCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();
  @Mixin private OutputOption output = new OutputOption();

  @Option(
      names = {"-w", "--watch"},
      description = "Go on showing it.")
  private boolean watch;

  StatusCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    StatusSource source = new StatusSource(workspace, terminal);
    if (watch) {
      return Watch.on(source, terminal, output.json()).run();
    }
    StatusSource.Said said = source.now(true);
    terminal.data(
        output.json()
            ? OutputOption.render(said.document())
            : Frame.plain(
                StatusScreen.whole(said.seen(), Instant.now(), ZoneId.systemDefault()),
                terminal.colour()));
    return Exit.DONE;
  }
}
