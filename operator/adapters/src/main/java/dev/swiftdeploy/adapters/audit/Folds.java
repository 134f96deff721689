package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.HashMap;
import java.util.Map;

/** The folds of all resources of one chain. */
public final class Folds {
  private final Map<ResourceName, StateFold> folds = new HashMap<>();
  private final Map<ResourceName, State> states = new HashMap<>();

  public void accept(AuditRecord record) {
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
}
