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
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
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

  private static final int MOST_OLD_CONFIG_MAPS = 8;

  /** What is checked beside workloads. */
  private static final String PROXY = "proxy";

  private final ObjectWriter writer;
  private final KnownObjects known;
  private final KubernetesSite site;
  private final ReleaseStore releases;
  private final LiveRoute liveRoute;
  private final Checks checks = new Checks(PROXY);

  /**
   * @param client writes; its account needs what {@code docs/kubernetes.md} lists
   * @param known what is there
   * @param releases where a workload's release is found by its id
   */
  public KubernetesPlatform(
      KubernetesClient client, KnownObjects known, KubernetesSite site, ReleaseStore releases) {
    this.writer = new ObjectWriter(client, known);
    this.known = known;
    this.site = site;
    this.releases = releases;
    this.liveRoute = new LiveRoute(client, site);
  }

  @Override
  public String name() {
    return "kubernetes";
  }

  @Override
  public Observation observe() {
    return asking("the API server does not show what runs", this::look);
  }

  private Seen see() {
    return Seen.of(known, site);
  }

  private Observation look() {
    liveRoute.forget();
    Seen seen = see();
    checks.keep(seen);
    return seen.observation(
        workload -> intact(seen, workload),
        checks::configOf,
        config -> checks.intact(seen, PROXY, config, () -> ProxyObjects.render(site, config)));
  }

  /** A release that isn't kept can't be compared; it is left alone. */
  private boolean intact(Seen seen, Workload workload) {
    int replicas = seen.replicas(workload).orElse(0);
    return releases
        .get(workload.release())
        .map(
            release ->
                checks.intact(
                    seen,
                    workload.name(),
                    replicas,
                    () -> WorkloadObjects.render(site, workload, release, replicas)))
        .orElse(true);
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
      throw new PlatformException(what + ": " + e.getMessage(), fix(e), e);
    }
  }

  private static String fix(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_CONFLICT
        ? "It is tried again; if an object of that name is somebody else's, rename one of the two"
        : "Check the API server, the operator's rights and the namespace's quota";
  }

  private void bring(Effect effect, Permission permission) {
    if (effect instanceof Effect.StartWorkload start) {
      start(start.workload(), start.replicas(), permission);
    } else if (effect instanceof Effect.ScaleDown down) {
      scaleDown(down.workload(), down.replicas(), permission);
    } else if (effect instanceof Effect.RestartInstance restart) {
      see().pod(restart.workload(), restart.slot()).ifPresent(writer::delete);
    } else if (effect instanceof Effect.RemoveWorkload remove) {
      remove(remove.workload());
    } else if (effect instanceof Effect.SetRoute set) {
      route(set.route(), permission);
    } else if (effect instanceof Effect.RemoveRoute) {
      removeAll(see(), site.labels(KubernetesSite.PROXY));
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

  /**
   * A route's ConfigMap goes with the newest workload that it leads to: it is of no use then. While
   * nginx rolls over to what is written already, nothing is rendered again.
   */
  private void route(Route route, Permission permission) {
    Seen seen = see();
    ProxyConfig config = config(route, seen);
    if (checks.intact(seen, PROXY, config, () -> ProxyObjects.render(site, config))) {
      return;
    }
    List<HasMetadata> objects = ProxyObjects.render(site, config);
    seen.deployment(newest(route))
        .ifPresent(
            owner ->
                objects.stream()
                    .filter(ConfigMap.class::isInstance)
                    .forEach(map -> site.own(owner, map)));
    write(objects, permission);
    removeOldConfigMaps(see());
  }

  private static Workload newest(Route route) {
    List<Workload> workloads = route.backends().stream().map(Backend::workload).toList();
    return workloads.stream()
        .filter(workload -> workload.mode() == Mode.CANARY)
        .findFirst()
        .orElse(workloads.get(0));
  }

  private ProxyConfig config(Route route, Seen seen) {
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

  /** What only serves a Deployment is owned by it, and goes with it. */
  private void write(List<HasMetadata> objects, Permission permission) {
    Seen seen = see();
    Optional<HasMetadata> owner = Optional.empty();
    for (HasMetadata object : objects) {
      if (KubernetesSite.serves(object)) {
        owner.ifPresent(deployment -> site.own(deployment, object));
      }
      HasMetadata there = writer.write(object, seen.like(object), permission);
      if (there instanceof Deployment) {
        owner = Optional.of(there);
      }
    }
  }

  /** Only what no traffic leads to. With the last workload goes what they share. */
  private void remove(Workload workload) {
    Seen seen = see();
    if (seen.deployment(workload).isPresent()) {
      liveRoute.requireAway(workload, seen);
    }
    removeAll(seen, site.labels(workload));
    if (seen.workloads().stream().allMatch(workload::equals)) {
      removeAll(seen, site.labels(KubernetesSite.WORKLOAD));
    }
  }

  /**
   * Of routes that were, where many were set while no workload went. Pods that still drain have
   * theirs mounted already.
   */
  private void removeOldConfigMaps(Seen seen) {
    List<ConfigMap> old =
        seen.configMaps().stream()
            .filter(map -> !seen.mounted(map))
            .filter(map -> seen.proxyPods().stream().noneMatch(pod -> Seen.mounts(pod, map)))
            .toList();
    List<ConfigMap> kept = seen.configMaps().stream().filter(map -> !old.contains(map)).toList();
    if (old.size() > MOST_OLD_CONFIG_MAPS && !kept.isEmpty()) {
      writer.deleteConfigMaps(site, old, kept);
    }
  }

  private void removeAll(Seen seen, Map<String, String> labels) {
    seen.written()
        .filter(o -> o.getMetadata().getDeletionTimestamp() == null)
        .filter(o -> !KubernetesSite.owned(o))
        .filter(o -> o.getMetadata().getLabels().entrySet().containsAll(labels.entrySet()))
        .forEach(writer::delete);
  }
}
