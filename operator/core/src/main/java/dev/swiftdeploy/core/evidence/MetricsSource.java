package dev.swiftdeploy.core.evidence;

import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Port: reads what workloads say of themselves, from each instance directly, by itself and again
 * and again while they are watched. What fails is told in the answer; nothing throws. Adapters pass
 * {@code MetricsSourceContract}.
 */
public interface MetricsSource {
  /**
   * These workloads are to be read from now on, and probed if the spec says so; others no more, and
   * what was known of them is forgotten. Cheap to say again; nothing is waited for. Of their
   * instances those are read that run and have an address; one that comes back with another address
   * is still the same.
   */
  void watch(List<ObservedWorkload> workloads, Spec spec);

  /**
   * What a workload did since then, at most as long ago as the spec's {@code analysis.window};
   * empty if it isn't watched, or nobody has tried to read it yet.
   */
  Optional<WorkloadMetrics> read(Workload workload, Instant from);
}
