package dev.swiftdeploy.adapters.metrics;

import dev.swiftdeploy.core.evidence.MetricsSourceContract;
import dev.swiftdeploy.core.evidence.MetricsWorld;

class HttpMetricsSourceTest extends MetricsSourceContract {
  @Override
  protected MetricsWorld world() {
    return new HttpWorld();
  }
}
