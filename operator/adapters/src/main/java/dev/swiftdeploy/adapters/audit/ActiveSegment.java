package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The segment that is written to: its file as it was left after the last append. */
final class ActiveSegment implements AutoCloseable {
  private final ChainPlace place;
  private final FileChannel channel;
  private final Folds folds = new Folds();
  private final Optional<Damages.Known> known;
  private final ChainFile.Result read;
  private Optional<String> knownThere = Optional.empty();
  private Optional<String> signedBy = Optional.empty();
  private long checkpointBytes;
  private Chain.Head head;
  private long length;
  private Looks looks;

  /** Bytes after {@code length} are of a record that could not be made durable. */
  private boolean dirty;

  /** The file's name is not known to be on the disk: after a power cut the one before would be. */
  private boolean unnamed;

  private ActiveSegment(ChainPlace place, FileChannel channel, Optional<Damages.Known> known)
      throws IOException {
    this.place = place;
    this.channel = channel;
    this.known = known;
    this.looks = Looks.of(place.history());
    this.read =
        ChainFile.read(() -> Files.newInputStream(place.history()), Optional.empty(), this::take);
    this.head = read.head();
    this.length = read.goodBytes();
  }

  private void take(AuditRecord record) {
    if (record.entry() instanceof Entry.Checkpoint checkpoint) {
      signedBy = Optional.of(checkpoint.key());
      checkpointBytes = record.line().getBytes(StandardCharsets.UTF_8).length + 1L;
    }
    if (known.filter(k -> k.head().seq() == record.seq()).isPresent()) {
      knownThere = Optional.of(record.hash());
    }
    folds.accept(record);
  }

