package dev.swiftdeploy.local.process;

import java.time.Duration;

/** How long an instance that ended is left alone: 1 s, doubling to 30 s. */
final class BackOff {
  /** A run that was healthy for so long starts the count anew. */
  static final Duration RESET = Duration.ofSeconds(60);

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofSeconds(30);
  private static final int DOUBLINGS = 5;

  private BackOff() {}

  /**
   * @param failures how many runs before this one ended too early, in a row
   */
  static Duration after(int failures) {
    Duration time = FIRST.multipliedBy(1L << Math.min(failures, DOUBLINGS));
    return time.compareTo(MOST) > 0 ? MOST : time;
  }
}
