package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.audit.AuditRecord;
import java.util.List;
import java.util.Optional;

/**
 * The records of one chain.
 *
 * @param of whose chain it is, where there may be several: a cluster has one for each resource
 */
record Chained(Optional<String> of, List<AuditRecord> records) {
  Chained {
    records = List.copyOf(records);
  }
}
