package dev.swiftdeploy.core.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the record of a removal tells.
 *
 * @param seq of the record
 */
public record Removal(long seq, Instant at, Entry.Pruned pruned) {

  /** Of a record, if it is one. */
  public static Optional<Removal> of(AuditRecord record) {
    return record.entry() instanceof Entry.Pruned pruned
        ? Optional.of(new Removal(record.seq(), record.ts(), pruned))
        : Optional.empty();
  }

  /** In words: who had which records removed, and where the chain begins from then on. */
  public String text() {
    List<Entry.Removed> segments = pruned.segments();
    Entry.Removed last = segments.get(segments.size() - 1);
    return "%s had records %d to %d removed (%d %s, older than %s), behind checkpoint %d; they ended with %s"
        .formatted(
            pruned.actor().name(),
            segments.get(0).first(),
            last.last(),
            segments.size(),
            segments.size() == 1 ? "segment" : "segments",
            pruned.before(),
            pruned.checkpoint(),
            last.head());
  }
}
