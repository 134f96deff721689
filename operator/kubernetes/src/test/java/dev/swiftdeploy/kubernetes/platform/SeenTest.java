package dev.swiftdeploy.kubernetes.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.Route;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How objects read where watches lag behind each other, and where pods have ended for good. */
class SeenTest {
  private static final ProxyConfig BEFORE =
      new ProxyConfig(
          new Route(Samples.SETTINGS, List.of(new Backend(Samples.STABLE, 100, 2))),
          Samples.CONFIG.endpoints());

  private final List<Deployment> deployments = new ArrayList<>();
  private final List<Service> services = new ArrayList<>();
  private final List<ConfigMap> maps = new ArrayList<>();
  private final List<Pod> pods = new ArrayList<>();

  private static Deployment rolledOut(Deployment deployment) {
    int replicas = deployment.getSpec().getReplicas();
    return new DeploymentBuilder(deployment)
        .editMetadata()
        .withGeneration(1L)
        .withCreationTimestamp("2026-03-04T10:00:00Z")
        .endMetadata()
        .withNewStatus()
        .withObservedGeneration(1L)
        .withReplicas(replicas)
        .withUpdatedReplicas(replicas)
        .withReadyReplicas(replicas)
        .endStatus()
        .build();
  }

  private static Pod pod(String name, Deployment of, String phase) {
    PodSpec spec = of.getSpec().getTemplate().getSpec();
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withLabels(of.getSpec().getTemplate().getMetadata().getLabels())
        .withCreationTimestamp("2026-03-04T10:00:00Z")
        .endMetadata()
        .withSpec(spec)
        .withNewStatus()
        .withPhase(phase)
        .withPodIP("10.244.0.9")
        .addNewCondition()
        .withType("Ready")
        .withStatus(phase.equals("Running") ? "True" : "False")
        .withLastTransitionTime("2026-03-04T10:00:00Z")
        .endCondition()
        .endStatus()
        .build();
  }

  private static <T extends HasMetadata> T of(Class<T> kind, List<HasMetadata> objects) {
    return objects.stream().filter(kind::isInstance).map(kind::cast).findFirst().orElseThrow();
  }

  private Deployment proxy(ProxyConfig config) {
    List<HasMetadata> rendered = ProxyObjects.render(Samples.SITE, config);
    maps.add(of(ConfigMap.class, rendered));
    services.add(of(Service.class, rendered));
    return rolledOut(of(Deployment.class, rendered));
  }

  private Observation observation() {
    return new Seen(Samples.SITE, deployments, services, pods, maps, List.of(), List.of())
        .observation(w -> true, ProxyObjects::configOf, c -> true);
  }

  private ObservedRoute route() {
    return observation().route().orElseThrow();
  }

  @Test
  void aRouteIsSetAndDrainedOnceItsOwnPodsAreAllThatIsThere() {
    Deployment before = proxy(BEFORE);
    Deployment now = proxy(Samples.CONFIG);
    deployments.add(now);
    pods.add(pod("old", before, "Running"));

    assertThat(route().route()).as("its pod was not shown yet").isEmpty();
    assertThat(route().draining()).as("the earlier one may still serve").isTrue();

    pods.add(pod("new", now, "Running"));
    assertThat(route().route()).contains(Samples.CONFIG.route());
    assertThat(route().draining()).isTrue();

    pods.remove(0);
    assertThat(route().route()).contains(Samples.CONFIG.route());
    assertThat(route().draining()).isFalse();
  }

  @Test
  void aPodThatGoesStillDrains() {
    Deployment now = proxy(Samples.CONFIG);
    deployments.add(now);
    pods.add(pod("new", now, "Running"));
    pods.add(
        new PodBuilder(pod("old", now, "Running"))
            .editMetadata()
            .withDeletionTimestamp("2026-03-04T10:01:00Z")
            .endMetadata()
            .build());

    assertThat(route().draining()).isTrue();
  }

  @Test
  void aPodOfTheProxyThatItsNodeThrewOutDrainsNothing() {
    Deployment now = proxy(Samples.CONFIG);
    deployments.add(now);
    pods.add(pod("evicted", now, "Failed"));
    pods.add(pod("new", now, "Running"));

    assertThat(route().route()).contains(Samples.CONFIG.route());
    assertThat(route().draining()).isFalse();
  }

  @Test
  void aPodThatItsNodeThrewOutHoldsNoSlot() {
    Deployment workload =
        rolledOut(
            of(
                Deployment.class,
                WorkloadObjects.render(Samples.SITE, Samples.STABLE, Samples.RELEASE, 1)));
    deployments.add(workload);
    pods.add(pod("evicted", workload, "Failed"));
    assertThat(states()).containsExactly(Instance.State.UNHEALTHY);

    pods.add(pod("in its place", workload, "Running"));
    assertThat(states()).containsExactly(Instance.State.HEALTHY);
  }

  private List<Instance.State> states() {
    return Optional.of(observation()).stream()
        .flatMap(o -> o.find(Samples.STABLE).orElseThrow().instances().stream())
        .map(Instance::state)
        .toList();
  }
}
