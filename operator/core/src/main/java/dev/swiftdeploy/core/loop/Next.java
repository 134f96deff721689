package dev.swiftdeploy.core.loop;

import java.time.Duration;

/**
 * When to tick again. The host may tick earlier, whenever something changed.
 *
 * @param after the longest time to wait
 * @param settled there is nothing to do until something changes
 */
public record Next(Duration after, boolean settled) {
  static Next now() {
    return new Next(Duration.ZERO, false);
  }

  static Next after(Duration time) {
    return new Next(time, false);
  }

  static Next rest() {
    return new Next(Duration.ofSeconds(1), true);
  }
}
