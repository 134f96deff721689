package dev.swiftdeploy.local.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

  /**
   * The files whose locks this process holds. It must open none of them again: with whichever
   * channel is closed first the operating system takes all locks of the process from the file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private ManifestLock(Path file, FileChannel channel) {
    this.file = file;
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

  /** Takes the lock; empty if a process has it, be it this one. */
  public static Optional<ManifestLock> take(Workspace workspace, Holder holder) throws IOException {
    workspace.create();
    Path file = workspace.lock();
    if (!HELD.add(file)) {
      return Optional.empty();
    }
    @Nullable FileChannel taken = null;
    try {
      taken = taken(workspace, holder);
    } finally {
      if (taken == null) {
        HELD.remove(file);
      }
    }
    return Optional.ofNullable(taken).map(channel -> new ManifestLock(file, channel));
  }

  private static @Nullable FileChannel taken(Workspace workspace, Holder holder)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            workspace.lock(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      if (channel.tryLock(OWNED, 1, false) != null) {
        Documents.write(workspace.holder(), Json.MAPPER.writeValueAsString(holder));
        channel.lock(SHOWN, 1, false); // waits for who looks at this moment
        return channel;
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return null;
  }

  /** Who holds the lock now; empty if nobody does. */
  public static Optional<Holder> holder(Workspace workspace) {
    return HELD.contains(workspace.lock()) || held(workspace.lock())
        ? Documents.read(workspace.holder()).flatMap(ManifestLock::parse)
        : Optional.empty();
  }

  private static synchronized boolean held(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.tryLock(SHOWN, 1, true) == null; // closing the channel lets go of it
    } catch (IOException e) {
      return false; // no lock file: there never was a daemon
    }
  }

  private static Optional<Holder> parse(String json) {
    try {
      return Optional.of(Json.MAPPER.readValue(json, Holder.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Lets go of it. */
  @Override
  public void close() throws IOException {
    channel.close();
    HELD.remove(file);
  }
}
