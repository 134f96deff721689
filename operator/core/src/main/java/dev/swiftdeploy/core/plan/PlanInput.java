package dev.swiftdeploy.core.plan;

import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.platform.Observation;
import java.time.Instant;
import java.util.Optional;

/**
 * All that a plan depends on.
 *
 * @param trouble what the platform answered to the last effect, while it fails
 * @param watchedSince when who carries plans out began to: before, nobody did, and no deadline ran
 */
public record PlanInput(
    Desired desired,
    State state,
    Observation observation,
    Optional<String> trouble,
    Instant watchedSince,
    Instant now) {

  /** When something began to be waited for. */
  Instant waitedSince(Instant since) {
    return since.isAfter(watchedSince) ? since : watchedSince;
  }
}
