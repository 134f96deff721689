package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.report.Audit;
import dev.swiftdeploy.core.report.AuditReport;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy audit}. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Writes audit_report.md from the audit chain: summary, timeline, policy violations, a diagram.",
      "",
      "Exit code 1 if the chain does not verify."
    },
    subcommands = {AuditCommand.Verify.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy audit",
      "  swiftdeploy audit --output -      print it",
      "  swiftdeploy audit --since 2h -o json | jq '.resources[].violations'",
      "  swiftdeploy audit verify          check the chain only"
    })
final class AuditCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();

  @Option(
      names = {"--output", "--report"},
      paramLabel = "FILE",
      description =
          "Where to write the report; - prints it. Default: audit_report.md beside the manifest")
  private @Nullable String report;

  @Option(
      names = "-o",
      paramLabel = "FORM",
      defaultValue = "text",
      description = "json prints what the report is made of. Default: the report as text")
  private OutputOption.Form form = OutputOption.Form.text;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Leave out what is older: 2h, 7d, 2026-01-31, 2026-01-31T09:00:00Z.")
  private @Nullable String since;

  AuditCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    Instant now = Instant.now();
    Optional<Instant> from =
        Optional.ofNullable(since).map(s -> Since.parse(s, now, ZoneId.systemDefault()));
    FileHistory history = history(workspace);
    Audit audit = Audit.of(history.records(), history.head(), history.damage(), from, now);
    if (form == OutputOption.Form.json) {
      terminal.data(OutputOption.render(audit));
    } else if ("-".equals(report)) {
      terminal.data(AuditReport.render(audit));
    } else {
      Path file = report == null ? workspace.auditReport() : Path.of(report);
      Files.writeString(file, AuditReport.render(audit));
      terminal.talk("wrote " + file);
    }
    return verdict(terminal, workspace, history);
  }

  static FileHistory history(Workspace workspace) {
    if (!Files.exists(workspace.history())) {
      throw new CommandFailure(
          Exit.FAILED,
          "there is no audit chain: " + workspace.history(),
          "it begins with the first run or deploy");
    }
    return FileHistory.read(workspace.history());
  }

  private static int verdict(Terminal terminal, Workspace workspace, FileHistory history) {
    if (history.damage().isPresent()) {
      terminal.talk(
          terminal.styled(Terminal.Style.RED, "DAMAGED")
              + "  "
              + workspace.history()
              + ", line "
              + history.damage().get().line()
              + ": "
              + history.damage().get().message());
      return Exit.FAILED;
    }
    terminal.talk(
        terminal.styled(Terminal.Style.GREEN, "VERIFIED")
            + "  "
            + history.head().seq()
            + " records, head "
            + history.head().hash());
    return Exit.DONE;
  }

  /** {@code swiftdeploy audit verify}. */
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description =
          "Checks that every record of the chain is as it was written, and follows the"
              + " one before. Exit code 1, and the first bad line, if not.",
      footerHeading = "%nExamples:%n",
      footer = {"  swiftdeploy audit verify", "  swiftdeploy audit verify -f shop.yaml"})
  static final class Verify implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin private ManifestOption manifest = new ManifestOption();

    Verify(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      Workspace workspace = manifest.workspace();
      return verdict(terminal, workspace, history(workspace));
    }
  }
}
