package dev.swiftdeploy.adapters.proxy;

import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Workload;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that a proxy's configuration is rendered from.
 *
 * @param endpoints of each workload of the route, in the order of their slots; never empty for a
 *     workload with a weight above 0
 */
public record ProxyConfig(Route route, SortedMap<Workload, List<Endpoint>> endpoints) {
  public ProxyConfig {
    endpoints = new TreeMap<>(endpoints);
  }
}
