package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.plan.Step;
import java.time.Duration;

/**
 * When to tick again. The host may tick earlier, whenever something changed.
 *
 * @param after the longest time to wait, where nothing shows the host what becomes of what runs
 * @param watched the longest time to wait where every change of what runs is shown to the host, and
 *     calls for a tick: not less than {@code after}
 * @param settled there is nothing to do until something changes
 */
public record Next(Duration after, Duration watched, boolean settled) {
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** What runs is looked at so often whatever is shown: policy may change without it. */
  private static final Duration WATCHED = Duration.ofSeconds(5);

  private static final Duration AT_REST = Duration.ofSeconds(10);

  static Next now() {
    return after(Duration.ZERO);
  }

  /** At that time, whatever is shown. */
  static Next after(Duration time) {
    return new Next(time, time, false);
  }

  /** What comes next shows in what runs. */
  static Next shown(Duration time) {
    return new Next(time, WATCHED, false);
  }

  /** As a plan says that waits. */
  static Next waiting(Step.Wait wait) {
    return wait.shown() ? shown(wait.after()) : looking(wait.after());
  }

  /** Something is due at a time, and what runs is looked at meanwhile. */
  static Next looking(Duration left) {
    return new Next(shorter(left, LOOK), shorter(left, WATCHED), false);
  }

  static Next rest() {
    return new Next(LOOK, AT_REST, true);
  }

  /** Not later than that, whatever is shown. */
  Next within(Duration time) {
    return new Next(shorter(after, time), shorter(watched, time), settled);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
