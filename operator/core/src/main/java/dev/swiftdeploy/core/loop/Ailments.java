package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Remembers what one look at a platform does not show. An instance that was restarted for its
 * silence may be seen as it was until it has ended; so that it isn't restarted again meanwhile, its
 * silence counts from the restart. And a candidate's instance that ends again and again is
 * unhealthy through all its starts.
 */
final class Ailments {
  private final Map<String, Instant> restarted = new HashMap<>();
  private final Map<String, Instant> ailing = new HashMap<>();

  void applied(Effect effect, Instant now) {
    if (effect instanceof Effect.RestartInstance restart) {
      restarted.put(key(restart.workload(), restart.slot()), now);
    }
  }

  /** What is seen, with what is remembered. */
  Observation seen(Observation observation, Instant now) {
    Set<String> there = new HashSet<>();
    observation
        .workloads()
        .forEach(w -> w.instances().forEach(i -> there.add(key(w.workload(), i.slot()))));
    ailing.keySet().retainAll(there);
    restarted.keySet().retainAll(there);
    return new Observation(
        observation.workloads().stream().map(w -> seen(w, now)).toList(), observation.route());
  }

  private ObservedWorkload seen(ObservedWorkload there, Instant now) {
    return new ObservedWorkload(
        there.workload(),
        there.instances().stream().map(i -> seen(there.workload(), i, now)).toList());
  }

  private Instance seen(Workload workload, Instance instance, Instant now) {
    String key = key(workload, instance.slot());
    if (instance.healthy()) {
      ailing.remove(key);
      restarted.remove(key);
      return instance;
    }
    boolean judged = workload.mode() == Mode.CANARY;
    if (!judged && instance.unhealthySince().isEmpty()) {
      return instance;
    }
    Instant told = instance.unhealthySince().orElse(now);
    // A clock that was set back must not make anyone wait until it is that late again.
    Instant first =
        judged || told.isAfter(now)
            ? ailing.merge(key, earlier(told, now), Ailments::earlier)
            : told;
    Instant restart = restarted.computeIfPresent(key, (k, at) -> earlier(at, now));
    return since(instance, !judged && restart != null && first.isBefore(restart) ? restart : first);
  }

  private static Instance since(Instance instance, Instant since) {
    return new Instance(
        instance.slot(),
        instance.state(),
        instance.address(),
        instance.restarts(),
        Optional.of(since),
        instance.detail());
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  private static String key(Workload workload, int slot) {
    return workload + "/" + slot;
  }
}
