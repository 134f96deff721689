package dev.swiftdeploy.cli;

import dev.swiftdeploy.cli.view.StatusScreen;
import dev.swiftdeploy.local.daemon.StatusFile;
import java.io.IOException;

/** Where a status comes from: a machine, or a cluster. */
interface StatusSource extends AutoCloseable {
  /**
   * A status and who gave it.
   *
   * @param subject what problems are of, before each: {@code "manifest: "}
   * @param host for people
   */
  record Said(StatusFile.Document document, String subject, String host) {
    StatusScreen.Seen seen() {
      return new StatusScreen.Seen(
          document.resources(),
          document.manifestProblems().stream().map(p -> subject + p).toList(),
          host);
    }
  }

  /**
   * As it stands after this moment.
   *
   * @param keep a daemon is to keep a sample of it
   */
  Said now(boolean keep) throws IOException;

  /** The latest that is known, without waiting for any. */
  Said latest() throws IOException;

  @Override
  void close() throws IOException;
}
