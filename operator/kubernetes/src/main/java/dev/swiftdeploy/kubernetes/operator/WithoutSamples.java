package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An audit log that takes no samples: here each would be an object of its own, several for each
 * step of a canary, and every decision holds the same figures in its input. Nothing rests on a
 * sample.
 */
record WithoutSamples(AuditLog log) implements AuditLog {
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
    if (entry instanceof Entry.Sampled) {
      throw new AuditException("samples are not kept on Kubernetes");
    }
    return log.append(resource, entry);
  }
}
