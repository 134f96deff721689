package dev.swiftdeploy.kubernetes.host;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Keeps a process from writing while it may not be the leader: before it has the lease, and once
 * the lease that it took or renewed last may have run out. Who led and can't any more never writes
 * again; the process is to end.
 *
 * <p>A process that is stopped (SIGSTOP, a frozen container) and woken learns of its lost lease
 * only when it next asks for it. The clock that goes on meanwhile tells at once. A lease counts
 * from the time that is written in it, and not from when the write came about, which may be long
 * after where the API server did not answer at once: whoever takes it over waits from then on, or
 * longer.
 */
public final class Fence {
  private final long longest;
  private final LongSupplier nanos;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean retired;
  private volatile boolean leads;
  private volatile long asked;
  private volatile long held;

  /**
   * @param lease how long a lease lasts without being renewed
   * @param nanos a clock that goes on while the process is stopped: {@code System::nanoTime}
   */
  public Fence(Duration lease, LongSupplier nanos) {
    this.longest = lease.toNanos();
    this.nanos = nanos;
  }

  /** Whether it may go on, and ask for the lease. */
  public boolean open() {
    if (leads && nanos.getAsLong() - held > longest) {
      closed.set(true);
    }
    return !closed.get();
  }

  /** Whether it may write: it leads for certain. */
  public boolean leads() {
    return open() && leads && !retired;
  }

  /** The lease is being read, to be taken or renewed as it is read. */
  void asks() {
    asked = nanos.getAsLong();
  }

  /**
   * The lease was taken or renewed, by who last asked.
   *
   * @param old how long ago the time is that is written in it
   */
  void holds(Duration old) {
    long now = nanos.getAsLong();
    held = now - Math.max(now - asked, old.toNanos());
    leads = true;
  }

  /** From here on nothing is written but the lease, which is given back. */
  void retire() {
    retired = true;
  }

  /** The lease is lost. */
  public void close() {
    closed.set(true);
  }
}
