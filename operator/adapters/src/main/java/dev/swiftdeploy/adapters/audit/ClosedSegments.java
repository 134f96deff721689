package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditLog.Damage.Kind;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Removal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The closed segments while a daemon runs: they are read once after its start, in a thread of their
 * own, and again when the folder doesn't look as it was left. So opening a long history costs
 * nothing, and what somebody does to it is noticed all the same. Damage that the chain holds an
 * acknowledgement of is none.
 */
final class ClosedSegments implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000L;

  private final ChainPlace place;
  private final Reader reader;
  private final Set<String> acknowledged = new HashSet<>();
  private Map<Path, Looks> left = Map.of();
  private List<Damage> found = List.of();
  private long looked = System.nanoTime();
  private long ownChanges;
  private @Nullable Thread reading;

  /** What reading all of them came to. */
  record Scan(List<Damage> damages, Set<String> acknowledged) {}

  /** Reads all that is there; the chain is written to meanwhile. */
  interface Reader {
    Scan read(ChainPlace place) throws IOException;
  }

  private ClosedSegments(ChainPlace place, Reader reader) {
    this.place = place;
    this.reader = reader;
  }

  /** Looks at the names now, and begins to read. */
  static ClosedSegments open(ChainPlace place, long activeFirst) throws IOException {
    return open(place, activeFirst, at -> scan(at, () -> {}));
  }

  /** The same, with a way to read all. */
  static ClosedSegments open(ChainPlace place, long activeFirst, Reader reader) throws IOException {
    ClosedSegments closed = new ClosedSegments(place, reader);
    List<Segments.Segment> all = new Segments(place.segments()).all();
    closed.left = looks(all);
    boolean lateStart = all.isEmpty() && activeFirst > 1;
    if (lateStart || Segments.missing(all, activeFirst).isPresent()) {
      closed.take(reader.read(place)); // it may be on record, which only reading tells
    } else if (!all.isEmpty()) {
      closed.read();
    }
    return closed;
  }

  /** What is wrong with them, as far as they were read, and nobody has taken note of. */
  synchronized Optional<Damage> damage() {
    if (System.nanoTime() - looked > LOOK_AGAIN_NANOS && reading == null) {
      looked = System.nanoTime();
      lookAgain();
    }
    return found.stream().filter(d -> !acknowledged.contains(d.message())).findFirst();
  }

  private void lookAgain() {
    try {
      Map<Path, Looks> now = looks(new Segments(place.segments()).all());
      if (!now.equals(left)) {
        left = now;
        read();
      }
    } catch (IOException e) {
      found = List.of(unreadable(e));
    }
  }

  /** The daemon itself has closed one. */
  synchronized void closed(Path segment) throws IOException {
    ownChanges++;
    left = new HashMap<>(left);
    left.put(segment, Looks.of(segment));
  }

  /** The daemon itself removes some, oldest first. */
  synchronized void remove(List<Entry.Removed> segments) throws IOException {
    ownChanges++;
    left = new HashMap<>(left);
    for (Entry.Removed removed : segments) {
      Path file = place.segments().resolve(removed.file());
      Files.deleteIfExists(file);
      left.remove(file);
    }
  }

  /** A person has taken note, and that is on record. */
  synchronized void acknowledged(Damage damage) {
    acknowledged.add(damage.message());
  }

  private void read() {
    Thread thread = new Thread(this::readAll, "swiftdeploy-audit-segments");
    thread.setDaemon(true);
    reading = thread;
    thread.start();
  }

  private void readAll() {
    long before;
    Scan scan;
    do {
      before = ownChanges();
      scan = readable();
    } while (!settled(before, scan));
  }

  private Scan readable() {
    try {
      return reader.read(place);
    } catch (IOException | UncheckedIOException e) {
      return new Scan(List.of(unreadable(e)), Set.of());
    }
  }

  private synchronized long ownChanges() {
    return ownChanges;
  }

  /**
   * Damage that was found while the daemon itself closed or removed a segment may be none: a record
   * that explains it may have gone from the file that was read last into one that was not listed.
   */
  private synchronized boolean settled(long before, Scan scan) {
    boolean explained =
        scan.damages().stream()
            .map(Damage::message)
            .allMatch(m -> acknowledged.contains(m) || scan.acknowledged().contains(m));
    if (before != ownChanges && !explained) {
      return false;
    }
    take(scan);
    reading = null;
    return true;
  }

  private void take(Scan scan) {
    found = scan.damages();
    acknowledged.addAll(scan.acknowledged());
  }

  private synchronized Damage unreadable(Exception e) {
    left = Map.of(); // looked at again
    return new Damage(
        Kind.ANOTHER_WRITER, 1, place.segments() + " can't be read: " + e.getMessage());
  }

  private static Map<Path, Looks> looks(List<Segments.Segment> all) throws IOException {
    Map<Path, Looks> looks = new HashMap<>();
    for (Segments.Segment segment : all) {
      try {
        looks.put(segment.file(), Looks.of(segment.file()));
      } catch (NoSuchFileException e) {
        // removed this moment: its name is missing the next time
      }
    }
    return looks;
  }

  /**
   * Reads each by itself, so that one that is damaged hides nothing of the others.
   *
   * @param listed is called when it is known which are there, and none is read yet
   */
  static Scan scan(ChainPlace place, Runnable listed) throws IOException {
    List<Damage> damages = new ArrayList<>();
    Set<String> acknowledged = new HashSet<>();
    List<Removal> removals = new ArrayList<>();
    Consumer<AuditRecord> note = record -> note(record, acknowledged, removals);
    Chain.Head active =
        ChainFile.first(() -> Files.newInputStream(place.history()))
            .flatMap(Chain::before)
            .orElse(Chain.Head.START);
    List<Segments.Segment> all = new Segments(place.segments()).all();
    listed.run();
    Optional<Chain.Head> from = Optional.empty();
    Optional<Chain.Head> beginning = Optional.empty();
    for (Segments.Segment segment : all) {
      if (!Files.exists(segment.file())) {
        continue; // removed this moment: its name is missing the next time
      }
      ChainFile.Around around =
          Segments.around(all, segment, Optional.of(() -> Files.newInputStream(place.history())));
      ChainFile.Result result = ChainFile.read(segment::open, from, around, note);
      beginning = beginning.or(() -> Optional.of(result.before()));
      Optional<Damage> damage = result.damage().or(() -> endedEarly(segment, result));
      damage.ifPresent(d -> damages.add(in(segment, d)));
      from =
          damage.isEmpty() && follows(all, segment) ? Optional.of(result.head()) : Optional.empty();
    }
    ChainFile.read(() -> Files.newInputStream(place.history()), Optional.empty(), note);
    Segments.missing(all, active.seq() + 1).ifPresent(damages::add);
    Retention.unexplained(beginning.orElse(active), removals).ifPresent(damages::add);
    return new Scan(damages, acknowledged);
  }

  private static void note(AuditRecord record, Set<String> acknowledged, List<Removal> removals) {
    if (record.entry() instanceof Entry.Acknowledged noted) {
      acknowledged.add(noted.message());
    }
    Removal.of(record).ifPresent(removals::add);
  }

  /** Whether the next one goes on where this one ends. */
  private static boolean follows(List<Segments.Segment> all, Segments.Segment segment) {
    return all.stream().anyMatch(next -> next.first() == segment.last() + 1);
  }

  private static Optional<Damage> endedEarly(Segments.Segment segment, ChainFile.Result result) {
    long ends = result.head().seq();
    return ends == segment.last() && result.tail().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Damage(
                Kind.MISSING,
                result.lines() + 1,
                "records " + (ends + 1) + " to " + segment.last() + " are missing at its end"));
  }

  private static Damage in(Segments.Segment segment, Damage damage) {
    return new Damage(
        damage.kind(),
        damage.line(),
        "in " + segment.file().getFileName() + ": " + damage.message());
  }

  /** Reading goes on, and is of no use to anybody. */
  @Override
  public synchronized void close() {
    if (reading != null) {
      reading.interrupt();
    }
  }
}
