package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainPlace;
import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A chain that is read record by record, as often as it takes: a long one does not fit into memory.
 *
 * @param of whose chain it is, where there may be several: a cluster has one for each resource
 */
record Chained(Optional<String> of, Source source) {

  /** Where it is read from. */
  interface Source {
    /**
     * Gives every good record, oldest first.
     *
     * @return where it stops verifying
     */
    Optional<AuditLog.Damage> read(Consumer<AuditRecord> each) throws IOException;
  }

  /** One that lies on this machine. */
  static Chained at(ChainPlace place, ChainScan.From from) {
    return new Chained(
        Optional.empty(), each -> ChainScan.read(place, from, List.of(), Set.of(), each).damage());
  }

  /** Reads all that is good of it. */
  Optional<AuditLog.Damage> read(Consumer<AuditRecord> each) throws IOException {
    return source.read(each);
  }

  /** Reads one that has to verify. */
  void readWhole(Consumer<AuditRecord> each) throws IOException {
    Optional<AuditLog.Damage> damage = read(each);
    if (damage.isPresent()) {
      throw new CommandFailure(
          Exit.FAILED,
          "the chain is damaged at line " + damage.get().line() + ": " + damage.get().message(),
          "see: swiftdeploy audit verify");
    }
  }
}
