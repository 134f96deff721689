package dev.swiftdeploy.core.audit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Port: the audit chain. One writer. Adapters pass {@code AuditLogContract}. */
public interface AuditLog {
  /** What is on record for one resource: the fold of its records. Cheap. */
  State state(ResourceName resource);

  /** All records, oldest first. */
  List<AuditRecord> records();

  /** Where the chain ends. */
  Chain.Head head();

  /** Set once the chain can't be trusted; then nothing is appended any more. */
  Optional<Damage> damage();

  /**
   * Appends and returns when the record is durable.
   *
   * @throws AuditException if it is not; then nothing may rest on it
   */
  AuditRecord append(Optional<ResourceName> resource, Entry entry);

  /**
   * How long an answer of policy that changes nothing may wait for a later record, which counts it:
   * after an allowed one, a review that is allowed and not enacted, or denied for want of evidence.
   * It is not shown either, as what is shown can be looked up. More than zero where a record costs
   * much.
   */
  default Duration patience() {
    return Duration.ZERO;
  }

  /**
   * What keeps the log from looking after itself, such as from closing a segment, while something
   * does; appending goes on.
   */
  default Optional<String> trouble() {
    return Optional.empty();
  }

  /** Whether that request is on record. */
  default boolean requested(String id) {
    return records().stream().anyMatch(record -> record.asks(id));
  }

  /**
   * A person takes note of the damage, which is itself a record; the chain goes on after its last
   * good record.
   *
   * @throws AuditException if there is none, or it can't be done here
   */
  default AuditRecord acknowledge(Actor actor, String reason) {
    throw new AuditException("a damage of this chain can't be acknowledged here");
  }

  /**
   * Removes the closed segments all of whose records are older than that, behind a checkpoint.
   * Their removal is a record, durable before the first of them goes. The chain has to verify.
   *
   * @return what was removed; empty if nothing is that old
   * @throws AuditException if it can't be done here
   */
  default Optional<Entry.Pruned> prune(Actor actor, Instant before) {
    throw new AuditException("this chain has no closed segments");
  }

  /**
   * What is wrong with a chain.
   *
   * @param line 1-based, where it begins
   * @param message one sentence
   */
  record Damage(Kind kind, long line, String message) {

    /** What it is, as far as what is there tells. */
    public enum Kind {
      /** A line is not what was written. */
      EDITED,
      /** Records are not there, and later ones are. */
      MISSING,
      /** All are there, in another order. */
      REORDERED,
      /** A record is there more than once. */
      DUPLICATED,
      /** The last records are not there. */
      TRUNCATED,
      /** Well-formed records of another history. */
      ANOTHER_HISTORY,
      /** Well-formed, and not known to this version. */
      UNKNOWN,
      /** A checkpoint that another key than the expected one has signed. */
      ANOTHER_KEY,
      /** Someone else writes, or what is written can't be looked at. */
      ANOTHER_WRITER;

      @JsonValue
      public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
      }

      @JsonCreator
      public static Kind of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
      }
    }
  }
}
