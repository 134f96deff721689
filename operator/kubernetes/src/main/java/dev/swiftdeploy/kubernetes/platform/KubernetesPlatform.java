package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Port;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * One resource's workloads and proxy as objects of its namespace, written by server-side apply as
 * the owner {@code swiftdeploy}. What is there already as it would be rendered is not written
 * again.
 */
public final class KubernetesPlatform implements Platform {
  /** The owner of what is applied. */
  static final String OWNER = "swiftdeploy";

  private final KubernetesClient client;
  private final KubernetesSite site;
  private final ReleaseStore releases;

  /**
   * @param client asks and writes; its account needs what {@code docs/kubernetes.md} lists
   * @param releases where a workload's release is found by its id
   */
  public KubernetesPlatform(KubernetesClient client, KubernetesSite site, ReleaseStore releases) {
    this.client = client;
    this.site = site;
    this.releases = releases;
  }

  @Override
  public String name() {
    return "kubernetes";
  }

  @Override
  public Observation observe() {
    return asking("the API server does not show what runs", () -> see().observation());
  }

  private Seen see() {
    return Seen.of(client, site);
  }

  @Override
  public void apply(Effect effect, Permission permission) {
    asking(
        "the API server did not take it to " + effect.text(),
        () -> {
          bring(effect, permission);
          return true;
        });
  }

  private static <T> T asking(String what, Supplier<T> request) {
    try {
      return request.get();
    } catch (KubernetesClientException e) {
      throw new PlatformException(
          what + ": " + e.getMessage(),
          "Check the API server, the operator's rights and the namespace's quota",
          e);
    }
  }

  private void bring(Effect effect, Permission permission) {
    if (effect instanceof Effect.StartWorkload start) {
      start(start.workload(), start.replicas(), permission);
    } else if (effect instanceof Effect.ScaleDown down) {
      scaleDown(down.workload(), down.replicas(), permission);
    } else if (effect instanceof Effect.RestartInstance restart) {
      see().pod(restart.workload(), restart.slot()).ifPresent(pod -> client.resource(pod).delete());
    } else if (effect instanceof Effect.RemoveWorkload remove) {
      removeAll(site.labels(remove.workload()));
    } else if (effect instanceof Effect.SetRoute set) {
      route(set.route(), permission);
    } else if (effect instanceof Effect.RemoveRoute) {
      removeAll(site.labels(KubernetesSite.PROXY));
    }
  }

  /** Never fewer than there are: scaling down is an effect of its own. */
  private void start(Workload workload, int replicas, Permission permission) {
    Release release =
        releases
            .get(workload.release())
            .orElseThrow(
                () ->
                    new PlatformException(
                        "release " + workload.release() + " is not kept",
                        "Declare it again: a new decision keeps it"));
    int there = see().replicas(workload).orElse(0);
    write(WorkloadObjects.render(site, workload, release, Math.max(replicas, there)), permission);
  }

  private void scaleDown(Workload workload, int replicas, Permission permission) {
    Optional<Integer> there = see().replicas(workload);
    Optional<Release> release = releases.get(workload.release());
    if (there.isPresent() && there.get() > replicas && release.isPresent()) {
      write(WorkloadObjects.render(site, workload, release.get(), replicas), permission);
    }
  }

  private void route(Route route, Permission permission) {
    write(ProxyObjects.render(site, config(route)), permission);
    removeOldConfigMaps();
  }

  private ProxyConfig config(Route route) {
    Seen seen = see();
    SortedMap<Workload, List<Endpoint>> endpoints = new TreeMap<>();
    for (Backend backend : route.backends()) {
      Service service =
          seen.service(backend.workload())
              .orElseThrow(
                  () ->
                      new PlatformException(
                          backend.workload() + " has no Service to route to",
                          "It is started first; then the route is tried again"));
      endpoints.put(backend.workload(), List.of(endpoint(service)));
    }
    return new ProxyConfig(route, endpoints);
  }

  /** A Service's address stays, whatever becomes of its pods, and needs no name server. */
  static Endpoint endpoint(Service service) {
    return new Endpoint(
        service.getSpec().getClusterIP(), Port.of(service.getSpec().getPorts().get(0).getPort()));
  }

  /** Pods that still drain have theirs mounted already. */
  private void removeOldConfigMaps() {
    Seen seen = see();
    seen.configMaps().stream()
        .filter(map -> !seen.mounted(map))
        .filter(map -> seen.proxyPods().stream().noneMatch(pod -> Seen.mounts(pod, map)))
        .forEach(map -> client.resource(map).delete());
  }

  private void write(List<HasMetadata> objects, Permission permission) {
    for (HasMetadata object : objects) {
      String rendered = Digests.sha256(Serialization.asJson(object)).substring(0, 16);
      HasMetadata there = client.resource(object).get();
      if (there != null && isAs(there, rendered)) {
        continue;
      }
      object
          .getMetadata()
          .setAnnotations(
              new TreeMap<>(
                  Map.of(
                      KubernetesSite.RENDERED,
                      rendered,
                      KubernetesSite.DECISION,
                      permission.decisionId())));
      client.resource(object).fieldManager(OWNER).forceConflicts().serverSideApply();
    }
  }

  private static boolean isAs(HasMetadata there, String rendered) {
    Map<String, String> annotations = there.getMetadata().getAnnotations();
    return there.getMetadata().getDeletionTimestamp() == null
        && annotations != null
        && rendered.equals(annotations.get(KubernetesSite.RENDERED));
  }

  private void removeAll(Map<String, String> labels) {
    client.apps().deployments().inNamespace(site.namespace()).withLabels(labels).delete();
    client.services().inNamespace(site.namespace()).withLabels(labels).delete();
    client
        .policy()
        .v1()
        .podDisruptionBudget()
        .inNamespace(site.namespace())
        .withLabels(labels)
        .delete();
    client
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(site.namespace())
        .withLabels(labels)
        .delete();
    client.configMaps().inNamespace(site.namespace()).withLabels(labels).delete();
  }
}
