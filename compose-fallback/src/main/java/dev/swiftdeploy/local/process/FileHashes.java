package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The SHA-256 of files; one whose size, time and inode stand is not read again. */
final class FileHashes {
  private static final long MOST_BYTES = 2L << 30;
  private static final int ATTEMPTS = 3;

  /** A file whose time is this near to now may change again without its time telling. */
  private static final Duration TIME_GRAIN = Duration.ofSeconds(2);

  private final Clock clock;
  private final Map<Path, Known> known = new ConcurrentHashMap<>();

  /**
   * @param clock of the machine, as file times are compared with it
   */
  FileHashes(Clock clock) {
    this.clock = clock;
  }

  private record Stamp(long size, FileTime modified, String inode) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(a.size(), a.lastModifiedTime(), String.valueOf(a.fileKey()));
    }
  }

  private record Known(Stamp stamp, String sha256) {}

  /** The hash of a file that does not change while it is read and is not too large. */
  String stable(Path file, String name) throws IOException, Artifacts.NoArtifact {
    for (int i = 0; i < ATTEMPTS; i++) {
      Stamp before = Stamp.of(file);
      if (before.size() > MOST_BYTES) {
        throw new Artifacts.NoArtifact(
            name + " is larger than 2 GiB", "name a smaller file in services.command");
      }
      String sha256 = of(file);
      if (before.equals(Stamp.of(file))) {
        return sha256;
      }
    }
    throw changing(name);
  }

  static Artifacts.NoArtifact changing(String name) {
    return new Artifacts.NoArtifact(
        name + " changes while it is read", "wait until whatever writes it is done");
  }

  String of(Path file) throws IOException {
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
