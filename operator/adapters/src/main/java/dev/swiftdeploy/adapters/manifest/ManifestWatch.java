package dev.swiftdeploy.adapters.manifest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows a manifest's file by looking at it: cheap, and the same for renames by editors, symbolic
 * links that are swapped and file systems that tell nothing. A change counts once the file has been
 * the same for 150 ms, so that a half-written save is not read; one that ends as a half-written
 * file would, without a line break, or that is empty, once it has been so for a second; a deletion
 * likewise. The first look waits for nothing.
 *
 * <p>Not thread-safe.
 */
public final class ManifestWatch {
  private static final Duration SETTLED = Duration.ofMillis(150);
  private static final Duration SURE = Duration.ofSeconds(1);

  /** How long a file may be written anew without any of its attributes changing. */
  private static final Duration COARSEST_TIMESTAMP = Duration.ofSeconds(2);

  private final Path file;
  private final Clock clock;

  private Stamp seen = Stamp.NEVER;
  private Instant since = Instant.MIN;
  private boolean pending;
  private Instant trusted = Instant.MIN;
  private byte @Nullable [] told;
  private boolean toldGone;

  public ManifestWatch(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  /** What a file's attributes tell without reading it. */
  private record Stamp(long size, Instant modified, String key) {
    static final Stamp NEVER = new Stamp(-1, Instant.MIN, "never looked");
    static final Stamp ABSENT = new Stamp(-1, Instant.MIN, "absent");
    static final Stamp UNREADABLE = new Stamp(-1, Instant.MIN, "unreadable");
  }

  /** A change. */
  public sealed interface Change {
    /**
     * New content.
     *
     * @param text what {@code result} was read from; empty where the file can't be read
     */
    record Read(ManifestResult result, String text) implements Change {}

    /** The file is gone. It never counts as a manifest that declares nothing. */
    record Gone() implements Change {}
  }

  /**
   * What changed since the last call, if anything. Looks at the file's attributes; reads it only if
   * those changed, or changed so lately that they may hide a further change.
   */
  public Optional<Change> poll() {
    Instant now = clock.instant();
    Stamp stamp = stamp();
    if (!stamp.equals(seen)) {
      since = seen.equals(Stamp.NEVER) ? Instant.MIN : now;
      seen = stamp;
      pending = true;
    } else if (!pending && now.isBefore(trusted) && !seen.equals(Stamp.ABSENT)) {
      lookTwice(now);
    }
    if (!pending) {
      return Optional.empty();
    }
    if (now.isBefore(since)) {
      since = now; // the clock was set back
    }
    return seen.equals(Stamp.ABSENT) ? gone(now) : read(now);
  }

  private boolean lasted(Duration patience, Instant now) {
    return since.equals(Instant.MIN) || Duration.between(since, now).compareTo(patience) >= 0;
  }

  private void lookTwice(Instant now) {
    Optional<byte[]> content = ManifestFile.load(file, file).content();
    if (content.isPresent() && !Arrays.equals(digest(content.get()), told)) {
      since = now;
      pending = true;
    }
  }

  private Optional<Change> gone(Instant now) {
    if (!lasted(SURE, now)) {
      return Optional.empty();
    }
    pending = false;
    told = null;
    boolean again = toldGone;
    toldGone = true;
    return again ? Optional.empty() : Optional.of(new Change.Gone());
  }

  private Optional<Change> read(Instant now) {
    if (!lasted(SETTLED, now)) {
      return Optional.empty();
    }
    ManifestFile.Loaded loaded = ManifestFile.load(file, file);
    if (!stamp().equals(seen)) {
      return Optional.empty(); // it changes right now; the next look sees that
    }
    byte[] content = loaded.content().orElse(null);
    if (content != null && looksHalfWritten(content) && !lasted(SURE, now)) {
      return Optional.empty();
    }
    pending = false;
    trusted = now.plus(COARSEST_TIMESTAMP);
    byte[] digest = content == null ? null : digest(content);
    if (digest != null && Arrays.equals(digest, told)) {
      return Optional.empty(); // touched, not changed
    }
    told = digest;
    toldGone = false;
    String text = content == null ? "" : new String(content, StandardCharsets.UTF_8);
    return Optional.of(new Change.Read(loaded.result(), text));
  }

  private static boolean looksHalfWritten(byte[] content) {
    return content.length == 0
        || (content[content.length - 1] != '\n' && content[content.length - 1] != '\r');
  }

  private Stamp stamp() {
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(a.size(), a.lastModifiedTime().toInstant(), String.valueOf(a.fileKey()));
    } catch (NoSuchFileException e) {
      return Stamp.ABSENT;
    } catch (IOException e) {
      return Stamp.UNREADABLE;
    }
  }

  private static byte[] digest(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
