package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.release.Workload;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is there now of one resource, whoever made it.
 *
 * @param route empty where there is no proxy at all
 */
public record Observation(List<ObservedWorkload> workloads, Optional<ObservedRoute> route) {
  public static final Observation NOTHING = new Observation(List.of(), Optional.empty());

  public Observation {
    workloads =
        workloads.stream().sorted(Comparator.comparing(ObservedWorkload::workload)).toList();
  }

  public Optional<ObservedWorkload> find(Workload workload) {
    return workloads.stream().filter(w -> w.workload().equals(workload)).findFirst();
  }

  public boolean nothing() {
    return workloads.isEmpty() && route.isEmpty();
  }
}
