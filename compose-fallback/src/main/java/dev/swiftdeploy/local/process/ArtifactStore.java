package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Artifact;
import dev.swiftdeploy.local.files.DurableFile;
import dev.swiftdeploy.local.files.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * Copies of the files that commands name, by content: {@code <folder>/<sha256>/<file name>}. What
 * was admitted runs from here, whatever becomes of the file that it was copied from.
 */
public final class ArtifactStore implements Artifacts {
  private static final int ATTEMPTS = 3;
  private static final Duration UNADMITTED_KEPT = Duration.ofHours(1);
  private static final Duration USE_NOTED = Duration.ofMinutes(1);

  private final Path folder;
  private final Clock clock;
  private final FileHashes hashes;

  /**
   * @param folder made at the first copy
   * @param clock of the machine, as file times are compared with it
   */
  public ArtifactStore(Path folder, Clock clock) {
    this.folder = folder.toAbsolutePath();
    this.clock = clock;
    this.hashes = new FileHashes(clock);
  }

  /** Where an artifact's copy is, or would be. */
  Path path(Artifact artifact) {
    String path = artifact.path();
    return folder.resolve(artifact.sha256()).resolve(path.substring(path.lastIndexOf('/') + 1));
  }

  /** Hashes a file and keeps a copy of it, unless both were done and nothing changed since. */
  @Override
  public Artifact artifact(Path source, String path) throws NoArtifact {
    try {
      for (int i = 0; i < ATTEMPTS; i++) {
        Artifact artifact = new Artifact(path, hashes.stable(source, path));
        if (isKept(artifact) || copy(source, artifact)) {
          noteUse(artifact);
          return artifact;
        }
      }
      throw FileHashes.changing(path);
    } catch (IOException e) {
      throw new NoArtifact(
          path + " can't be read and kept: " + e.getMessage(),
          "make it readable for this user, and make room in " + folder);
    }
  }

  /**
   * Makes sure that an artifact's copy still is what was admitted.
   *
   * @throws PlatformException if it is gone or was changed
   */
  void verify(Artifact artifact) {
    if (!stillKept(artifact)) {
      throw new PlatformException(
          "the copy of " + artifact.path() + " in " + folder + " is not what was admitted",
          "put the same file back in its place, or deploy another release");
    }
  }

  private boolean stillKept(Artifact artifact) {
    try {
      return isKept(artifact);
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes copies that no kept release needs, unless they were asked for within the hour. */
  void prune(Set<String> needed) throws IOException {
    Instant oldest = clock.instant().minus(UNADMITTED_KEPT);
    for (Path each : Folders.list(folder)) {
      boolean needless =
          !needed.contains(each.getFileName().toString())
              && Files.getLastModifiedTime(each).toInstant().isBefore(oldest);
      if (needless) {
        Folders.delete(each);
      }
    }
  }

  private boolean isKept(Artifact artifact) throws IOException {
    Path copy = path(artifact);
    return Files.isRegularFile(copy) && hashes.of(copy).equals(artifact.sha256());
  }

  /** Copies; false if what was copied isn't what was hashed before. */
  private boolean copy(Path source, Artifact artifact) throws IOException, NoArtifact {
    Path copy = path(artifact);
    Path fresh = DurableFile.fresh(copy);
    try {
      try (InputStream in = Files.newInputStream(source);
          FileChannel out =
              FileChannel.open(fresh, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n); bytes.hasRemaining(); ) {
            out.write(bytes);
          }
        }
        out.force(true);
      }
      if (!hashes.of(fresh).equals(artifact.sha256())) {
        return false;
      }
      JarFiles.requireWhole(fresh, artifact.path());
      Files.setPosixFilePermissions(
          fresh,
          PosixFilePermissions.fromString(Files.isExecutable(source) ? "r-x------" : "r--------"));
      DurableFile.place(fresh, copy);
      return true;
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private void noteUse(Artifact artifact) throws IOException {
    Path kept = folder.resolve(artifact.sha256());
    Instant now = clock.instant();
    if (Files.getLastModifiedTime(kept).toInstant().plus(USE_NOTED).isBefore(now)) {
      Files.setLastModifiedTime(kept, FileTime.from(now));
    }
  }
}
