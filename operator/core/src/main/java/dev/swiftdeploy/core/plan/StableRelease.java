package dev.swiftdeploy.core.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;

/**
 * The release that serves.
 *
 * @param settledMode the spec's mode when it was settled: turning to canary later is a wish for a
 *     canary of this very release, having been canary from the first deploy on is not
 * @param deadline how long one of its instances may be unhealthy before it is restarted
 */
public record StableRelease(
    ReleaseId id, Version version, int replicas, Mode settledMode, Duration deadline) {

  @JsonIgnore
  public Workload workload() {
    return new Workload(id, Mode.STABLE);
  }

  @JsonIgnore
  public String label() {
    return version + " (" + id + ")";
  }

  StableRelease withSettings(int newReplicas, Mode newSettledMode) {
    return new StableRelease(id, version, newReplicas, newSettledMode, deadline);
  }
}
