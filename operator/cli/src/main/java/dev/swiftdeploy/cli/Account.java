package dev.swiftdeploy.cli;

import dev.swiftdeploy.local.daemon.ManifestLock;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** The account of this machine that runs the command. */
final class Account {
  private Account() {}

  /** Its name; {@code unknown} where the system tells none. */
  static String name() {
    return System.getProperty("user.name", "unknown");
  }

  /**
   * What a manifest's daemon keeps is its owner's only. Who can't read it must not be told that
   * nothing runs.
   */
  static void requireAccess(Workspace workspace) {
    Path kept = workspace.kept();
    if (Files.exists(kept) && !(Files.isReadable(kept) && Files.isExecutable(kept))) {
      throw new CommandFailure(
          Exit.FAILED,
          kept + " is " + owner(kept) + "'s, and " + name() + " can't read it",
          "do this as " + owner(kept));
    }
  }

  private static String owner(Path path) {
    try {
      return Files.getOwner(path).getName();
    } catch (IOException | UnsupportedOperationException e) {
      return "somebody else";
    }
  }

  /**
   * This process, as it holds a manifest's lock.
   *
   * @param background it was started by a command that did not wait
   */
  static ManifestLock.Holder holder(Instant since, boolean background) {
    return new ManifestLock.Holder(
        ProcessHandle.current().pid(), since, name(), background, VersionCommand.version());
  }
}
