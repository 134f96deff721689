package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Removal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads a chain's segments, one after the other, in bounded memory, and verifies what it reads.
 * Changes nothing; may run while a daemon writes and rotates.
 */
public final class ChainScan {
  private final ChainPlace place;
  private final List<Damages.Known> known;
  private final Set<String> trusted;
  private final Consumer<AuditRecord> each;
  private final Map<Long, String> hashes = new HashMap<>();
  private final Set<String> keys = new LinkedHashSet<>();
  private Optional<Chain.Head> before = Optional.empty();
  private Optional<Chain.Head> head = Optional.empty();
  private Chain.Head active = Chain.Head.START;
  private long records;
  private long unsigned;
  private long strange;
  private Optional<Damage> damage = Optional.empty();
  private Path damaged;
  private Path firstRead;
  private final List<Removal> removals = new ArrayList<>();

  /** How far back it is read. */
  public enum From {
    /** From the chain's first record, or the first one that was not pruned. */
    START,
    /** From the first one that is there, whatever was before it: parts of a chain. */
    PRESENT,
    /** From the beginning of the last segment that was closed. */
    CLOSED_SEGMENT,
    /** From the beginning of the segment that is written to. */
    SEGMENT,
    /** The last segment that was closed, and nothing else. */
    LAST_CLOSED_ONLY
  }

  /**
   * What was read.
   *
   * @param before what the first record continues: not the start where earlier ones were removed
   * @param head after the last good record
   * @param records good ones
   * @param sinceSigned records after the last checkpoint
   * @param keys that signed its checkpoints
   * @param removals of earlier records, by those that are there
   * @param file that the damage is in, and its line
   */
  public record Result(
      Chain.Head before,
      Chain.Head head,
      long records,
      long sinceSigned,
      Set<String> keys,
      List<Removal> removals,
      Path file,
      Optional<Damage> damage) {}

  private ChainScan(
      ChainPlace place,
      List<Damages.Known> known,
      Set<String> trusted,
      Consumer<AuditRecord> each) {
    this.place = place;
    this.known = known;
    this.trusted = trusted;
    this.each = each;
    this.damaged = place.history();
    this.firstRead = place.history();
    known.forEach(k -> hashes.put(k.head().seq(), ""));
  }

  /**
   * Reads.
   *
   * @param known heads that have to be in it
   * @param trusted public keys in hex, one of which has to have signed each checkpoint; empty: any
   * @param each is given every good record, oldest first
   */
  public static Result read(
      ChainPlace place,
      From from,
      List<Damages.Known> known,
      Set<String> trusted,
      Consumer<AuditRecord> each)
      throws IOException {
    return new ChainScan(place, known, trusted, each).read(from);
  }

  private Result read(From from) throws IOException {
    if (from == From.LAST_CLOSED_ONLY) {
      return lastClosed();
    }
    // Opened before the others are listed: it may be closed, packed and replaced meanwhile.
    Optional<FileChannel> active = open();
    try {
      List<Segments.Segment> closed = new Segments(place.segments()).all();
      Chain.Head begins =
          active.isPresent() ? beginning(active.get()) : new Chain.Head(lastOf(closed), "");
      List<Segments.Segment> whole =
          active.isPresent() && cutShort(closed, begins.seq() + 1, active.get())
              ? closed.subList(0, closed.size() - 1)
              : closed;
      for (Segments.Segment segment : wanted(whole, from)) {
        if (damage.isEmpty()) {
          ChainFile.Around around =
              Segments.around(whole, segment, active.map(a -> () -> streamOf(a)));
          damage = head.isEmpty() ? segment.displaced(around) : damage;
          damaged = segment.file();
          if (damage.isEmpty()) {
            take(segment.file(), ChainFile.read(segment::open, head, around, this::record));
            endedEarly(segment);
          }
        }
      }
      damaged = damage.isPresent() ? damaged : place.history();
      if (damage.isEmpty() && active.isPresent()) {
        readActive(active.get(), from == From.SEGMENT, closed, begins.seq() + 1);
      } else if (damage.isEmpty() && !closed.isEmpty()) {
        damage =
            Optional.of(
                new Damage(
                    Damage.Kind.TRUNCATED, 1, "cut off: the segment that is written to is gone"));
      }
    } finally {
      if (active.isPresent()) {
        active.get().close();
      }
    }
    compare();
    if (damage.isEmpty() && from == From.START) {
      damage = Retention.unexplained(before.orElse(Chain.Head.START), removals);
      damaged = damage.isPresent() ? firstRead : damaged;
    }
    return result();
  }

  private Result lastClosed() throws IOException {
    List<Segments.Segment> closed = new Segments(place.segments()).all();
    if (!closed.isEmpty()) {
      Segments.Segment segment = last(closed);
      take(segment.file(), ChainFile.read(segment::open, Optional.empty(), this::record));
    }
    return result();
  }

  private Result result() {
    Chain.Head end = head.orElse(Chain.Head.START);
    return new Result(
        before.orElse(Chain.Head.START),
        end,
        records,
        unsigned,
        keys,
        List.copyOf(removals),
        damaged,
        damage);
  }

