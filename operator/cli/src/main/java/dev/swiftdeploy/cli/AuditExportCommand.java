package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code swiftdeploy audit export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes the whole chain, its closed segments too, as one history.jsonl, up to the first bad"
          + " place if there is one (then exit code 1).",
      "",
      "In a cluster (--namespace, --context) one resource's chain, in the same form."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy audit export | gzip",
      "  swiftdeploy audit export --output copy.jsonl",
      "  swiftdeploy audit export checkout --namespace shop --output copy.jsonl"
    })
final class AuditExportCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "In a cluster, of this resource.")
  private @Nullable String name;

  @Option(
      names = "--uid",
      paramLabel = "UID",
      description = "In a cluster, of the resource: made anew under its name it has a new chain.")
  private @Nullable String uid;

  @Option(names = "--output", paramLabel = "FILE", description = "Where to. Default: stdout")
  private @Nullable Path file;

  AuditExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    place.requireWholeChain(name, uid);
    if (file == null) {
      return export(line -> terminal.data(line + "\n"));
    }
    try (BufferedWriter out = Files.newBufferedWriter(ChainFiles.output(place.workspace(), file))) {
      return export(line -> out.append(line).append('\n'));
    }
  }

  private int export(Lines lines) throws IOException {
    if (place.cluster()) {
      ContextOption.requireKubernetes();
      try (ClusterAudit audit = ClusterAudit.open(place)) {
        ClusterAudit.Verified chain =
            audit.export(place.resource(name), Optional.ofNullable(uid), lines);
        chain.tell(terminal);
        return chain.exit();
      }
    }
    Workspace workspace = place.workspace();
    AuditCommand.require(workspace);
    ChainScan.Result scan = read(workspace, lines);
    AuditVerifyCommand.tell(terminal, scan);
    return scan.damage().isPresent() ? Exit.FAILED : Exit.DONE;
  }

  /** Takes one line after the other, without line ends. */
  interface Lines {
    void take(String line) throws IOException;
  }

  private static ChainScan.Result read(Workspace workspace, Lines lines) throws IOException {
    return ChainScan.read(
        ChainFiles.of(workspace),
        ChainScan.From.START,
        List.of(),
        Set.of(),
        record -> {
          try {
            lines.take(record.line());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
