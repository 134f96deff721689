package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Removal;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What of a chain may be removed: what lies behind a checkpoint, and nothing else. */
public final class Retention {
  private Retention() {}

  /**
   * The closed segments all of whose records are older than a time: those before a segment that
   * begins, later on, with a checkpoint of an earlier time. Reads a line of each segment.
   *
   * @return what is to be recorded before they are removed; empty if there is none
   */
  public static Optional<Entry.Pruned> due(ChainPlace place, Actor actor, Instant before)
      throws IOException {
    List<Segments.Segment> closed = new Segments(place.segments()).all();
    List<Entry.Removed> due = new ArrayList<>();
    for (int i = 0; i < closed.size(); i++) {
      Segments.Segment segment = closed.get(i);
      Optional<AuditRecord> next =
          i + 1 == closed.size()
              ? begins(() -> Files.newInputStream(place.history()), segment.last())
              : begins(closed.get(i + 1)::open, segment.last());
      if (next.filter(checkpoint -> checkpoint.ts().isBefore(before)).isEmpty()) {
        break;
      }
      due.add(
          new Entry.Removed(
              String.valueOf(segment.file().getFileName()),
              segment.first(),
              segment.last(),
              new Chain.Head(segment.last(), next.get().prev()).text()));
    }
    return due.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Entry.Pruned(actor, before, due.get(due.size() - 1).last() + 1, List.copyOf(due)));
  }

  /** The checkpoint with which a segment begins, right behind that record. */
  private static Optional<AuditRecord> begins(ChainFile.Source source, long after)
      throws IOException {
    return ChainFile.first(source)
        .filter(line -> Chain.before(line).filter(head -> head.seq() == after).isPresent())
        .map(Chain::readFirst)
        .filter(Chain.Read.Good.class::isInstance)
        .map(read -> ((Chain.Read.Good) read).record());
  }

  /**
   * A chain that begins with a checkpoint, where something was before it, and no record tells that
   * a person had that removed.
   *
   * @param beginning what its first record continues
   * @param removals all that are on record
   */
  static Optional<Damage> unexplained(Chain.Head beginning, List<Removal> removals) {
    boolean explained =
        beginning.seq() == 0 || removals.stream().anyMatch(one -> one.pruned().explains(beginning));
    String what =
        beginning.seq() == 1
            ? "record 1 is missing"
            : "records 1 to " + beginning.seq() + " are missing";
    return explained
        ? Optional.empty()
        : Optional.of(
            new Damage(
                Damage.Kind.MISSING, 1, what + ": no segment holds them, and none was pruned"));
  }
}
