package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.KeptFold;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The folds of all resources of one chain. */
public final class Folds {
  private final Map<ResourceName, StateFold> folds = new HashMap<>();
  private final Map<ResourceName, State> states = new HashMap<>();

  /** Takes the next record; a checkpoint says what all that was before it comes to. */
  public void accept(AuditRecord record) {
    if (record.entry() instanceof Entry.Checkpoint checkpoint) {
      folds.clear();
      states.clear();
      checkpoint
          .folds()
          .forEach((name, kept) -> folds.put(ResourceName.of(name), new StateFold(kept)));
      return;
    }
    record.resource().ifPresent(name -> folds.computeIfAbsent(name, n -> new StateFold()));
    folds.forEach(
        (name, fold) -> {
          if (record.concerns(name)) {
            fold.accept(record);
            states.remove(name);
          }
        });
  }

  public State state(ResourceName resource) {
    StateFold fold = folds.get(resource);
    return fold == null
        ? new StateFold().state()
        : states.computeIfAbsent(resource, n -> fold.state());
  }

  /** All resources that have a record. */
  public Set<ResourceName> resources() {
    return Set.copyOf(folds.keySet());
  }

  /** What a checkpoint holds. */
  Map<String, KeptFold> kept() {
    Map<String, KeptFold> kept = new TreeMap<>();
    folds.forEach((name, fold) -> kept.put(name.value(), fold.kept()));
    return kept;
  }
}
