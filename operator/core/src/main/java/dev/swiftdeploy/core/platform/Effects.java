package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.release.Workload;

/**
 * What a platform does for each kind of {@link Effect}, which says what that is.
 *
 * @param <X> what may go wrong there, beside a {@link PlatformException}
 */
public interface Effects<X extends Exception> {
  /** {@link Effect.StartWorkload}. */
  void start(Workload workload, int replicas) throws X;

  /** {@link Effect.RestartInstance}. */
  void restart(Workload workload, int slot) throws X;

  /** {@link Effect.ScaleDown}. */
  void scaleDown(Workload workload, int replicas) throws X;

  /** {@link Effect.RemoveWorkload}. */
  void remove(Workload workload) throws X;

  /** {@link Effect.SetRoute}. */
  void route(Route route) throws X;

  /** {@link Effect.RemoveRoute}. */
  void removeRoute() throws X;
}
