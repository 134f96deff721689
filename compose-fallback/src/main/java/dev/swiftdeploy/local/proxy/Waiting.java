package dev.swiftdeploy.local.proxy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** For what a process tells only to those who ask. */
public final class Waiting {
  private static final long FIRST_PAUSE_MILLIS = 2;
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private Waiting() {}

  /**
   * The first answer in time. It counts: who asks once more may get none, of one that is busy.
   *
   * @param never whether none can come any more
   */
  static <T> Optional<T> answer(
      Supplier<Optional<T>> ask, BooleanSupplier never, Duration patience) {
    List<T> answers = new ArrayList<>();
    boolean ignored =
        until(
            () -> {
              ask.get().ifPresent(answers::add);
              return !answers.isEmpty() || never.getAsBoolean();
            },
            patience);
    return answers.stream().findFirst();
  }

  /** Whether it came true in time; asks often at first, and gives up when interrupted. */
  public static boolean until(BooleanSupplier condition, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    long pause = FIRST_PAUSE_MILLIS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() >= deadline) {
        return false;
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return condition.getAsBoolean();
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
    }
    return true;
  }
}
