package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A chain as it is at one moment, for commands that only look. Changes nothing; what a running
 * daemon is writing just then (an incomplete last line) is left out.
 */
public final class FileHistory {
  private final List<AuditRecord> records = new ArrayList<>();
  private final Folds folds = new Folds();
  private final ChainScan.Result read;

  private FileHistory(Path history, ChainScan.From from) throws IOException {
    this.read =
        ChainScan.read(
            new ChainPlace(history, history),
            from,
            List.of(),
            Set.of(),
            record -> {
              records.add(record);
              folds.accept(record);
            });
  }

  /**
   * Reads and verifies the segment that is written to: enough for states and the head.
   *
   * @throws AuditException if the file can't be read; one that isn't there is an empty chain
   */
  public static FileHistory read(Path file) {
    return read(file, ChainScan.From.SEGMENT);
  }

  /** Reads so much that what was recorded a moment ago is among the records. */
  public static FileHistory recent(Path file) {
    return read(file, ChainScan.From.CLOSED_SEGMENT);
  }

  /** Reads all that is there; long histories take long, and memory. */
  public static FileHistory whole(Path file) {
    return read(file, ChainScan.From.START);
  }

  private static FileHistory read(Path file, ChainScan.From from) {
    try {
      return new FileHistory(file, from);
    } catch (IOException e) {
      throw new AuditException(file + " can't be read: " + e.getMessage(), e);
    }
  }

  /** The good records that were read, oldest first, up to the damage if there is any. */
  public List<AuditRecord> records() {
    return List.copyOf(records);
  }

  public State state(ResourceName resource) {
    return folds.state(resource);
  }

  /** All resources that the chain tells of. */
  public Set<ResourceName> resources() {
    return folds.resources();
  }

  public Chain.Head head() {
    return read.head();
  }

  /** Line numbers are those of the segment that is written to. */
  public Optional<AuditLog.Damage> damage() {
    return read.damage();
  }
}
