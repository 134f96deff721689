package dev.swiftdeploy.core.evidence;

import java.util.Optional;

/**
 * Facts for policy.
 *
 * @param metrics absent while there is no candidate to judge
 */
public record Evidence(Machines machines, Optional<Metrics> metrics) {

  /** Both sides of a canary, over the same window; empty where nothing could be read. */
  public record Metrics(Optional<WorkloadMetrics> candidate, Optional<WorkloadMetrics> stable) {}
}
