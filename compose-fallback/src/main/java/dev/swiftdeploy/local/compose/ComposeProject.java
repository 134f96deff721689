package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Spec;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one resource has on the engine; all that its Compose file is rendered from, but for the
 * releases themselves.
 *
 * @param image of nginx, for the container through which evidence is read
 * @param workloads with the number of their instances
 * @param proxy its settings, once there is a route
 * @param policies the revisions that have an OPA, with the port of this machine that leads to it
 */
public record ComposeProject(
    ImageReference image,
    Spec.Network network,
    SortedMap<Workload, Integer> workloads,
    Optional<ProxySettings> proxy,
    SortedMap<String, Integer> policies) {
  public ComposeProject {
    workloads = new TreeMap<>(workloads);
    policies = new TreeMap<>(policies);
  }

  static ComposeProject nothing(ComposeSite site) {
    return new ComposeProject(
        site.image(), site.network(), new TreeMap<>(), Optional.empty(), new TreeMap<>());
  }

  ComposeProject with(Workload workload, int replicas) {
    SortedMap<Workload, Integer> more = new TreeMap<>(workloads);
    more.put(workload, replicas);
    return new ComposeProject(image, network, more, proxy, policies);
  }

  ComposeProject without(Workload workload) {
    SortedMap<Workload, Integer> fewer = new TreeMap<>(workloads);
    fewer.remove(workload);
    return new ComposeProject(image, network, fewer, proxy, policies);
  }

  ComposeProject routed(ProxySettings settings) {
    return new ComposeProject(
        image, settings.network(), workloads, Optional.of(settings), policies);
  }

  ComposeProject unrouted() {
    return new ComposeProject(image, network, workloads, Optional.empty(), policies);
  }

  ComposeProject judgedBy(SortedMap<String, Integer> revisions) {
    return new ComposeProject(image, network, workloads, proxy, revisions);
  }

  /** Whether nothing is to be there. */
  boolean empty() {
    return workloads.isEmpty() && proxy.isEmpty() && policies.isEmpty();
  }

  /** Whether instances are to be there, or a proxy. */
  boolean serves() {
    return !workloads.isEmpty() || proxy.isPresent();
  }
}
