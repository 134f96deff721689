package dev.swiftdeploy.kubernetes.policy;

import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.ForwardingAuditLog;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An audit log whose every answer of policy can be asked for again: the policy is kept before the
 * record that names it.
 */
public final class KeepsPolicies extends ForwardingAuditLog {
  private final Consumer<String> keep;

  /**
   * Over another log.
   *
   * @param keep is given the digest, and throws where the policy isn't kept
   */
  public KeepsPolicies(AuditLog log, Consumer<String> keep) {
    super(log);
    this.keep = keep;
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    if (entry instanceof Entry.Decided decided
        && decided.result().isPresent()
        && decided.policy().verified()) {
      decided.policy().digest().ifPresent(keep);
    }
    return super.append(resource, entry);
  }
}
