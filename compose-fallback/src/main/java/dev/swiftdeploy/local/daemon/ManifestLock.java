package dev.swiftdeploy.local.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One daemon for each manifest. The lock is the operating system's, so that a killed daemon leaves
 * none behind.
 *
 * <p>Whether it is held can only be learned by trying, so its file has two places: who wants the
 * lock takes {@link #OWNED} and then {@link #SHOWN}, and who only looks tries the second one, with
 * others who look. So a look keeps nobody from the lock, and is never taken for its holder.
 */
public final class ManifestLock implements AutoCloseable {
  /** A byte of the file: decides between those who want the lock. */
  private static final long OWNED = 0;

  /** A byte of the file: tells who looks that there is a holder, who has said by then who it is. */
  private static final long SHOWN = 1;

  private final FileChannel channel;

  private ManifestLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Who holds a lock.
   *
   * @param background started by {@code deploy}; false: a {@code run} in somebody's terminal
   */
  public record Holder(long pid, Instant since, String user, boolean background, String version) {

    /** For people: {@code process 4711, started by ada at 2026-01-02T03:04:05Z with run}. */
    public String text() {
      return "process "
          + pid
          + ", started by "
          + user
          + " at "
          + since
          + " with "
          + (background ? "deploy (in the background)" : "run");
    }
  }

  /** Takes the lock; empty if another process has it. */
  public static Optional<ManifestLock> take(Workspace workspace, Holder holder) throws IOException {
    workspace.create();
    FileChannel channel =
        FileChannel.open(
            workspace.lock(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      if (tryLock(channel, OWNED, false) != null) {
        Documents.write(workspace.holder(), Json.MAPPER.writeValueAsString(holder));
        channel.lock(SHOWN, 1, false); // waits for who looks at this moment
        return Optional.of(new ManifestLock(channel));
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  /** Who holds the lock now; empty if nobody does. */
  public static Optional<Holder> holder(Workspace workspace) {
    try (FileChannel channel = FileChannel.open(workspace.lock(), StandardOpenOption.READ)) {
      if (tryLock(channel, SHOWN, true) != null) {
        return Optional.empty(); // closing the channel lets go of it
      }
    } catch (IOException e) {
      return Optional.empty(); // no lock file: there never was a daemon
    }
    return Documents.read(workspace.holder()).flatMap(ManifestLock::parse);
  }

  private static Optional<Holder> parse(String json) {
    try {
      return Optional.of(Json.MAPPER.readValue(json, Holder.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel, long place, boolean shared)
      throws IOException {
    try {
      return channel.tryLock(place, 1, shared);
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  /** Lets go of it. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
