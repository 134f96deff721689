package dev.swiftdeploy.app;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Counts what is being worked on, so that a stop can wait for it. */
final class InFlight {

  private int count;
  private long idleSinceNanos = System.nanoTime();

  synchronized void begin() {
    count++;
  }

  synchronized void end() {
    count--;
    if (count == 0) {
      idleSinceNanos = System.nanoTime();
      notifyAll();
    }
  }

  /**
   * Waits until nothing has been in flight for the quiet time, at most for the grace.
   *
   * @return what is in flight then
   */
  synchronized int awaitQuiet(Duration quiet, Duration grace) {
    long enteredNanos = System.nanoTime();
    try {
      while (true) {
        long now = System.nanoTime();
        long graceLeft = grace.toNanos() - (now - enteredNanos);
        long quietLeft =
            count > 0
                ? graceLeft
                : quiet.toNanos() - (now - Math.max(idleSinceNanos, enteredNanos));
        long left = Math.min(graceLeft, quietLeft);
        if (left <= 0) {
          return count;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever interrupts wants to wait no longer
      return count;
    }
  }
}
