package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.audit.Permission;

/**
 * Port: where workloads run. One object serves one resource. Adapters pass {@code
 * PlatformContract}; none holds a delivery rule.
 */
public interface Platform {
  /** {@code process}, {@code compose} or {@code kubernetes}. */
  String name();

  /**
   * Sees what is there. Changes nothing, blocks briefly at most.
   *
   * @throws PlatformException if the platform can't be asked (an engine that does not answer)
   */
  Observation observe();

  /**
   * Brings one effect about, with the permission it rests on as its cause.
   *
   * @throws PlatformException if it could not; nothing is half-applied that applying it again does
   *     not mend
   */
  void apply(Effect effect, Permission permission);
}
