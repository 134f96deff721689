package dev.swiftdeploy.core.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;

/**
 * A release on its way, beside the stable one.
 *
 * @param step index into the spec's canary steps, from 0
 * @param weight its share of the traffic at that step, in percent
 * @param deadline how long it may be unhealthy before it is rolled back
 */
public record Candidate(
    ReleaseId id, Version version, int replicas, int step, int weight, Duration deadline) {

  @JsonIgnore
  public Workload workload() {
    return new Workload(id, Mode.CANARY);
  }

  @JsonIgnore
  public String label() {
    return version + " (" + id + ")";
  }

  Candidate withReplicas(int newReplicas) {
    return new Candidate(id, version, newReplicas, step, weight, deadline);
  }

  Candidate at(int newStep, int newWeight) {
    return new Candidate(id, version, replicas, newStep, newWeight, deadline);
  }
}
