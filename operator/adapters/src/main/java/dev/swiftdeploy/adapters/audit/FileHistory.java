package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A chain's file as it is at one moment, for commands that only look. Changes nothing; what a
 * running daemon is writing just then (an incomplete last line) is left out.
 */
public final class FileHistory {
  private final List<AuditRecord> records = new ArrayList<>();
  private final Folds folds = new Folds();
  private final Chain.Head head;
  private final Optional<AuditLog.Damage> damage;

  private FileHistory(Path file) throws IOException {
    if (Files.exists(file)) {
      ChainFile.Result read =
          ChainFile.read(
              file,
              record -> {
                records.add(record);
                folds.accept(record);
              });
      this.head = read.head();
      this.damage = read.damage();
    } else {
      this.head = Chain.Head.START;
      this.damage = Optional.empty();
    }
  }

  /**
   * Reads and verifies.
   *
   * @throws AuditException if the file can't be read; one that isn't there is an empty chain
   */
  public static FileHistory read(Path file) {
    try {
      return new FileHistory(file);
    } catch (IOException e) {
      throw new AuditException(file + " can't be read: " + e.getMessage(), e);
    }
  }

  /** The good records, oldest first, up to the damage if there is any. */
  public List<AuditRecord> records() {
    return List.copyOf(records);
  }

  public State state(ResourceName resource) {
    return folds.state(resource);
  }

  public Chain.Head head() {
    return head;
  }

  public Optional<AuditLog.Damage> damage() {
    return damage;
  }
}
