package dev.swiftdeploy.kubernetes.policy;

import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An audit log whose every answer of policy can be asked for again: the policy is kept before the
 * record that names it.
 *
 * @param keep is given the digest, and throws where the policy isn't kept
 */
public record KeepsPolicies(AuditLog log, Consumer<String> keep) implements AuditLog {
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
  public Optional<String> trouble() {
    return log.trouble();
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    if (entry instanceof Entry.Decided decided
        && decided.result().isPresent()
        && decided.policy().verified()) {
      decided.policy().digest().ifPresent(keep);
    }
    return log.append(resource, entry);
  }
}
