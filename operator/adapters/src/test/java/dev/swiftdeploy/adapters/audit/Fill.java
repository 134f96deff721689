package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.Entries;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.platform.VirtualClock;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Records of every type but removals, one a second. */
final class Fill {
  static final ResourceName DEMO = ResourceName.of("demo");

  private Fill() {}

  static void records(FileAuditLog log, VirtualClock clock, int records) {
    List<Entry> all = Entries.all(5);
    all.removeIf(Entry.Pruned.class::isInstance); // nothing is removed by that
    for (int i = 0; i < records; i++) {
      log.append(Optional.of(DEMO), all.get(i % all.size()));
      clock.advance(Duration.ofSeconds(1));
    }
  }
}
