package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.local.daemon.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which audit chain a command reads: a manifest's, or a file that was brought here. */
final class HistoryOption {
  @Mixin private ManifestOption manifest = new ManifestOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "HISTORY",
      description = "A chain's file. Default: the manifest's own")
  private @Nullable Path history;

  Workspace workspace() {
    return manifest.workspace();
  }

  /** Its records, if the chain verifies. */
  List<AuditRecord> records() {
    FileHistory read;
    if (history == null) {
      read = AuditCommand.history(workspace());
    } else if (Files.isRegularFile(history)) {
      read = FileHistory.whole(history);
    } else {
      throw new CommandFailure(Exit.USAGE, "there is no file " + history, "name a chain's file");
    }
    if (read.damage().isPresent()) {
      throw new CommandFailure(
          Exit.FAILED,
          "the chain is damaged at line " + read.damage().get().line(),
          "see: swiftdeploy audit verify");
    }
    return read.records();
  }
}
