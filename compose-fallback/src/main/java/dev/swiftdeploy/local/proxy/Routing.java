package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Workload;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Between a route, which names workloads, and a proxy, which is given instances.
 *
 * @param instances of a workload that have an address, by their slots
 */
public record Routing(Function<Workload, SortedMap<Integer, Reachable>> instances) {

  /** An instance as a proxy reaches it. */
  public record Reachable(Endpoint endpoint, boolean healthy) {}

  /** What a proxy does, as the platform tells it. */
  public Optional<ObservedRoute> observed(Proxy.Observed seen) {
    if (seen.equals(Proxy.Observed.NOTHING)) {
      return Optional.empty();
    }
    Optional<Route> route = seen.config().map(ProxyConfig::route);
    boolean current =
        seen.running()
            && route.isPresent()
            && endpoints(route.get())
                .filter(e -> new ProxyConfig(route.get(), e).equals(seen.config().get()))
                .isPresent();
    return Optional.of(
        new ObservedRoute(seen.running(), route, current, seen.draining(), seen.detail()));
  }

  /**
   * All that a proxy needs for a route.
   *
   * @throws PlatformException if a workload with weight has no instance
   */
  public ProxyConfig config(Route route) {
    return new ProxyConfig(
        route,
        endpoints(route)
            .orElseThrow(
                () ->
                    new PlatformException(
                        "there is no instance to route to: " + route.label(),
                        "nothing to do: its workload is started first")));
  }

  /**
   * Where each backend's requests go: to its healthy instances or, if none is, to all. Empty where
   * a backend with weight has no instance.
   */
  private Optional<SortedMap<Workload, List<Endpoint>>> endpoints(Route route) {
    SortedMap<Workload, List<Endpoint>> endpoints = new TreeMap<>();
    for (Backend backend : route.backends()) {
      List<Reachable> some =
          List.copyOf(instances.apply(backend.workload()).headMap(backend.replicas()).values());
      List<Reachable> healthy = some.stream().filter(Reachable::healthy).toList();
      List<Endpoint> to =
          (healthy.isEmpty() ? some : healthy).stream().map(Reachable::endpoint).toList();
      if (to.isEmpty() && backend.weight() > 0) {
        return Optional.empty();
      }
      endpoints.put(backend.workload(), to);
    }
    return Optional.of(endpoints);
  }
}
