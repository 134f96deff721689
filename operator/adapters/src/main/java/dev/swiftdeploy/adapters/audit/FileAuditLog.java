package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chain in a file, one line for each record ({@code history.jsonl}). A record is forced to disk
 * before {@link #append} returns. An incomplete last line, which nothing can rest on, is kept
 * aside, cut and recorded; any other damage is tampering and stops all appending.
 *
 * <p>One writer: whoever opens the file holds the manifest's lock. That another one writes all the
 * same, or that the file was replaced or removed, is noticed before each append.
 */
public final class FileAuditLog implements AuditLog, AutoCloseable {
  private final Path file;
  private final Clock clock;
  private final CrashPoints crashPoints;
  private final FileChannel channel;
  private final Folds folds = new Folds();
  private final @Nullable Object fileKey;
  private Chain.Head head;
  private long length;
  private long lines;
  private boolean dirty;
  private Optional<Damage> damage;

  private FileAuditLog(Path file, Clock clock, CrashPoints crashPoints, FileChannel channel)
      throws IOException {
    this.file = file;
    this.clock = clock;
    this.crashPoints = crashPoints;
    this.channel = channel;
    this.fileKey = keyOf(file);
    ChainFile.Result read = ChainFile.read(file, folds::accept);
    this.head = read.head();
    this.length = read.goodBytes();
    this.lines = read.lines();
    this.damage = read.damage();
    if (damage.isEmpty() && read.unended()) {
      write(length, ByteBuffer.wrap(new byte[] {'\n'}));
      channel.force(true);
      length++;
    } else if (damage.isEmpty() && !read.tail().isEmpty()) {
      recover(read.tail().getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /**
   * Opens the chain for writing, makes the file if there is none, and repairs a torn last line.
   *
   * @throws AuditException if the file can't be read, made or repaired
   */
  public static FileAuditLog open(Path file, Clock clock, CrashPoints crashPoints) {
    try {
      boolean fresh = !Files.exists(file);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (fresh) {
        forceFolderOf(file);
      }
      return new FileAuditLog(file, clock, crashPoints, channel);
    } catch (IOException e) {
      throw new AuditException(file + " can't be opened: " + e.getMessage(), e);
    }
  }

  private static void forceFolderOf(Path file) throws IOException {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  private static @Nullable Object keyOf(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Nothing can rest on a line that was never completed: kept aside, cut, recorded. */
  private void recover(byte[] torn) throws IOException {
    Path kept =
        file.resolveSibling(file.getFileName() + ".torn-" + (head.seq() + 1) + "-" + torn.length);
    Files.write(kept, torn);
    channel.truncate(length);
    channel.force(true);
    append(Optional.empty(), new Entry.Recovered(torn.length, String.valueOf(kept.getFileName())));
  }

  @Override
  public State state(ResourceName resource) {
    return folds.state(resource);
  }

  @Override
  public List<AuditRecord> records() {
    return FileHistory.read(file).records();
  }

  @Override
  public Chain.Head head() {
    return head;
  }

  @Override
  public Optional<Damage> damage() {
    return damage;
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    check();
    AuditRecord record = Chain.seal(head, clock.instant(), resource, entry);
    byte[] bytes = (record.line() + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (crashPoints != CrashPoints.NONE) {
        int half = bytes.length / 2;
        write(length, ByteBuffer.wrap(bytes, 0, half));
        crashPoints.at(CrashPoint.AUDIT_HALF_LINE);
      }
      write(length, ByteBuffer.wrap(bytes));
      crashPoints.at(CrashPoint.AUDIT_BEFORE_FORCE);
      channel.force(true);
    } catch (IOException e) {
      throw new AuditException(takeBack(e), e);
    }
    head = new Chain.Head(record.seq(), record.hash());
    length += bytes.length;
    lines++;
    folds.accept(record);
    return record;
  }

  /** Refuses to append to what isn't the chain that was read. */
  private void check() {
    if (damage.isPresent()) {
      throw new AuditException("the chain is damaged: " + damage.get().message());
    }
    try {
      if (dirty) {
        channel.truncate(length);
        dirty = false;
      }
      if (!Objects.equals(keyOf(file), fileKey)) {
        damage = Optional.of(new Damage(lines + 1, "the file was replaced while the daemon ran"));
      } else if (channel.size() > length) {
        damage = Optional.of(new Damage(lines + 1, "another process has written to the file"));
      } else if (channel.size() < length) {
        damage = Optional.of(new Damage(lines, "the file was cut while the daemon ran"));
      }
    } catch (NoSuchFileException e) {
      damage = Optional.of(new Damage(lines + 1, "the file was removed while the daemon ran"));
    } catch (IOException e) {
      throw new AuditException(file + " can't be looked at: " + e.getMessage(), e);
    }
    if (damage.isPresent()) {
      throw new AuditException(damage.get().message());
    }
  }

  private String takeBack(IOException cause) {
    String what = file + " can't be written: " + cause.getMessage();
    dirty = true;
    try {
      channel.truncate(length);
      dirty = false;
      return what;
    } catch (IOException e) {
      return what + " (nor cut back: " + e.getMessage() + ")";
    }
  }

  private void write(long position, ByteBuffer bytes) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AuditException(file + " can't be closed: " + e.getMessage(), e);
    }
  }
}
