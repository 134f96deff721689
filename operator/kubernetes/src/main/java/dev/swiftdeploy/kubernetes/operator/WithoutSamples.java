package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.ForwardingAuditLog;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.Optional;

/**
 * An audit log that takes no samples: here each would be an object of its own, several for each
 * step of a canary, and every decision holds the same figures in its input. Nothing rests on a
 * sample.
 */
final class WithoutSamples extends ForwardingAuditLog {
  WithoutSamples(AuditLog log) {
    super(log);
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    if (entry instanceof Entry.Sampled) {
      throw new AuditException("samples are not kept on Kubernetes");
    }
    return super.append(resource, entry);
  }
}
