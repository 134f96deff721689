package dev.swiftdeploy.cli;

import dev.swiftdeploy.cli.view.StatusScreen;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.local.daemon.ManifestLock;
import dev.swiftdeploy.local.daemon.StatusFile;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a status comes from: the daemon, or a look at what is there. */
final class StatusSource implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
  private static final Duration BETWEEN_INSPECTIONS = Duration.ofSeconds(3);
  private static final Duration SILENT = Duration.ofSeconds(5);
  private static final String NO_DAEMON = "none runs (start one with deploy or run)";

  private final Workspace workspace;
  private final Terminal terminal;
  private final DaemonClient client;
  private Optional<Path> look = Optional.empty();
  private Instant looked = Instant.MIN;
  private Said last = new Said(new StatusFile.Document(0, List.of(), List.of()), NO_DAEMON);

  StatusSource(Workspace workspace, Terminal terminal) {
    this.workspace = workspace;
    this.terminal = terminal;
    this.client = new DaemonClient(workspace, terminal);
  }

  /**
   * A status and who gave it.
   *
   * @param daemon for people
   */
  record Said(StatusFile.Document document, String daemon) {
    StatusScreen.Seen seen() {
      return new StatusScreen.Seen(document.resources(), document.manifestProblems(), daemon);
    }
  }

  /**
   * As it stands after this moment.
   *
   * @param keep a daemon is to keep a sample of it
   */
  Said now(boolean keep) throws IOException {
    Optional<ManifestLock.Holder> daemon = client.daemon();
    if (daemon.isPresent()) {
      client.look(keep);
    }
    Optional<StatusFile.Document> said = client.status();
    last = new Said(said.isPresent() ? said.get() : inspected(), text(daemon));
    looked = Instant.now();
    return last;
  }

  /** The latest that is known, without waiting for any; a daemon is asked once a second. */
  Said latest() throws IOException {
    Optional<ManifestLock.Holder> daemon = client.daemon();
    Instant now = Instant.now();
    if (daemon.isEmpty()) {
      forgetLook();
      if (looked.plus(BETWEEN_INSPECTIONS).isBefore(now)) {
        last = new Said(inspectedOrTold(), NO_DAEMON);
        looked = Instant.now();
      }
      return last;
    }
    if (look.isPresent() && Files.exists(look.get())) {
      boolean silent = looked.plus(SILENT).isBefore(now);
      return silent ? new Said(last.document(), text(daemon) + "; it does not answer") : last;
    }
    client.status().ifPresent(d -> last = new Said(d, text(daemon)));
    if (looked.plus(BETWEEN_LOOKS).isBefore(now)) {
      look = Optional.of(client.spool().look(false));
      looked = now;
    }
    return last;
  }

  private static String text(Optional<ManifestLock.Holder> daemon) {
    return daemon.map(ManifestLock.Holder::text).orElse(NO_DAEMON);
  }

  private StatusFile.Document inspectedOrTold() {
    try {
      return inspected();
    } catch (CommandFailure e) {
      return new StatusFile.Document(
          0, List.of(String.valueOf(e.getMessage())), last.document().resources());
    }
  }

  private StatusFile.Document inspected() {
    List<Status> all = new ArrayList<>();
    for (Resource resource : Manifests.read(workspace, terminal)) {
      all.add(Inspection.look(workspace, resource, false).status());
    }
    return new StatusFile.Document(0, List.of(), all);
  }

  private void forgetLook() throws IOException {
    if (look.isPresent()) {
      Files.deleteIfExists(look.get());
      look = Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    forgetLook();
  }
}
