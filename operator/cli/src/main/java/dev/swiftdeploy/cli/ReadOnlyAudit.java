package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.List;
import java.util.Optional;

/** A chain that is only looked at: what would append to it fails. */
record ReadOnlyAudit(FileHistory history) implements AuditLog {
  @Override
  public State state(ResourceName resource) {
    return history.state(resource);
  }

  @Override
  public List<AuditRecord> records() {
    return history.records();
  }

  @Override
  public Chain.Head head() {
    return history.head();
  }

  @Override
  public Optional<Damage> damage() {
    return history.damage();
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    throw new AuditException("this command only looks");
  }
}
