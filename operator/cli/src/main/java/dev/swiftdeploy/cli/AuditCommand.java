package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.report.AuditReport;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
      "  swiftdeploy audit --report -      print it",
      "  swiftdeploy audit verify          check the chain only"
    })
final class AuditCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Where to write it; - prints it. Default: audit_report.md beside the manifest")
  private @Nullable String report;

  AuditCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    FileHistory history = history(workspace);
    String text = AuditReport.render(history.records(), history.head(), history.damage());
    if ("-".equals(report)) {
      terminal.data(text);
    } else {
      Path file = report == null ? workspace.auditReport() : Path.of(report);
      Files.writeString(file, text);
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
