package dev.swiftdeploy.core.audit;

import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Instant;
import java.util.Optional;

/**
 * One record of the chain.
 *
 * @param seq 1, 2, 3 …
 * @param resource absent on records about the whole chain
 * @param prev the hash of the record before; 64 zeros for the first
 * @param hash SHA-256 hex over the line's own bytes before {@code ,"hash"}
 * @param line the line itself, without its line end
 */
public record AuditRecord(
    long seq,
    Instant ts,
    Optional<ResourceName> resource,
    Entry entry,
    String prev,
    String hash,
    String line) {

  /** Whether it is that request. */
  public boolean asks(String request) {
    return entry instanceof Entry.Requested asked && asked.request().id().equals(request);
  }

  public boolean concerns(ResourceName name) {
    return resource.isEmpty() || resource.get().equals(name);
  }
}
