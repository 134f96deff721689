package dev.swiftdeploy.core.evidence;

import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Port: reads what workloads say of themselves, from each instance directly. Adapters pass {@code
 * MetricsSourceContract}.
 */
public interface MetricsSource {
  /**
   * These workloads are to be read from now on, and probed if the spec says so; others no more.
   * Cheap to say again; nothing is waited for.
   */
  void watch(List<ObservedWorkload> workloads, Spec spec);

  /** What a workload did since then; empty if it isn't watched or was never read. */
  Optional<WorkloadMetrics> read(Workload workload, Instant from);
}
