package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.manifest.ManifestFile;
import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.adapters.manifest.ManifestWatch;
import dev.swiftdeploy.adapters.manifest.Problem;
import dev.swiftdeploy.adapters.manifest.Severity;
import dev.swiftdeploy.local.daemon.ManifestSource;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * The manifest's file as the daemon follows it. A daemon that starts on a broken or missing
 * manifest goes on with the last one that was taken.
 */
final class FileManifestSource implements ManifestSource {
  private final Workspace workspace;
  private final ManifestWatch watch;
  private Optional<Seen> next = Optional.empty();
  private boolean taken;

  FileManifestSource(Workspace workspace, Clock clock) {
    this.workspace = workspace;
    this.watch = new ManifestWatch(workspace.manifest(), clock);
  }

  static ManifestResult read(Workspace workspace) {
    return ManifestFile.read(workspace.manifest());
  }

  /** The last manifest that was taken. */
  static ManifestResult readLastGood(Workspace workspace) {
    return ManifestFile.readCopy(workspace.lastGood(), workspace.manifest());
  }

  @Override
  public Optional<Seen> poll() {
    if (next.isPresent()) {
      Optional<Seen> seen = next;
      next = Optional.empty();
      return seen;
    }
    Optional<Seen> seen = watch.poll().map(FileManifestSource::seen);
    if (seen.isPresent() && !(seen.get() instanceof Good) && !taken) {
      next = seen; // first what goes on, then what is wrong with the file
      taken = true;
      return lastGood();
    }
    taken |= seen.isPresent();
    return seen;
  }

  private Optional<Seen> lastGood() {
    if (readLastGood(workspace) instanceof ManifestResult.Manifest manifest) {
      try {
        return Optional.of(
            new Good(manifest.resources(), List.of(), Files.readString(workspace.lastGood())));
      } catch (IOException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Seen seen(ManifestWatch.Change change) {
    if (change instanceof ManifestWatch.Change.Read read) {
      List<String> lines =
          read.result().problems().stream()
              .filter(p -> p.severity() != Severity.NOTICE)
              .map(Problem::text)
              .toList();
      return read.result() instanceof ManifestResult.Manifest manifest
          ? new Good(manifest.resources(), lines, read.text())
          : new Bad(lines);
    }
    return new Gone();
  }
}
