package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.RestartPolicy;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * What outlives a {@link Platform} object, and how a contract test acts on it from outside. Each
 * test has a new world with nothing in it; closing it ends all that is left.
 */
public interface PlatformWorld extends AutoCloseable {

  /**
   * A platform object on this world, as a daemon makes one when it starts. An earlier one is used
   * no more, as if its daemon had been killed.
   */
  Platform open();

  /** A release that gets healthy; kept in the release store. Another version, another release. */
  Release healthy(String version);

  /** One that runs and never gets healthy; kept in the store. */
  Release neverHealthy();

  /** One that ends by itself with this code, soon after it started; kept in the store. */
  Release ending(int code, RestartPolicy policy);

  /** The id of a release that nobody kept. */
  ReleaseId unknown();

  /** The settings of this resource's proxy. */
  ProxySettings settings();

  /** Ends a running instance from outside and without notice, as a kernel short of memory does. */
  void kill(Workload workload, int slot);

  /** Makes a running instance that was healthy answer no more. */
  void hang(Workload workload, int slot);

  Instant now();

  /** Waits until something holds, letting time pass; fails the test if it does not in due time. */
  void await(String what, BooleanSupplier condition);

  @Override
  void close();
}
