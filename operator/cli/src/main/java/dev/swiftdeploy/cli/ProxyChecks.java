package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.proxy.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What can be said of a proxy before anything runs. */
final class ProxyChecks {
  private ProxyChecks() {}

  /** Says whose the port is; throws if it is somebody else's. */
  static String port(Proxy proxy, Port port) {
    boolean ours =
        proxy.observe().config().filter(c -> c.route().settings().port().equals(port)).isPresent();
    if (ours) {
      return port + " is ours";
    }
    proxy.requireFree(port);
    return port + " is free";
  }

  /** Says which proxy took it; throws with the proxy's own words if it is refused. */
  static String configuration(Proxy proxy, Resource resource) {
    proxy.check(example(resource));
    return proxy.name();
  }

  /** The route of the declared service, as it would be with instances at its first ports. */
  static ProxyConfig example(Resource resource) {
    Workload workload = new Workload(ReleaseId.of("0".repeat(12)), Mode.STABLE);
    int replicas = resource.spec().services().replicas();
    Route route =
        new Route(
            ProxySettings.of(resource.name().value(), resource.spec()),
            List.of(new Backend(workload, 100, replicas)));
    List<Endpoint> endpoints = new ArrayList<>();
    int first = resource.spec().services().port().number();
    for (int slot = 0; slot < replicas; slot++) {
      endpoints.add(new Endpoint("127.0.0.1", new Port(Math.min(65535, first + slot))));
    }
    TreeMap<Workload, List<Endpoint>> all = new TreeMap<>();
    all.put(workload, endpoints);
    return new ProxyConfig(route, all);
  }
}