  /**
   * Opens it, and makes it if it isn't there.
   *
   * @param known a head that has to be in it
   */
  static ActiveSegment open(ChainPlace place, Optional<Damages.Known> known) throws IOException {
    boolean fresh = !Files.exists(place.history());
    FileChannel channel =
        FileChannel.open(
            place.history(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    if (fresh) {
      Forced.folderOf(place.history());
    }
    return new ActiveSegment(place, channel, fresh ? Optional.empty() : known);
  }

  /** What was wrong with it when it was opened. */
  Optional<Damage> damage() {
    return read.damage()
        .or(() -> known.flatMap(k -> Damages.against(k, read.before(), read.head(), knownThere)));
  }

  /** The key of the checkpoint that it begins with. */
  Optional<String> signedBy() {
    return signedBy;
  }

  /** How long the checkpoint is that it begins with; 0 if it begins with none. */
  long checkpointBytes() {
    return checkpointBytes;
  }

  /** The number of its first record. */
  long first() {
    return read.before().seq() + 1;
  }

  Chain.Head head() {
    return head;
  }

  Folds folds() {
    return folds;
  }

  /** Bytes, up to the last record's line end. */
  long length() {
    return length;
  }

  /**
   * Mends what a write that was cut short has left: nothing can rest on a line that was never
   * completed, so it is kept aside and cut.
   *
   * @return what is to be recorded about it
   */
  Optional<Entry> repair() throws IOException {
    if (read.unended()) {
      write(ByteBuffer.wrap(new byte[] {'\n'}));
      channel.force(true);
      length++;
      looks = Looks.of(place.history());
      return Optional.empty();
    }
    if (read.tail().isEmpty()) {
      return Optional.empty();
    }
    byte[] torn = read.tail().getBytes(StandardCharsets.ISO_8859_1);
    Path kept = beside("torn-" + (head.seq() + 1) + "-" + torn.length);
    Forced.write(kept, out -> out.write(torn));
    dirty = true;
    settle();
    return Optional.of(new Entry.Recovered(torn.length, String.valueOf(kept.getFileName())));
  }

  private Path beside(String ending) {
    return place.history().resolveSibling(place.history().getFileName() + "." + ending);
  }

  /** Appends a record and returns when it is on the disk; else nothing of it counts. */
  void append(AuditRecord record, CrashPoints crashPoints) {
    byte[] bytes = (record.line() + "\n").getBytes(StandardCharsets.UTF_8);
    dirty = true;
    try {
      if (crashPoints != CrashPoints.NONE) {
        write(ByteBuffer.wrap(bytes, 0, bytes.length / 2));
        crashPoints.at(CrashPoint.AUDIT_HALF_LINE);
      }
      write(ByteBuffer.wrap(bytes));
      crashPoints.at(CrashPoint.AUDIT_BEFORE_FORCE);
      channel.force(true);
      dirty = false;
      head = Chain.Head.of(record);
      length += bytes.length;
      folds.accept(record);
      looks = Looks.of(place.history());
    } catch (IOException e) {
      throw new AuditException(takenBack(e), e);
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    long at = length;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  private String takenBack(IOException cause) {
    String what = place.history() + " can't be written: " + cause.getMessage();
    try {
      settle();
      return what;
    } catch (AuditException e) {
      return what + " (nor cut back: " + e.getMessage() + ")";
    }
  }

  /**
   * Takes back what is left of a record that could not be made durable, and makes sure of the
   * file's name; nothing may be appended before.
   */
  void settle() {
    try {
      if (dirty) {
        channel.truncate(length);
        channel.force(true);
        looks = Looks.of(place.history());
        dirty = false;
      }
      if (unnamed) {
        Forced.folderOf(place.history());
        unnamed = false;
      }
    } catch (IOException e) {
      throw new AuditException(place.history() + " can't be written: " + e.getMessage(), e);
    }
  }

  /** Whether it is as it was left; if anyone has touched it, it is read again. */
  Optional<Damage> look() {
    if (dirty) {
      return Optional.empty();
    }
    try {
      Looks now = Looks.of(place.history());
      if (now.equals(looks)) {
        return Optional.empty();
      }
      Optional<Damage> found = examine(now);
      if (found.isEmpty()) {
        looks = now;
      }
      return found;
    } catch (NoSuchFileException e) {
      return Optional.of(
          new Damage(Damage.Kind.TRUNCATED, 1, "cut off: the file was removed while a daemon ran"));
    } catch (IOException e) {
      throw new AuditException(place.history() + " can't be looked at: " + e.getMessage(), e);
    }
  }

  private Optional<Damage> examine(Looks now) throws IOException {
    ChainScan.Result there =
        ChainScan.read(
            place,
            ChainScan.From.SEGMENT,
            List.of(new Damages.Known(head, "the daemon that runs")),
            Set.of(),
            record -> {});
    if (there.damage().isPresent()) {
      return there.damage();
    }
    long line = head.seq() - read.before().seq();
    if (there.head().seq() > head.seq() || now.size() != length) {
      return Optional.of(
          new Damage(
              Damage.Kind.ANOTHER_WRITER,
              line + 1,
              "another writer: something was appended while a daemon ran"));
    }
    return Objects.equals(now.key(), looks.key())
        ? Optional.empty()
        : Optional.of(
            new Damage(
                Damage.Kind.ANOTHER_WRITER,
                line,
                "another writer: the file was replaced by a copy while a daemon ran"));
  }

  /**
   * Puts that file in its place, which then is the segment that is written to; {@link #settle}
   * makes that durable.
   */
  ActiveSegment replacedBy(Path next) throws IOException {
    Files.move(
        next, place.history(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    ActiveSegment opened = open(place, Optional.empty());
    opened.unnamed = true;
    close();
    return opened;
  }

  /** Copies what is there to a file beside, where nothing overwrites it. */
  Path keepAside() throws IOException {
    Path kept = beside("damaged-" + (head.seq() + 1));
    for (int i = 2; Files.exists(kept); i++) {
      kept = beside("damaged-" + (head.seq() + 1) + "-" + i);
    }
    Forced.write(
        kept,
        out -> {
          if (Files.exists(place.history())) {
            Files.copy(place.history(), out);
          }
        });
    return kept;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AuditException(place.history() + " can't be closed: " + e.getMessage(), e);
    }
  }
}
