package dev.swiftdeploy.core.audit;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

class InMemoryAuditLogTest extends AuditLogContract {
  private final List<String> lines = new ArrayList<>();
  private InMemoryAuditLog last;

  @Override
  protected AuditLog open(Clock clock) {
    last = new InMemoryAuditLog(lines, clock);
    return last;
  }

  @Override
  protected List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  protected void write(List<String> changed) {
    lines.clear();
    lines.addAll(changed);
  }

  @Override
  protected boolean full(boolean now) {
    last.full(now);
    return true;
  }
}
