package dev.swiftdeploy.kubernetes.host;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps a process from writing once it may no longer be the leader: it was stopped for longer than
 * its lease lasts, or has lost the lease. It never opens again; the process is to end.
 *
 * <p>A process that is stopped (SIGSTOP, a frozen container) and woken learns of its lost lease
 * only when it next asks for it. The clock that goes on meanwhile tells at once: whoever is about
 * to write looks how long ago this process was last seen running.
 */
public final class Fence {
  private final long longest;
  private final LongSupplier nanos;
  private final AtomicLong beat;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param lease how long a lease lasts without being renewed
   * @param nanos a clock that goes on while the process is stopped: {@code System::nanoTime}
   */
  public Fence(Duration lease, LongSupplier nanos) {
    this.longest = lease.toNanos();
    this.nanos = nanos;
    this.beat = new AtomicLong(nanos.getAsLong());
  }

  /** This process runs. To be called far more often than a lease lasts. */
  public void beat() {
    if (open()) {
      beat.set(nanos.getAsLong());
    }
  }

  /** Whether it may write. */
  public boolean open() {
    if (nanos.getAsLong() - beat.get() > longest) {
      closed.set(true);
    }
    return !closed.get();
  }

  /** The lease is lost. */
  public void close() {
    closed.set(true);
  }

  /** Since this process was last seen running. */
  public Duration silence() {
    return Duration.ofNanos(nanos.getAsLong() - beat.get());
  }
}
