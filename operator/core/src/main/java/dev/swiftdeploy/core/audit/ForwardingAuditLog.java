package dev.swiftdeploy.core.audit;

import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A log that hands everything on to another one; subclasses add to some of it. */
public abstract class ForwardingAuditLog implements AuditLog {
  private final AuditLog log;

  protected ForwardingAuditLog(AuditLog log) {
    this.log = log;
  }

  @Override
  public State state(ResourceName resource) {
    return log.state(resource);
  }

  @Override
  public List<AuditRecord> records() {
    return log.records();
  }

  @Override
  public Chain.Head head() {
    return log.head();
  }

  @Override
  public Optional<Damage> damage() {
    return log.damage();
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    return log.append(resource, entry);
  }

  @Override
  public Duration patience() {
    return log.patience();
  }

  @Override
  public Optional<String> trouble() {
    return log.trouble();
  }

  @Override
  public boolean requested(String id) {
    return log.requested(id);
  }

  @Override
  public AuditRecord acknowledge(Actor actor, String reason) {
    return log.acknowledge(actor, reason);
  }

  @Override
  public Optional<Entry.Pruned> prune(Actor actor, Instant before) {
    return log.prune(actor, before);
  }
}
