package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers which instances were restarted for their silence. A platform may show one as it was
 * until it has ended; so that it isn't restarted again meanwhile, its silence counts from then.
 */
final class Restarts {
  private final Map<String, Instant> restarted = new HashMap<>();

  void applied(Effect effect, Instant now) {
    if (effect instanceof Effect.RestartInstance restart) {
      restarted.put(key(restart.workload(), restart.slot()), now);
    }
  }

  Observation seen(Observation observation) {
    if (restarted.isEmpty()) {
      return observation;
    }
    List<ObservedWorkload> workloads = observation.workloads().stream().map(this::seen).toList();
    return new Observation(workloads, observation.route());
  }

  private ObservedWorkload seen(ObservedWorkload there) {
    return new ObservedWorkload(
        there.workload(), there.instances().stream().map(i -> seen(there.workload(), i)).toList());
  }

  private Instance seen(Workload workload, Instance instance) {
    Instant since = restarted.get(key(workload, instance.slot()));
    if (since == null || instance.unhealthySince().filter(since::isAfter).isEmpty()) {
      return instance;
    }
    return new Instance(
        instance.slot(),
        instance.state(),
        instance.address(),
        instance.restarts(),
        Optional.of(since),
        instance.detail());
  }

  private static String key(Workload workload, int slot) {
    return workload + "/" + slot;
  }
}
