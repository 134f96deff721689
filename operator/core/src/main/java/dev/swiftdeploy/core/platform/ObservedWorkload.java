package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.release.Workload;
import java.util.Comparator;
import java.util.List;

/** A workload that is there, with its instances by slot. */
public record ObservedWorkload(Workload workload, List<Instance> instances) {
  public ObservedWorkload {
    instances = instances.stream().sorted(Comparator.comparingInt(Instance::slot)).toList();
  }

  /** How many of the slots 0 to replicas-1 are healthy. */
  public int healthy(int replicas) {
    return (int) instances.stream().filter(i -> i.slot() < replicas && i.healthy()).count();
  }
}
