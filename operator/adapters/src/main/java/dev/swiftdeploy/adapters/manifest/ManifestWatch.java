package dev.swiftdeploy.adapters.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows a manifest's file by looking at it: cheap, and the same for renames by editors, symbolic
 * links that are swapped and file systems that tell nothing. A change counts once the file has been
 * the same for a moment, so that a half-written save is not read; a deletion, once it has lasted.
 *
 * <p>Not thread-safe.
 */
public final class ManifestWatch {
  private static final Duration SETTLED = Duration.ofMillis(150);
  private static final Duration GONE = Duration.ofSeconds(1);

  private final Path file;
  private final Clock clock;
  private @Nullable Stamp seen;
  private Instant since = Instant.MIN;
  private boolean told;
  private byte @Nullable [] last;
  private boolean toldGone;

  public ManifestWatch(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  /** What a file's attributes tell without reading it. */
  private record Stamp(long size, long modified, String key) {
    static final Stamp ABSENT = new Stamp(-1, 0, "");
  }

  /** A change. */
  public sealed interface Change {
    /** New content, as it was read. */
    record Read(ManifestResult result, String text) implements Change {}

    /** The file is gone. */
    record Gone() implements Change {}
  }

  /** What changed since the last call, if anything; reads the file only then. */
  public Optional<Change> poll() {
    Stamp now = stamp();
    Instant time = clock.instant();
    if (!now.equals(seen)) {
      boolean first = seen == null;
      seen = now;
      since = first ? Instant.MIN : time;
      told = false;
    }
    Duration patience = now.equals(Stamp.ABSENT) ? GONE : SETTLED;
    boolean settled =
        since.equals(Instant.MIN) || Duration.between(since, time).compareTo(patience) >= 0;
    if (told || !settled) {
      return Optional.empty();
    }
    told = true;
    return now.equals(Stamp.ABSENT) ? gone() : read();
  }

  private Optional<Change> gone() {
    boolean before = toldGone;
    toldGone = true;
    last = null;
    return before ? Optional.empty() : Optional.of(new Change.Gone());
  }

  private Optional<Change> read() {
    try {
      Optional<byte[]> content = ManifestFile.content(file);
      if (content.isPresent() && Arrays.equals(content.get(), last)) {
        return Optional.empty(); // touched, not changed
      }
      last = content.orElse(null);
      toldGone = false;
      String text =
          content.map(c -> new String(c, java.nio.charset.StandardCharsets.UTF_8)).orElse("");
      return Optional.of(new Change.Read(ManifestFile.read(file), text));
    } catch (IOException e) {
      told = false; // looked at again
      return Optional.empty();
    }
  }

  private Stamp stamp() {
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(a.size(), a.lastModifiedTime().toMillis(), String.valueOf(a.fileKey()));
    } catch (NoSuchFileException e) {
      return Stamp.ABSENT;
    } catch (IOException e) {
      return seen == null ? Stamp.ABSENT : seen;
    }
  }
}
