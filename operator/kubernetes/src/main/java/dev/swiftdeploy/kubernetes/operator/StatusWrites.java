package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a status is worth a write. What turns (a condition, a step, a weight, a verdict) is written
 * at once; words and figures that move on meanwhile go along, or follow a little later; and where
 * nothing more is to come, all of it is written.
 */
final class StatusWrites {
  /** So long at most is a figure behind, while things move. */
  private static final Duration BEHIND = Duration.ofSeconds(10);

  /** And so long what turns, where much turns at once. */
  private static final Duration TURNING = Duration.ofSeconds(2);

  private Optional<Instant> last = Optional.empty();

  /**
   * Whether to write.
   *
   * @param settled nothing more is to come until something changes
   */
  boolean due(
      SwiftDeployStatus now, @Nullable SwiftDeployStatus there, boolean settled, Instant at) {
    if (Objects.equals(now, there)) {
      return false;
    }
    Duration pause = there == null || !turns(now).equals(turns(there)) ? TURNING : BEHIND;
    boolean due = settled || last.map(before -> !at.isBefore(before.plus(pause))).orElse(true);
    if (due) {
      last = Optional.of(at);
    }
    return due;
  }

  private static List<Object> turns(SwiftDeployStatus status) {
    List<SwiftDeployStatus.Condition> conditions =
        status.conditions() == null ? List.of() : status.conditions();
    return List.of(
        conditions.stream().map(c -> c.type() + c.status() + c.reason()).toList(),
        List.of(
            text(status.observedGeneration()),
            text(status.mode()),
            text(status.version()),
            text(status.weight()),
            text(status.step()),
            text(status.verdict())));
  }

  private static String text(@Nullable Object value) {
    return String.valueOf(value);
  }
}
