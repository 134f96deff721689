package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.evidence.MetricsSource;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Every workload that is watched has answered so many requests more with each look. */
final class MeasuredWorkloads implements MetricsSource {
  List<ObservedWorkload> watched = List.of();
  private double requests;

  @Override
  public void watch(List<ObservedWorkload> workloads, Spec spec) {
    watched = workloads;
  }

  @Override
  public Optional<WorkloadMetrics> read(Workload workload, Instant from) {
    return watched.stream()
        .filter(w -> w.workload().equals(workload))
        .findFirst()
        .map(
            w ->
                new WorkloadMetrics(
                    requests++,
                    0.0,
                    0,
                    0.0,
                    0.0,
                    0.1,
                    5.0,
                    9.0,
                    20.0,
                    false,
                    0,
                    0,
                    30,
                    0,
                    null,
                    1,
                    0.0));
  }
}
