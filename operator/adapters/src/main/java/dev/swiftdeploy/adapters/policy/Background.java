package dev.swiftdeploy.adapters.policy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Waiting for what an engine does in the background before it can decide. */
final class Background {
  private Background() {}

  /**
   * Waits until nothing more is to be waited for, or the time is over.
   *
   * @param pending what is under way now; asked again when that is done, since more may follow
   */
  static void await(Supplier<Optional<? extends CompletableFuture<?>>> pending, Duration most)
      throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    for (Optional<? extends CompletableFuture<?>> next = pending.get();
        next.isPresent();
        next = pending.get()) {
      try {
        next.get().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (CancellationException e) {
        // something else took its place
      } catch (TimeoutException | ExecutionException e) {
        return;
      }
    }
  }
}
