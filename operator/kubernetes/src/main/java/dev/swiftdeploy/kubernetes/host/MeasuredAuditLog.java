package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** An audit log whose records are counted and timed. */
public final class MeasuredAuditLog implements AuditLog {
  private static final double NANOS = 1e9;

  private final AuditLog log;
  private final OperatorMetrics metrics;

  public MeasuredAuditLog(AuditLog log, OperatorMetrics metrics) {
    this.log = log;
    this.metrics = metrics;
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
  public Duration patience() {
    return log.patience();
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    Optional<Transition> underWay =
        resource.flatMap(name -> log.state(name).underWay()).map(State.UnderWay::transition);
    long begun = System.nanoTime();
    try {
      AuditRecord record = log.append(resource, entry);
      metrics.recorded(entry, (System.nanoTime() - begun) / NANOS);
      if (entry instanceof Entry.Applied) {
        underWay.ifPresent(t -> metrics.ended(t.kind().word(), "applied"));
      } else if (entry instanceof Entry.Failed failed && failed.decisionId().isPresent()) {
        underWay.ifPresent(t -> metrics.ended(t.kind().word(), "failed"));
      }
      return record;
    } catch (AuditException e) {
      metrics.appendFailed();
      throw e;
    }
  }
}
