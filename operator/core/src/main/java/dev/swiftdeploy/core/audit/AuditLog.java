package dev.swiftdeploy.core.audit;

import dev.swiftdeploy.core.spec.ResourceName;
import java.util.List;
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
   * What is wrong with a chain.
   *
   * @param line 1-based, where it begins
   * @param message one sentence
   */
  record Damage(long line, String message) {}
}
