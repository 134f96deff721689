package dev.swiftdeploy.core.platform;

import java.time.Instant;
import java.util.Optional;

/**
 * One replica of a workload as observed.
 *
 * @param slot 0 to replicas-1
 * @param address where the proxy reaches it, {@code host:port}; empty before it has one
 * @param restarts how often it was started again in this workload's life
 * @param unhealthySince when its health checks began to fail, if it ran healthy before or is
 *     running and not yet healthy: then when it started
 * @param detail for people, where something is wrong: last log line, failure of the health check
 */
public record Instance(
    int slot,
    State state,
    Optional<String> address,
    int restarts,
    Optional<Instant> unhealthySince,
    Optional<String> detail) {

  /** What an instance does. */
  public enum State {
    /** Runs; its health is not proven yet or its checks fail. */
    UNHEALTHY,
    /** Runs and its last health check passed. */
    HEALTHY,
    /** Does not run; will be started by {@link Effect.StartWorkload} (now). */
    EXITED,
    /** Does not run; its restart back-off is not over. */
    BACKING_OFF,
    /** Does not run and its restart policy says to leave it so. */
    COMPLETED
  }

  public boolean healthy() {
    return state == State.HEALTHY;
  }
}
