package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Removes what lies behind a checkpoint, and nothing else. */
public final class Retention {
  private Retention() {}

  /**
   * Removes the closed segments that end before a time: those before a segment that begins, later
   * on, with a checkpoint of an earlier time.
   *
   * @return the names of the removed files, oldest first
   * @throws AuditException if the chain does not verify: then nothing is removed
   */
  public static List<String> prune(ChainPlace place, Instant until) throws IOException {
    ChainScan.Result whole =
        ChainScan.read(place, ChainScan.From.START, List.of(), Set.of(), record -> {});
    if (whole.damage().isPresent()) {
      throw new AuditException(
          "the chain does not verify, so nothing is removed: " + whole.damage().get().message());
    }
    List<Segments.Segment> closed = new Segments(place.segments()).all();
    List<String> removed = new ArrayList<>();
    for (int i = 0; i < closed.size(); i++) {
      boolean last = i + 1 == closed.size();
      Optional<Instant> next =
          last
              ? begins(() -> Files.newInputStream(place.history()), closed.get(i).last())
              : begins(closed.get(i + 1)::open, closed.get(i).last());
      if (next.filter(at -> at.isBefore(until)).isEmpty()) {
        break;
      }
      Files.delete(closed.get(i).file());
      removed.add(String.valueOf(closed.get(i).file().getFileName()));
    }
    return removed;
  }

  /** The time of the checkpoint with which a segment begins, right behind that record. */
  private static Optional<Instant> begins(ChainFile.Source source, long after) throws IOException {
    return ChainFile.first(source)
        .filter(line -> Chain.before(line).filter(head -> head.seq() == after).isPresent())
        .map(Chain::readFirst)
        .filter(Chain.Read.Good.class::isInstance)
        .map(read -> ((Chain.Read.Good) read).record())
        .map(AuditRecord::ts);
  }
}
