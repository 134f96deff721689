package dev.swiftdeploy.kubernetes.platform;

import static java.util.stream.Collectors.toSet;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.InvalidValue;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What is there of one resource, as the API server told it at one moment, and how it reads as an
 * {@link Observation}. Pure.
 */
record Seen(
    KubernetesSite site,
    List<Deployment> deployments,
    List<Service> services,
    List<Pod> pods,
    List<ConfigMap> configMaps,
    List<NetworkPolicy> policies,
    List<PodDisruptionBudget> budgets) {
  static Seen of(KnownObjects known, KubernetesSite site) {
    return new Seen(
        site,
        known.of(Deployment.class, site),
        known.of(Service.class, site),
        known.of(Pod.class, site),
        known.of(ConfigMap.class, site),
        known.of(NetworkPolicy.class, site),
        known.of(PodDisruptionBudget.class, site));
  }

  /** All but the pods, which are the Deployments'. */
  Stream<HasMetadata> written() {
    return Stream.of(deployments, services, configMaps, policies, budgets).flatMap(List::stream);
  }

  /** The object of a rendering's kind and name, if it is there to stay. */
  Optional<HasMetadata> like(HasMetadata rendered) {
    return find(rendered.getKind(), rendered.getMetadata().getName());
  }

  /** The object of that kind and name, if it is there to stay. */
  Optional<HasMetadata> find(String kind, String name) {
    return written()
        .filter(o -> !goes(o) && o.getKind().equals(kind))
        .filter(o -> o.getMetadata().getName().equals(name))
        .findFirst();
  }

  /**
   * How it reads.
   *
   * @param intact whether a workload's objects are as they were rendered. What was changed is not
   *     what was admitted: such a workload has no instances
   * @param configs what a ConfigMap's file routes, see {@link ProxyObjects#configOf}
   * @param proxyIntact the same of the proxy, given what it is to route
   */
  Observation observation(
      Predicate<Workload> intact,
      Function<ConfigMap, Optional<ProxyConfig>> configs,
      Predicate<ProxyConfig> proxyIntact) {
    List<ObservedWorkload> workloads = new ArrayList<>();
    for (Deployment deployment : deployments) {
      workload(deployment)
          .filter(w -> !goes(deployment))
          .ifPresent(
              w ->
                  workloads.add(
                      new ObservedWorkload(
                          w, intact.test(w) ? instances(w, deployment) : List.of())));
    }
    return new Observation(workloads, route(configs, proxyIntact));
  }

  Optional<Integer> replicas(Workload workload) {
    return deployment(workload).map(d -> d.getSpec().getReplicas());
  }

  /** Those that are there to stay. */
  List<Workload> workloads() {
    return deployments.stream().filter(d -> !goes(d)).flatMap(d -> workload(d).stream()).toList();
  }

  Optional<Deployment> deployment(Workload workload) {
    return deployments.stream()
        .filter(d -> !goes(d) && workload(d).equals(Optional.of(workload)))
        .findFirst();
  }

  Optional<Service> service(Workload workload) {
    return services.stream()
        .filter(s -> !goes(s) && workload(s).equals(Optional.of(workload)))
        .findFirst();
  }

  /**
   * A workload's pods in the order of their slots: those that are as their Deployment says, the
   * oldest first. More than it says are there while it rolls over, and go by themselves. What has
   * ended for good (a pod that its node threw out) holds no slot: another one is made for it.
   */
  private List<Pod> pods(Workload workload) {
    Optional<Deployment> deployment = deployment(workload);
    long most = deployment.map(d -> d.getSpec().getReplicas().longValue()).orElse(Long.MAX_VALUE);
    return pods.stream()
        .filter(p -> !goes(p) && !PodInstance.ended(p) && workload(p).equals(Optional.of(workload)))
        .sorted(
            Comparator.comparing((Pod p) -> deployment.filter(d -> runs(p, d)).isEmpty())
                .thenComparing(p -> p.getMetadata().getCreationTimestamp())
                .thenComparing(p -> p.getMetadata().getName()))
        .limit(most)
        .toList();
  }

  private static boolean runs(Pod pod, Deployment deployment) {
    Container wanted = deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
    return pod.getSpec().getContainers().stream()
        .filter(c -> c.getName().equals(wanted.getName()))
        .anyMatch(
            c -> c.getImage().equals(wanted.getImage()) && c.getEnv().equals(wanted.getEnv()));
  }

  Optional<Pod> pod(Workload workload, int slot) {
    return pods(workload).stream().skip(slot).findFirst();
  }

  private List<Instance> instances(Workload workload, Deployment deployment) {
    List<Instance> instances = new ArrayList<>();
    for (Pod pod : pods(workload)) {
      instances.add(PodInstance.of(instances.size(), pod));
    }
    while (instances.size() < deployment.getSpec().getReplicas()) {
      instances.add(PodInstance.missing(instances.size(), deployment));
    }
    return instances;
  }

  // the proxy

  List<Pod> proxyPods() {
    return pods.stream()
        .filter(
            p ->
                KubernetesSite.PROXY.equals(
                    p.getMetadata().getLabels().get(KubernetesSite.COMPONENT_LABEL)))
        .filter(p -> !PodInstance.ended(p))
        .toList();
  }

  Optional<Deployment> proxy() {
    return deployments.stream()
        .filter(d -> d.getMetadata().getName().equals(ProxyObjects.deploymentName(site)))
        .filter(d -> !goes(d))
        .findFirst();
  }

  boolean mounted(ConfigMap map) {
    return proxy()
        .filter(d -> mounts(d.getSpec().getTemplate().getSpec().getVolumes(), map))
        .isPresent();
  }

  static boolean mounts(Pod pod, ConfigMap map) {
    return mounts(pod.getSpec().getVolumes(), map);
  }

  private static boolean mounts(List<Volume> volumes, ConfigMap map) {
    return maps(volumes).contains(map.getMetadata().getName());
  }

  private Optional<ObservedRoute> route(
      Function<ConfigMap, Optional<ProxyConfig>> configs, Predicate<ProxyConfig> intact) {
    Optional<Deployment> proxy = proxy();
    if (proxy.isEmpty()) {
      return Optional.empty();
    }
    Deployment deployment = proxy.get();
    Optional<ProxyConfig> wanted = mountedMap().flatMap(configs);
    List<Pod> pods = proxyPods();
    long current = pods.stream().filter(p -> !goes(p) && routesAs(deployment, p)).count();
    DeploymentStatus status =
        Optional.ofNullable(deployment.getStatus()).orElseGet(DeploymentStatus::new);
    boolean rolledOut =
        number(status.getObservedGeneration()) >= deployment.getMetadata().getGeneration()
            && number(status.getUpdatedReplicas()) == deployment.getSpec().getReplicas()
            && number(status.getReadyReplicas()) == number(status.getReplicas())
            && number(status.getReplicas()) == deployment.getSpec().getReplicas()
            && current >= deployment.getSpec().getReplicas();
    boolean serviced =
        services.stream()
            .anyMatch(
                s -> !goes(s) && s.getMetadata().getName().equals(ProxyObjects.serviceName(site)));
    return Optional.of(
        new ObservedRoute(
            number(status.getReadyReplicas()) > 0 && serviced,
            rolledOut ? wanted.map(ProxyConfig::route) : Optional.empty(),
            rolledOut && wanted.filter(this::atPresentAddresses).filter(intact).isPresent(),
            pods.size() > current || current > deployment.getSpec().getReplicas(),
            pods.stream()
                .filter(p -> !goes(p))
                .map(p -> PodInstance.of(0, p))
                .flatMap(i -> i.detail().stream())
                .findFirst()));
  }

  /** What the proxy's Deployment is to route; empty where that can't be read. */
  Optional<ProxyConfig> mountedConfig() {
    return mountedMap().flatMap(ProxyObjects::configOf);
  }

  private Optional<ConfigMap> mountedMap() {
    return configMaps.stream().filter(this::mounted).findFirst();
  }

  /**
   * Whether a pod of the proxy routes as its Deployment says now. Watches of several kinds may lag
   * behind each other, and each shows its own kind in the order in which it changed: once the pods
   * of now are shown, those before them have been, too, and are gone only where that was shown.
   */
  private static boolean routesAs(Deployment deployment, Pod pod) {
    return maps(pod.getSpec().getVolumes())
        .containsAll(maps(deployment.getSpec().getTemplate().getSpec().getVolumes()));
  }

  private static Set<String> maps(List<Volume> volumes) {
    return volumes.stream()
        .filter(v -> v.getConfigMap() != null)
        .map(v -> v.getConfigMap().getName())
        .collect(toSet());
  }

  private boolean atPresentAddresses(ProxyConfig config) {
    Map<Workload, List<Endpoint>> now = new TreeMap<>();
    config
        .endpoints()
        .keySet()
        .forEach(
            w ->
                service(w)
                    .map(KubernetesPlatform::endpoint)
                    .ifPresent(e -> now.put(w, List.of(e))));
    return now.equals(config.endpoints());
  }

  private static long number(Number value) {
    return value == null ? 0 : value.longValue();
  }

  private static Optional<Workload> workload(HasMetadata object) {
    try {
      return Optional.ofNullable(
              object.getMetadata().getLabels().get(KubernetesSite.WORKLOAD_LABEL))
          .map(Workload::of);
    } catch (InvalidValue e) {
      return Optional.empty(); // labelled by somebody else
    }
  }

  private static boolean goes(HasMetadata object) {
    return object.getMetadata().getDeletionTimestamp() != null;
  }
}
