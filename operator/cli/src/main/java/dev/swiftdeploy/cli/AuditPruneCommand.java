package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.Retention;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy audit prune}. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    description = {
      "Removes closed segments all of whose records are older than a time. What is left begins with"
          + " a signed checkpoint, and verifies from there. Nothing is removed by itself, ever."
          + " Keep a copy before: swiftdeploy audit export --output 2026.jsonl"
    },
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy audit prune --before 365d"})
final class AuditPruneCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();

  @Option(
      names = "--before",
      paramLabel = "TIME",
      required = true,
      description = "Remove what is older: 365d, 2026-01-31, 2026-01-31T09:00:00Z.")
  private String before = "";

  AuditPruneCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    AuditCommand.require(workspace);
    Instant until = Since.parse(before, Instant.now(), ZoneId.systemDefault());
    List<String> removed = Retention.prune(ChainFiles.of(workspace), until);
    removed.forEach(name -> terminal.talk("removed " + name));
    terminal.talk(removed.isEmpty() ? "no closed segment is that old" : "the rest verifies");
    return Exit.DONE;
  }
}
