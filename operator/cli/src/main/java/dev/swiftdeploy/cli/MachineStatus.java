package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
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

/** A machine's status: of the daemon, or of a look at what is there. */
final class MachineStatus implements StatusSource {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
  private static final Duration BETWEEN_INSPECTIONS = Duration.ofSeconds(3);
  private static final Duration SILENT = Duration.ofSeconds(5);
  private static final String NO_DAEMON = "none runs (start one with deploy or run)";

  private final Workspace workspace;
  private final Optional<String> name;
  private final Terminal terminal;
  private final DaemonClient client;
  private Optional<Path> look = Optional.empty();
  private Instant looked = Instant.MIN;
  private Said last;

  /**
   * @param name of the resource; empty: all
   */
  MachineStatus(Workspace workspace, Optional<String> name, Terminal terminal) {
    this.workspace = workspace;
    this.name = name;
    this.terminal = terminal;
    this.client = new DaemonClient(workspace, terminal);
    this.last = new Said(new StatusFile.Document(0, List.of(), List.of()), "manifest: ", NO_DAEMON);
  }

  @Override
  public Said now(boolean keep) throws IOException {
    Optional<ManifestLock.Holder> daemon = client.daemon();
    if (daemon.isPresent() && !client.look(keep)) {
      daemon = Optional.empty();
    }
    Optional<StatusFile.Document> said = daemon.flatMap(d -> client.status());
    StatusFile.Document all = said.isPresent() ? said.get() : inspected();
    name.ifPresent(meant -> require(meant, all));
    last = said(all, text(daemon));
    looked = Instant.now();
    return last;
  }

  /** A daemon is asked once a second. */
  @Override
  public Said latest() throws IOException {
    Optional<ManifestLock.Holder> daemon = client.daemon();
    Instant now = Instant.now();
    if (daemon.isEmpty()) {
      forgetLook();
      if (looked.plus(BETWEEN_INSPECTIONS).isBefore(now)) {
        last = said(inspectedOrTold(), NO_DAEMON);
        looked = Instant.now();
      }
      return last;
    }
    if (look.isPresent() && Files.exists(look.get())) {
      boolean silent = looked.plus(SILENT).isBefore(now);
      return silent ? said(last.document(), text(daemon) + "; it does not answer") : last;
    }
    client.status().ifPresent(d -> last = said(d, text(daemon)));
    if (looked.plus(BETWEEN_LOOKS).isBefore(now)) {
      look = Optional.of(client.spool().look(false));
      looked = now;
    }
    return last;
  }

  private static void require(String meant, StatusFile.Document document) {
    List<ResourceName> names =
        document.resources().stream().map(s -> ResourceName.of(s.resource())).toList();
    if (document.manifestProblems().isEmpty()) {
      Manifests.pick(names, meant);
    }
  }

  private Said said(StatusFile.Document document, String daemon) {
    List<Status> meant =
        document.resources().stream()
            .filter(s -> name.isEmpty() || name.get().equals(s.resource()))
            .toList();
    return new Said(
        new StatusFile.Document(document.pid(), document.manifestProblems(), meant),
        "manifest: ",
        "daemon: " + daemon);
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
