package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainPlace;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.local.daemon.StatusFile;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a manifest's chain lies, and what else knows where it ended. */
final class ChainFiles {
  private ChainFiles() {}

  /**
   * Its place. {@code SWIFTDEPLOY_SEGMENT_BYTES} sets how large a segment grows, for tests; 4 MiB
   * unless told.
   */
  static ChainPlace of(Workspace workspace) {
    @Nullable String told = System.getenv("SWIFTDEPLOY_SEGMENT_BYTES");
    long bytes = told == null || told.isEmpty() ? ChainPlace.SEGMENT_BYTES : Long.parseLong(told);
    return new ChainPlace(workspace.history(), workspace.auditKey(), bytes);
  }

  /**
   * A file that a command is told to write: never one that SwiftDeploy rests on.
   *
   * @throws CommandFailure if it is the chain, the manifest, or what is kept beside them
   */
  static Path output(Workspace workspace, Path file) {
    Path meant = real(file);
    boolean taken =
        Stream.of(
                workspace.manifest(),
                workspace.history(),
                of(workspace).segments(),
                workspace.kept())
            .map(ChainFiles::real)
            .anyMatch(meant::startsWith);
    if (taken) {
      throw new CommandFailure(
          Exit.USAGE,
          file + " is the manifest's, its chain's or its daemon's: it is not written over",
          "name another file");
    }
    return file;
  }

  /** Through links, where it is there. */
  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file.toAbsolutePath().normalize();
    }
  }

  /** The head that the last status tells of: the record was durable before that was written. */
  static Optional<Damages.Known> known(Workspace workspace) {
    return new StatusFile(workspace)
        .read().stream()
            .flatMap(document -> document.resources().stream())
            .map(Status::chain)
            .max(Comparator.comparingLong(Status.ChainStatus::seq))
            .filter(chain -> chain.seq() > 0)
            .map(
                chain ->
                    new Damages.Known(new Chain.Head(chain.seq(), chain.head()), "the status"));
  }
}
