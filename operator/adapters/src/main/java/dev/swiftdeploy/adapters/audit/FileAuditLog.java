package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The chain in files, one line for each record: {@code history.jsonl}, and its earlier segments,
 * packed. A record is forced to disk before {@link #append} returns. An incomplete last line, which
 * nothing can rest on, is kept aside, cut and recorded; any other damage is tampering and stops all
 * appending until a person acknowledges it.
 *
 * <p>A segment that is large enough is closed: packed, and replaced by one that begins with a
 * signed checkpoint. Opening reads from there.
 *
 * <p>One writer: whoever opens the file holds the manifest's lock. That another one writes all the
 * same, or that the file was edited, replaced or removed, is noticed at each look.
 */
public final class FileAuditLog implements AuditLog, AutoCloseable {
  /** A rotation that failed is tried again when the segment has grown by an eighth. */
  private static final int RETRY_PART = 8;

  private final ChainPlace place;
  private final Clock clock;
  private final CrashPoints crashPoints;
  private final Optional<Chain.Head> known;
  private final ClosedSegments closed;
  private ActiveSegment active;
  private long rotateAt;
  private Optional<String> trouble = Optional.empty();
  private Optional<Damage> damage;

  /** What was read was whole: what the folds hold is what was admitted, whatever comes. */
  private boolean whole;

  private FileAuditLog(
      ChainPlace place, Clock clock, CrashPoints crashPoints, Optional<Damages.Known> known)
      throws IOException {
    this.place = place;
    this.clock = clock;
    this.crashPoints = crashPoints;
    this.known = known.map(Damages.Known::head);
    this.active = ActiveSegment.open(place, known);
    this.rotateAt = active.checkpointBytes() + place.segmentBytes();
    this.damage = active.damage().or(this::strangeKey).or(this::older);
    if (damage.isEmpty()) {
      tidy();
    }
    this.closed = ClosedSegments.open(place, active.first());
    if (damage().isEmpty()) {
      whole = true;
      active.repair().ifPresent(recovered -> append(Optional.empty(), recovered));
    }
  }

  /**
   * Opens the chain for writing, makes the file if there is none, and repairs a torn last line.
   *
   * @param known a head that was the chain's once, so that a chain that ends before it is found
   * @throws AuditException if the file can't be read, made or repaired
   */
  public static FileAuditLog open(
      ChainPlace place, Clock clock, CrashPoints crashPoints, Optional<Damages.Known> known) {
    try {
      return new FileAuditLog(place, clock, crashPoints, known);
    } catch (IOException e) {
      throw new AuditException(place.history() + " can't be opened: " + e.getMessage(), e);
    }
  }

  /** Opens a chain that nothing else is known of; its key lies beside it. */
  public static FileAuditLog open(Path history, Clock clock, CrashPoints crashPoints) {
    return open(
        new ChainPlace(history, history.resolveSibling(history.getFileName() + ".key")),
        clock,
        crashPoints,
        Optional.empty());
  }

  /** A checkpoint that this machine didn't sign is not believed. */
  private Optional<Damage> strangeKey() {
    Optional<String> signed = active.signedBy();
    try {
      Optional<String> mine =
          signed.isPresent() ? SigningKey.read(place.key()).map(SigningKey::hex) : signed;
      return mine.isEmpty() || mine.equals(signed)
          ? Optional.empty()
          : Optional.of(
              new Damage(
                  Damage.Kind.ANOTHER_KEY,
                  1,
                  "another key: the checkpoint is not signed by " + place.key()));
    } catch (IOException e) {
      trouble = Optional.of(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<Damage> older() {
    try {
      return Segments.older(
          new Segments(place.segments()).all(), active.first(), active.head().seq());
    } catch (IOException e) {
      throw new AuditException(place.segments() + " can't be read: " + e.getMessage(), e);
    }
  }

  /** What a rotation left that was cut short: it is done anew. */
  private void tidy() throws IOException {
    Files.deleteIfExists(place.next());
    for (Segments.Segment segment : new Segments(place.segments()).all()) {
      if (Segments.unfinished(segment, active.first())) {
        Files.delete(segment.file());
      }
    }
  }

  @Override
  public State state(ResourceName resource) {
    return active.folds().state(resource);
  }

  @Override
  public List<AuditRecord> records() {
    return FileHistory.whole(place.history()).records();
  }

  /** Among those of the last two segments, where one that was not taken off the spool yet is. */
  @Override
  public boolean requested(String id) {
    boolean[] found = {false};
    try {
      ChainScan.read(
          place,
          ChainScan.From.CLOSED_SEGMENT,
          List.of(),
          Set.of(),
          record -> found[0] |= record.asks(id));
    } catch (IOException e) {
      throw new AuditException(place.history() + " can't be read: " + e.getMessage(), e);
    }
    return found[0];
  }

  @Override
  public Chain.Head head() {
    return active.head();
  }

  @Override
  public Optional<Damage> damage() {
    if (damage.isEmpty()) {
      damage = active.look();
    }
    return damage.or(closed::damage);
  }

  @Override
  public Optional<String> trouble() {
    return trouble;
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    active.settle();
    damage()
        .ifPresent(
            found -> {
              throw new AuditException("the chain is damaged: " + found.message());
            });
    return write(resource, entry);
  }

  private AuditRecord write(Optional<ResourceName> resource, Entry entry) {
    AuditRecord record = Chain.seal(active.head(), clock.instant(), resource, entry);
    active.append(record, crashPoints);
    if (active.length() >= rotateAt) {
      rotate();
    }
    return record;
  }

  /** The record that was appended is safe, whatever becomes of this. */
  private void rotate() {
    try {
      SigningKey key = SigningKey.of(place.key());
      closed.closed(
          new Segments(place.segments())
              .keep(place.history(), active.first(), active.head().seq()));
      crashPoints.at(CrashPoint.AUDIT_AFTER_ARCHIVE);
      begin(active.head(), active.folds(), key);
      trouble = Optional.empty();
    } catch (IOException | AuditException e) {
      trouble = Optional.of("a segment of the chain can't be closed: " + e.getMessage());
      rotateAt = active.length() + place.segmentBytes() / RETRY_PART;
    }
  }

  private AuditRecord checkpoint(Chain.Head head, Folds folds, SigningKey key) {
    return Chain.checkpoint(
        head,
        clock.instant(),
        new Entry.Checkpoint(Entry.Checkpoint.FORMAT, key.hex(), folds.kept()),
        key);
  }

  /** Begins a segment, with a checkpoint of what was before. */
  private void begin(Chain.Head head, Folds folds, SigningKey key) throws IOException {
    byte[] line = (checkpoint(head, folds, key).line() + "\n").getBytes(StandardCharsets.UTF_8);
    Forced.write(place.next(), out -> out.write(line));
    crashPoints.at(CrashPoint.AUDIT_AFTER_CHECKPOINT);
    active = active.replacedBy(place.next());
    crashPoints.at(CrashPoint.AUDIT_AFTER_ROTATION);
    rotateAt = active.checkpointBytes() + place.segmentBytes();
  }

  /**
   * A person takes note of the damage: what is there is kept aside, the chain goes on after its
   * last good record, and the acknowledgement is its next one. What this log has read and written
   * itself before the damage stays admitted: a checkpoint says so. A closed segment stays as it is.
   *
   * @throws AuditException if there is no damage, or it can't be done
   */
  @Override
  public AuditRecord acknowledge(Actor actor, String reason) {
    Damage noted =
        damage().orElseThrow(() -> new AuditException("the chain is not damaged: nothing to do"));
    return damage.isPresent() ? inPlace(noted, actor, reason) : inClosed(noted, actor, reason);
  }

  private AuditRecord inClosed(Damage noted, Actor actor, String reason) {
    active.settle();
    AuditRecord record =
        write(
            Optional.empty(),
            noted(
                noted,
                String.valueOf(place.segments().getFileName()),
                Optional.empty(),
                actor,
                reason));
    closed.acknowledged(noted);
    return record;
  }

  private AuditRecord inPlace(Damage noted, Actor actor, String reason) {
    try {
      Path kept = active.keepAside();
      AuditRecord record = goOn(noted, kept, actor, reason);
      active = active.replacedBy(place.next());
      active.settle();
      damage = Optional.empty();
      whole = true;
      return record;
    } catch (IOException e) {
      throw new AuditException("what is damaged can't be kept aside: " + e.getMessage(), e);
    }
  }

  /** Writes the segment with which the chain goes on. */
  private AuditRecord goOn(Damage noted, Path kept, Actor actor, String reason) throws IOException {
    Folds folds = new Folds();
    ChainFile.Result good =
        ChainFile.read(() -> Files.newInputStream(kept), Optional.empty(), folds::accept);
    boolean belongs = belongs(noted, good);
    Chain.Head head = good.head();
    List<AuditRecord> fresh = new ArrayList<>();
    if (!belongs) {
      folds = new Folds();
      head =
          ChainScan.read(place, ChainScan.From.LAST_CLOSED_ONLY, List.of(), Set.of(), folds::accept)
              .head();
      fresh.add(checkpoint(head, whole ? active.folds() : folds, SigningKey.of(place.key())));
      head = Chain.Head.of(fresh.get(0));
    }
    Chain.Head lost = known.filter(k -> k.seq() > active.head().seq()).orElse(active.head());
    Optional<Chain.Head> gone = lost.seq() > head.seq() ? Optional.of(lost) : Optional.empty();
    AuditRecord record =
        Chain.seal(
            head,
            clock.instant(),
            Optional.empty(),
            noted(noted, String.valueOf(kept.getFileName()), gone, actor, reason));
    fresh.add(record);
    if (belongs && whole) {
      fresh.add(checkpoint(Chain.Head.of(record), active.folds(), SigningKey.of(place.key())));
    }
    Forced.write(
        place.next(),
        out -> {
          if (belongs) {
            copy(kept, good.goodBytes(), out);
            out.write(good.unended() ? "\n".getBytes(StandardCharsets.UTF_8) : new byte[0]);
          }
          for (AuditRecord one : fresh) {
            out.write((one.line() + "\n").getBytes(StandardCharsets.UTF_8));
          }
        });
    return record;
  }

  /** Whether the good part of the last segment still is what follows the closed ones. */
  private boolean belongs(Damage noted, ChainFile.Result good) throws IOException {
    return noted.kind() != Damage.Kind.ANOTHER_KEY
        && Segments.older(
                new Segments(place.segments()).all(), good.before().seq() + 1, good.head().seq())
            .isEmpty();
  }

  /** Closed segments are looked after while a daemon runs; who asks without one has verified. */
  @Override
  public Optional<Entry.Pruned> prune(Actor actor, Instant before) {
    try {
      Optional<Entry.Pruned> due = Retention.due(place, actor, before);
      if (due.isPresent()) {
        append(Optional.empty(), due.get());
        closed.remove(due.get().segments());
      }
      return due;
    } catch (IOException e) {
      throw new AuditException("segments can't be removed: " + e.getMessage(), e);
    }
  }

  private static Entry.Acknowledged noted(
      Damage noted, String kept, Optional<Chain.Head> lost, Actor actor, String reason) {
    return new Entry.Acknowledged(
        noted.kind().word(),
        noted.line(),
        noted.message(),
        kept,
        lost.map(Chain.Head::text),
        actor,
        reason);
  }

  private static void copy(Path from, long bytes, OutputStream out) throws IOException {
    try (InputStream in = Files.newInputStream(from)) {
      byte[] buffer = new byte[1 << 16];
      long left = bytes;
      while (left > 0) {
        int got = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        out.write(buffer, 0, got);
        left -= got;
      }
    }
  }

  @Override
  public void close() {
    closed.close();
    active.close();
  }
}
