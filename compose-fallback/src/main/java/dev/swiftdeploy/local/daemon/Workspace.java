package dev.swiftdeploy.local.daemon;

import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/**
 * Where one manifest's things are kept: the audit trail beside the manifest, all else below {@code
 * .swiftdeploy/<manifest>/}, readable by its owner only. {@code docs/architecture.md} lists them.
 */
public final class Workspace {
  private final Path manifest;
  private final Path folder;
  private final String base;

  /** The workspace of a manifest's path; touches nothing. */
  public Workspace(Path manifest) {
    this.manifest = manifest.toAbsolutePath().normalize();
    this.folder = Objects.requireNonNull(this.manifest.getParent(), "a file has a folder");
    String name = String.valueOf(this.manifest.getFileName());
    int dot = name.lastIndexOf('.');
    this.base = dot > 0 ? name.substring(0, dot) : name;
  }

  public Path manifest() {
    return manifest;
  }

  /** The folder that the manifest lies in; relative paths in it start there. */
  public Path folder() {
    return folder;
  }

  /** The manifest's file name without its ending: {@code manifest}. */
  public String base() {
    return base;
  }

  public Path history() {
    return folder.resolve(base.equals("manifest") ? "history.jsonl" : base + ".history.jsonl");
  }

  public Path auditReport() {
    return folder.resolve(base.equals("manifest") ? "audit_report.md" : base + ".audit_report.md");
  }

  /** What is kept of all manifests of the folder: their owner's only. */
  public Path kept() {
    return folder.resolve(".swiftdeploy");
  }

  public Path state() {
    return kept().resolve(base);
  }

  public Path lock() {
    return state().resolve("lock");
  }

  /** Who the daemon is: see {@link ManifestLock.Holder}. */
  public Path holder() {
    return state().resolve("daemon.json");
  }

  public Path daemonLog() {
    return state().resolve("daemon.log");
  }

  public Path requests() {
    return state().resolve("requests");
  }

  public Path status() {
    return state().resolve("status.json");
  }

  /** The last manifest that was taken, for when the file is broken or gone. */
  public Path lastGood() {
    return state().resolve("last-good.yaml");
  }

  /** The key that signs the chain's checkpoints. */
  public Path auditKey() {
    return state().resolve("audit.key");
  }

  /** Each policy used, by digest. */
  public Path policies() {
    return state().resolve("policies");
  }

  public Path resource(ResourceName name) {
    return state().resolve("resources").resolve(name.value());
  }

  /** Makes the state's folder, for its owner only. */
  public void create() throws IOException {
    Files.createDirectories(state());
    if (Files.getFileStore(kept()).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(kept(), PosixFilePermissions.fromString("rwx------"));
    }
    Files.createDirectories(requests());
  }
}
