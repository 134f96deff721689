package dev.swiftdeploy.cli;

import dev.swiftdeploy.cli.view.Frame;
import dev.swiftdeploy.cli.view.StatusScreen;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code swiftdeploy status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows how it stands: what runs and how it does, what is next, what policy says to it.",
      "",
      "On this machine: with a daemon, what the daemon sees, and it keeps a sample of it in the audit chain;"
          + " without one, what is there. In a cluster (--namespace, --context): what the operator"
          + " told last, what is on record and what is there; figures are those of the last recorded"
          + " review. Looking asks policy nothing out of turn.",
      "",
      "--watch goes on until Ctrl-C or q: a live view on a terminal, else text whenever something"
          + " changes, and with -o json one document a line."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy status",
      "  swiftdeploy status --watch",
      "  swiftdeploy status -o json | jq '.resources[].conditions'",
      "  swiftdeploy status --namespace shop --watch",
      "  swiftdeploy status --context staging --namespace shop checkout",
      "  swiftdeploy status --watch -o json | jq -c '.resources[].candidate'"
    })
final class StatusCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();
  @Mixin private OutputOption output = new OutputOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Which resource. Default: all of the manifest, or of the namespace")
  private @Nullable String name;

  @Option(
      names = {"-w", "--watch"},
      description = "Go on showing it.")
  private boolean watch;

  StatusCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Optional<String> meant = place.resource(name);
    if (place.cluster()) {
      ContextOption.requireKubernetes();
    }
    StatusSource source =
        place.cluster()
            ? ClusterStatusSource.open(place, meant)
            : new MachineStatus(place.workspace(), meant, terminal);
    if (watch) {
      return Watch.on(source, terminal, output.json()).run();
    }
    try (source) {
      return show(source.now(true));
    }
  }

  private int show(StatusSource.Said said) {
    terminal.data(
        output.json()
            ? OutputOption.render(said.document())
            : Frame.plain(
                StatusScreen.whole(said.seen(), Instant.now(), ZoneId.systemDefault()),
                terminal.colour()));
    return Exit.DONE;
  }
}
