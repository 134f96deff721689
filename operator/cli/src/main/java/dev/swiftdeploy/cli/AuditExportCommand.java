package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy audit export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes the whole chain, its closed segments too, as one history.jsonl, up to the first bad"
          + " place if there is one (then exit code 1)."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy audit export | gzip",
      "  swiftdeploy audit export --output copy.jsonl"
    })
final class AuditExportCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();

  @Option(names = "--output", paramLabel = "FILE", description = "Where to. Default: stdout")
  private @Nullable Path file;

  AuditExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    AuditCommand.require(workspace);
    ChainScan.Result scan;
    if (file == null) {
      scan = read(workspace, line -> terminal.data(line + "\n"));
    } else {
      try (BufferedWriter out = Files.newBufferedWriter(file)) {
        scan = read(workspace, line -> out.append(line).append('\n'));
      }
    }
    AuditVerifyCommand.tell(terminal, scan);
    return scan.damage().isPresent() ? Exit.FAILED : Exit.DONE;
  }

  private interface Lines {
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
