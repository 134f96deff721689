package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.ForwardingAuditLog;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.Optional;

/** An audit log whose records are counted and timed. */
public final class MeasuredAuditLog extends ForwardingAuditLog {
  private static final double NANOS = 1e9;

  private final OperatorMetrics metrics;

  public MeasuredAuditLog(AuditLog log, OperatorMetrics metrics) {
    super(log);
    this.metrics = metrics;
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    Optional<Transition> underWay =
        resource.flatMap(name -> state(name).underWay()).map(State.UnderWay::transition);
    long begun = System.nanoTime();
    try {
      AuditRecord record = super.append(resource, entry);
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
