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
 */
public final class ManifestLock implements AutoCloseable {
  private final FileChannel channel;
  private final FileLock lock;

  private ManifestLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
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
        FileChannel.open(workspace.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock = tryLock(channel);
    if (lock == null) {
      channel.close();
      return Optional.empty();
    }
    Documents.write(workspace.holder(), Json.MAPPER.writeValueAsString(holder));
    return Optional.of(new ManifestLock(channel, lock));
  }

  /** Who holds the lock now; empty if nobody does. */
  public static Optional<Holder> holder(Workspace workspace) {
    try (FileChannel channel = FileChannel.open(workspace.lock(), StandardOpenOption.WRITE)) {
      @Nullable FileLock free = tryLock(channel);
      if (free != null) {
        free.release();
        return Optional.empty();
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

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
