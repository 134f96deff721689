package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Removal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads a chain's segments, one after the other, in bounded memory, and verifies what it reads.
 * Changes nothing; may run while a daemon writes, rotates and prunes: what is read is the chain as
 * it was at one moment, and what was appended since.
 */
public final class ChainScan {
  private final ChainPlace place;
  private final Listing listing;
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

  /** What tells the closed segments. */
  @FunctionalInterface
  interface Listing {
    List<Segments.Segment> all() throws IOException;
  }

  private ChainScan(
      ChainPlace place,
      Listing listing,
      List<Damages.Known> known,
      Set<String> trusted,
      Consumer<AuditRecord> each) {
    this.place = place;
    this.listing = listing;
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
    return read(place, new Segments(place.segments())::all, from, known, trusted, each);
  }

  /** The same, where that tells the closed segments. */
  static Result read(
      ChainPlace place,
      Listing listing,
      From from,
      List<Damages.Known> known,
      Set<String> trusted,
      Consumer<AuditRecord> each)
      throws IOException {
    return new ChainScan(place, listing, known, trusted, each).read(from);
  }

  private Result read(From from) throws IOException {
    if (from == From.LAST_CLOSED_ONLY) {
      return lastClosed();
    }
    try (OpenChain chain = OpenChain.open(place, listing, from)) {
      for (Segments.Segment segment : chain.wanted()) {
        if (damage.isEmpty()) {
          ChainFile.Around around = Segments.around(chain.whole(), segment, chain.active());
          damage = head.isEmpty() ? segment.displaced(around) : damage;
          damaged = segment.file();
          if (damage.isEmpty()) {
            take(segment.file(), ChainFile.read(chain.source(segment), head, around, this::record));
            endedEarly(segment);
          }
        }
      }
      damaged = damage.isPresent() ? damaged : place.history();
      if (damage.isEmpty() && chain.active().isPresent()) {
        readActive(chain, from == From.SEGMENT);
      } else if (damage.isEmpty() && !chain.closed().isEmpty()) {
        damage =
            Optional.of(
                new Damage(
                    Damage.Kind.TRUNCATED, 1, "cut off: the segment that is written to is gone"));
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
    List<Segments.Segment> closed = listing.all();
    if (!closed.isEmpty()) {
      Segments.Segment segment = closed.get(closed.size() - 1);
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

  private void readActive(OpenChain chain, boolean alone) throws IOException {
    ChainFile.Source source = chain.active().orElseThrow();
    Optional<Chain.Head> from = head;
    long first = chain.begins().seq() + 1;
    boolean follows = from.isEmpty() || from.get().seq() + 1 == first || headless(source);
    ChainFile.Result result =
        ChainFile.read(
            source,
            follows ? from : Optional.empty(),
            new ChainFile.Around(
                chain.closed().stream().map(s -> (ChainFile.Source) s::open).toList(), List.of()),
            this::record);
    if (result.damage().isEmpty()) {
      long begins = result.before().seq() + 1;
      long ends = result.head().seq();
      damage =
          alone
              ? Segments.older(chain.closed(), begins, ends)
              : Segments.gap(chain.closed(), begins, ends);
    }
    if (follows || damage.isEmpty()) {
      take(place.history(), result);
    }
  }

  /** Its first record is neither the chain's first nor a checkpoint: that is not there any more. */
  private static boolean headless(ChainFile.Source active) throws IOException {
    return ChainFile.first(active)
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
