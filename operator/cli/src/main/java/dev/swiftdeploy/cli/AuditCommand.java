package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.report.Audit;
import dev.swiftdeploy.core.report.AuditReport;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
      "In a cluster (--namespace, --context) of one resource's chain, into this folder.",
      "",
      "Exit code 1 if the chain does not verify."
    },
    subcommands = {
      AuditVerifyCommand.class,
      AuditExportCommand.class,
      AuditAcknowledgeCommand.class,
      AuditPruneCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy audit",
      "  swiftdeploy audit --output -      print it",
      "  swiftdeploy audit --since 2h -o json | jq '.resources[].violations'",
      "  swiftdeploy audit --namespace shop --resource checkout --output -",
      "  swiftdeploy audit verify          check the chain only"
    })
final class AuditCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();

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
      names = "--uid",
      paramLabel = "UID",
      description = "In a cluster, of the resource: made anew under its name it has a new chain.")
  private @Nullable String uid;

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
    Instant now = Instant.now();
    Optional<Instant> from =
        Optional.ofNullable(since).map(s -> Since.parse(s, now, ZoneId.systemDefault()));
    if (place.cluster()) {
      ContextOption.requireKubernetes();
      try (ClusterAudit cluster = ClusterAudit.open(place)) {
        ClusterAudit.Told told =
            cluster.report(
                Optional.ofNullable(place.resource()), Optional.ofNullable(uid), from, now);
        tell(told.audit(), Path.of("audit_report.md").toAbsolutePath());
        told.verified().tell(terminal);
        return told.verified().exit();
      }
    }
    Workspace workspace = place.workspace();
    require(workspace);
    List<Damages.Known> known = ChainFiles.known(workspace).stream().toList();
    Audit.Reader reader = new Audit.Reader(from, now);
    ChainScan.Result scan =
        ChainScan.read(
            ChainFiles.of(workspace), ChainScan.From.START, known, Set.of(), reader::take);
    tell(
        reader.audit(scan.before(), scan.head(), scan.keys(), scan.damage()),
        workspace.auditReport());
    AuditVerifyCommand.tell(terminal, scan);
    return scan.damage().isPresent() ? Exit.FAILED : Exit.DONE;
  }

  private void tell(Audit audit, Path usual) throws IOException {
    if (form == OutputOption.Form.json) {
      terminal.data(OutputOption.render(audit));
    } else if ("-".equals(report)) {
      terminal.data(AuditReport.render(audit));
    } else {
      Path file = report == null ? usual : ChainFiles.output(place.workspace(), Path.of(report));
      Files.writeString(file, AuditReport.render(audit));
      terminal.talk("wrote " + file);
    }
  }

  static void require(Workspace workspace) {
    if (!Files.exists(workspace.history()) && !Files.exists(ChainFiles.of(workspace).segments())) {
      throw new CommandFailure(
          Exit.FAILED,
          "there is no audit chain: " + workspace.history(),
          "it begins with the first run or deploy");
    }
  }
}
