package dev.swiftdeploy.cli;

import dev.swiftdeploy.local.daemon.ManifestLock;
import java.time.Instant;

/** The account of this machine that runs the command. */
final class Account {
  private Account() {}

  /** Its name; {@code unknown} where the system tells none. */
  static String name() {
    return System.getProperty("user.name", "unknown");
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
