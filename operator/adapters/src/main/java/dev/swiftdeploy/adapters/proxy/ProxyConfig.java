package dev.swiftdeploy.adapters.proxy;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import java.util.List;
import java.util.Optional;
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
    SortedMap<Workload, List<Endpoint>> copy = new TreeMap<>();
    endpoints.forEach((workload, list) -> copy.put(workload, List.copyOf(list)));
    for (Backend backend : route.backends()) {
      if (backend.weight() > 0 && copy.getOrDefault(backend.workload(), List.of()).isEmpty()) {
        throw new IllegalArgumentException(backend.workload() + " has weight but no endpoint");
      }
    }
    endpoints = copy;
  }

  @JsonIgnore
  public ProxySettings settings() {
    return route.settings();
  }

  /** The backends that take traffic: those of weight 0 get nothing, by no path. */
  @JsonIgnore
  public List<Backend> serving() {
    return route.backends().stream().filter(backend -> backend.weight() > 0).toList();
  }

  /** Where a request goes whose canary header says {@code canary}; empty: as every other. */
  @JsonIgnore
  public Optional<Workload> candidate() {
    return serving().stream()
        .map(Backend::workload)
        .filter(workload -> workload.mode() == Mode.CANARY)
        .findFirst();
  }

  /** The endpoints of a serving workload. */
  public List<Endpoint> endpointsOf(Workload workload) {
    return endpoints.getOrDefault(workload, List.of());
  }
}