  private Optional<FileChannel> open() throws IOException {
    return Files.exists(place.history())
        ? Optional.of(FileChannel.open(place.history(), StandardOpenOption.READ))
        : Optional.empty();
  }

  /** What the active segment continues, by its first line. */
  private static Chain.Head beginning(FileChannel active) throws IOException {
    Chain.Head[] found = {Chain.Head.START};
    ChainFile.first(() -> streamOf(active)).flatMap(Chain::before).ifPresent(h -> found[0] = h);
    return found[0];
  }

  private static InputStream streamOf(FileChannel active) throws IOException {
    active.position(0);
    InputStream in = Channels.newInputStream(active);
    return new java.io.FilterInputStream(in) {
      @Override
      public void close() {
        // read again: its owner closes the channel
      }
    };
  }

  private static long lastOf(List<Segments.Segment> closed) {
    return closed.isEmpty() ? 0 : last(closed).last();
  }

  private static Segments.Segment last(List<Segments.Segment> closed) {
    return closed.get(closed.size() - 1);
  }

  private static List<Segments.Segment> wanted(List<Segments.Segment> whole, From from) {
    return switch (from) {
      case START, PRESENT -> whole;
      case CLOSED_SEGMENT -> whole.subList(Math.max(0, whole.size() - 1), whole.size());
      case SEGMENT, LAST_CLOSED_ONLY -> List.of();
    };
  }

  private void take(Path file, ChainFile.Result result) {
    if (before.isEmpty()) {
      before = Optional.of(result.before());
      firstRead = file;
    }
    active = result.before();
    if (result.lines() > 0 || head.isEmpty()) {
      head = Optional.of(result.head());
    }
    if (result.damage().isPresent()) {
      damage = result.damage();
      damaged = file;
    }
  }

  /** A closed segment holds what its name says. */
  private void endedEarly(Segments.Segment segment) {
    long ends = head.map(Chain.Head::seq).orElse(0L);
    if (damage.isEmpty() && ends != segment.last()) {
      damage =
          Optional.of(
              new Damage(
                  Damage.Kind.MISSING,
                  1,
                  "records "
                      + (ends + 1)
                      + " to "
                      + segment.last()
                      + " are missing at the end of this segment"));
      damaged = segment.file();
    }
  }

  private void readActive(
      FileChannel active, boolean alone, List<Segments.Segment> closed, long first)
      throws IOException {
    Optional<Chain.Head> from = head;
    boolean follows = from.isEmpty() || from.get().seq() + 1 == first || headless(active);
    ChainFile.Result result =
        ChainFile.read(
            () -> streamOf(active),
            follows ? from : Optional.empty(),
            new ChainFile.Around(
                closed.stream().map(s -> (ChainFile.Source) s::open).toList(), List.of()),
            this::record);
    if (result.damage().isEmpty()) {
      long begins = result.before().seq() + 1;
      long ends = result.head().seq();
      damage = alone ? Segments.older(closed, begins, ends) : Segments.gap(closed, begins, ends);
    }
    if (follows || damage.isEmpty()) {
      take(place.history(), result);
    }
  }

  /** The last closed segment is the one in use: a rotation was cut short. */
  private static boolean cutShort(List<Segments.Segment> closed, long first, FileChannel active)
      throws IOException {
    if (closed.isEmpty() || !Segments.unfinished(last(closed), first)) {
      return false;
    }
    Optional<byte[]> there = last(closed).firstLine();
    Optional<byte[]> here = ChainFile.first(() -> streamOf(active));
    return there.isPresent() && here.isPresent() && Arrays.equals(there.get(), here.get());
  }

  /** Its first record is neither the chain's first nor a checkpoint: that is not there any more. */
  private static boolean headless(FileChannel active) throws IOException {
    return ChainFile.first(() -> streamOf(active))
        .filter(line -> Chain.before(line).isEmpty())
        .flatMap(Chain::claim)
        .filter(claim -> claim.seq() > 0)
        .isPresent();
  }

  private void record(AuditRecord record) {
    records++;
    unsigned++;
    hashes.computeIfPresent(record.seq(), (seq, hash) -> record.hash());
    hashes.computeIfPresent(record.seq() - 1, (seq, hash) -> hash.isEmpty() ? record.prev() : hash);
    if (record.entry() instanceof Entry.Checkpoint checkpoint) {
      keys.add(checkpoint.key());
      unsigned = 0;
      if (!trusted.isEmpty() && !trusted.contains(checkpoint.key()) && strange == 0) {
        strange = record.seq();
      }
    }
    Removal.of(record).ifPresent(removals::add);
    each.accept(record);
  }

  private void compare() {
    for (Damages.Known one : known) {
      if (damage.isEmpty()) {
        damage =
            Damages.against(
                one,
                active,
                head.orElse(Chain.Head.START),
                Optional.ofNullable(hashes.get(one.head().seq())).filter(h -> !h.isEmpty()));
      }
    }
    if (damage.isEmpty() && strange > 0) {
      damage =
          Optional.of(
              new Damage(
                  Damage.Kind.ANOTHER_KEY,
                  1,
                  "another key: checkpoint " + strange + " is not signed by the given one"));
    }
  }
}
