package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Artifact;
import dev.swiftdeploy.core.release.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Copies of the files that commands name, by content: {@code <folder>/<sha256>/<file name>}. What
 * was admitted runs from here, whatever becomes of the file that it was copied from.
 */
public final class ArtifactStore {
  private static final long MOST_BYTES = 2L << 30;
  private static final int ATTEMPTS = 3;
  private static final Duration UNADMITTED_KEPT = Duration.ofHours(1);

  /** A file whose time is this near to now may change again without its time telling. */
  private static final Duration TIME_GRAIN = Duration.ofSeconds(2);

  private final Path folder;
  private final Clock clock;
  private final Map<Path, Known> known = new ConcurrentHashMap<>();

  /**
   * @param folder made at the first copy
   * @param clock of the machine, as file times are compared with it
   */
  public ArtifactStore(Path folder, Clock clock) {
    this.folder = folder.toAbsolutePath();
    this.clock = clock;
  }

  /** What tells whether a file may have changed. */
  private record Stamp(long size, FileTime modified, Object inode) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(a.size(), a.lastModifiedTime(), String.valueOf(a.fileKey()));
    }
  }

  private record Known(Stamp stamp, String sha256) {}

  /** A file can't be kept, for a reason that a person can do something about. */
  static final class NotKept extends Exception {
    private static final long serialVersionUID = 1L;
    private final String fix;

    NotKept(String problem, String fix) {
      super(problem);
      this.fix = fix;
    }

    String fix() {
      return fix;
    }
  }

  /** Where an artifact's copy is, or would be. */
  Path path(Artifact artifact) {
    String path = artifact.path();
    return folder.resolve(artifact.sha256()).resolve(path.substring(path.lastIndexOf('/') + 1));
  }

  /**
   * Hashes a file and keeps a copy of it, unless both were done and nothing changed since.
   *
   * @param path how the manifest names it
   */
  Artifact keep(Path source, String path) throws NotKept {
    try {
      for (int i = 0; i < ATTEMPTS; i++) {
        Stamp before = Stamp.of(source);
        if (before.size() > MOST_BYTES) {
          throw new NotKept(
              path + " is larger than 2 GiB", "name a smaller file in services.command");
        }
        Artifact artifact = new Artifact(path, hash(source));
        boolean kept = isKept(artifact) || copy(source, artifact);
        if (kept && before.equals(Stamp.of(source))) {
          touch(artifact);
          return artifact;
        }
      }
      throw new NotKept(
          path + " changes while it is read", "wait until whatever writes it is done");
    } catch (IOException e) {
      throw new NotKept(
          path + " can't be read and kept: " + e, "make it readable for this user, and make room");
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
  void prune(Set<String> needed) {
    Instant oldest = clock.instant().minus(UNADMITTED_KEPT);
    try (Stream<Path> all = Files.list(folder)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        boolean needless =
            !needed.contains(each.getFileName().toString())
                && Files.getLastModifiedTime(each).toInstant().isBefore(oldest);
        if (needless) {
          Folders.delete(each);
        }
      }
    } catch (IOException e) {
      // what could not be removed now is found again at the next new artifact
    }
  }

  private boolean isKept(Artifact artifact) throws IOException {
    Path copy = path(artifact);
    return Files.isRegularFile(copy) && hash(copy).equals(artifact.sha256());
  }

  /** Copies; false if what was copied isn't what was hashed before. */
  private boolean copy(Path source, Artifact artifact) throws IOException, NotKept {
    Path copy = path(artifact);
    Path fresh = DurableFile.fresh(copy);
    try {
      MessageDigest digest = Digests.newSha256();
      try (InputStream in = Files.newInputStream(source);
          FileChannel out =
              FileChannel.open(fresh, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
          for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n); bytes.hasRemaining(); ) {
            out.write(bytes);
          }
        }
        out.force(true);
      }
      if (!HexFormat.of().formatHex(digest.digest()).equals(artifact.sha256())) {
        return false;
      }
      JarFiles.requireWhole(fresh, artifact.path());
      Files.setPosixFilePermissions(
          fresh,
          PosixFilePermissions.fromString(Files.isExecutable(source) ? "r-x------" : "r--------"));
      DurableFile.place(fresh, copy);
      return isKept(artifact);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private void touch(Artifact artifact) throws IOException {
    Path kept = folder.resolve(artifact.sha256());
    FileTime now = FileTime.from(clock.instant());
    if (Files.getLastModifiedTime(kept).toInstant().plusSeconds(60).isBefore(now.toInstant())) {
      Files.setLastModifiedTime(kept, now);
    }
  }

  private String hash(Path file) throws IOException {
    Stamp stamp = Stamp.of(file);
    Known last = known.get(file);
    if (last != null && last.stamp().equals(stamp)) {
      return last.sha256();
    }
    MessageDigest digest = Digests.newSha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    String sha256 = HexFormat.of().formatHex(digest.digest());
    boolean settled =
        stamp.modified().toInstant().isBefore(clock.instant().minus(TIME_GRAIN))
            && stamp.equals(Stamp.of(file));
    if (settled) {
      known.put(file, new Known(stamp, sha256));
    } else {
      known.remove(file);
    }
    return sha256;
  }
}
