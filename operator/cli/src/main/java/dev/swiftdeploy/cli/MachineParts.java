package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.evidence.MetricsSource;
import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.local.proxy.Proxy;

/** What a platform of a machine brings, for one resource. */
interface MachineParts extends AutoCloseable {
  Platform platform();

  Proxy proxy();

  ReleaseResolver resolver();

  ReleaseStore releases();

  MetricsSource metrics();

  @Override
  void close();
}
