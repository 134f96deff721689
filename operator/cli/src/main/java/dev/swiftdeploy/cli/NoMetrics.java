package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.evidence.MetricsSource;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where nothing is scraped: policy sees no metrics and denies what needs them. */
enum NoMetrics implements MetricsSource {
  SOURCE;

  @Override
  public void watch(List<ObservedWorkload> workloads, Spec spec) {}

  @Override
  public Optional<WorkloadMetrics> read(Workload workload, Instant from) {
    return Optional.empty();
  }
}
