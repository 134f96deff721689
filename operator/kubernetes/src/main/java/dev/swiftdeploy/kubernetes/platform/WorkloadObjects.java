package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A workload's objects: Deployment and the Service that leads to it; and what all workloads of a
 * resource share: a NetworkPolicy and, from two replicas on, a PodDisruptionBudget. Pure: the same
 * release and site give the same objects.
 */
final class WorkloadObjects {
  private static final String CONTAINER = "service";
  private static final String PORT = "http";
  private static final String SHARED = "workloads";

  /** One missing answer is forgiven, as on a machine. */
  private static final int FAILURES = 2;

  private static final int PROBE_TIMEOUT_SECONDS = 2;

  /**
   * A pod that is to end goes on answering for so long: a node's rules lead to it until they are
   * changed, a moment after it was told.
   */
  private static final long LINGERS_SECONDS = 5;

  /** Until it is killed; of it, as without the lingering, 30 s are its own. */
  private static final long GRACE_SECONDS = LINGERS_SECONDS + 30;

  private WorkloadObjects() {}

  static List<HasMetadata> render(
      KubernetesSite site, Workload workload, Release release, int replicas) {
    List<HasMetadata> objects = new ArrayList<>();
    objects.add(policy(site));
    if (replicas > 1) {
      objects.add(budget(site));
    }
    objects.add(deployment(site, workload, release, replicas));
    objects.add(service(site, workload, release));
    return List.copyOf(objects);
  }

  private static Deployment deployment(
      KubernetesSite site, Workload workload, Release release, int replicas) {
    return new DeploymentBuilder()
        .withMetadata(site.meta(site.name(workload), site.labels(workload)))
        .withNewSpec()
        .withReplicas(replicas)
        .withRevisionHistoryLimit(0)
        .withNewSelector()
        .withMatchLabels(site.selector(workload))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(site.labels(workload))
        .endMetadata()
        .withNewSpec()
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(GRACE_SECONDS)
        .withSecurityContext(Restricted.pod())
        .withContainers(container(workload, release))
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static Container container(Workload workload, Release release) {
    int port = release.port().number();
    return new ContainerBuilder()
        .withName(CONTAINER)
        .withImage(image(release))
        .withEnv(env(workload, release))
        .addNewPort()
        .withName(PORT)
        .withContainerPort(port)
        .endPort()
        .withNewReadinessProbe()
        .withNewHttpGet()
        .withPath(release.health().path().value())
        .withPort(new IntOrString(PORT))
        .endHttpGet()
        .withPeriodSeconds(seconds(release.health().interval()))
        .withTimeoutSeconds(PROBE_TIMEOUT_SECONDS)
        .withFailureThreshold(FAILURES)
        .endReadinessProbe()
        .withNewLifecycle()
        .withNewPreStop()
        .withNewSleep(LINGERS_SECONDS)
        .endPreStop()
        .endLifecycle()
        .withNewResources()
        .withLimits(resources(release))
        .withRequests(resources(release))
        .endResources()
        .withSecurityContext(Restricted.container())
        .build();
  }

  /** By digest: what was admitted is what runs. The tag stays, for people to read. */
  static String image(Release release) {
    String declared = release.image().value();
    int at = declared.indexOf('@');
    String name = at < 0 ? declared : declared.substring(0, at);
    return release.imageDigest().map(digest -> name + "@" + digest).orElse(declared);
  }

  private static List<EnvVar> env(Workload workload, Release release) {
    List<EnvVar> env = new ArrayList<>();
    env.add(variable("MODE", workload.mode().word()));
    env.add(variable("APP_VERSION", release.version().value()));
    env.add(variable("APP_PORT", release.port().toString()));
    // The kubelet expands $(NAME) and reads $$ as $; what was declared is what a service gets.
    release
        .env()
        .forEach((name, value) -> env.add(variable(name.value(), value.replace("$", "$$"))));
    return env;
  }

  private static EnvVar variable(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value).build();
  }

  private static Map<String, Quantity> resources(Release release) {
    Map<String, Quantity> quantities = new TreeMap<>();
    release.resources().forEach((name, amount) -> quantities.put(name, Quantity.parse(amount)));
    return quantities;
  }

  /** The kubelet checks every whole second at most. */
  private static int seconds(Duration interval) {
    return (int) Math.max(1, Math.min(interval.plusMillis(999).toSeconds(), Integer.MAX_VALUE));
  }

  private static Service service(KubernetesSite site, Workload workload, Release release) {
    return new ServiceBuilder()
        .withMetadata(site.meta(site.name(workload), site.labels(workload)))
        .withNewSpec()
        .withSelector(site.selector(workload))
        .addNewPort()
        .withName(PORT)
        .withPort(release.port().number())
        .withTargetPort(new IntOrString(PORT))
        .endPort()
        .endSpec()
        .build();
  }

  /**
   * One for all workloads. The proxy reaches their services, and the operator reads their metrics;
   * nobody else does, and no other port is reached.
   */
  private static NetworkPolicy policy(KubernetesSite site) {
    return new NetworkPolicyBuilder()
        .withMetadata(site.meta(site.name(SHARED), site.labels(KubernetesSite.WORKLOAD)))
        .withNewSpec()
        .withNewPodSelector()
        .withMatchLabels(site.workloadSelector())
        .endPodSelector()
        .withPolicyTypes("Ingress")
        .addNewIngress()
        .addNewFrom()
        .withNewPodSelector()
        .withMatchLabels(site.proxySelector())
        .endPodSelector()
        .endFrom()
        .addNewFrom()
        .withNewNamespaceSelector()
        .endNamespaceSelector()
        .withNewPodSelector()
        .addToMatchLabels("app.kubernetes.io/name", "swiftdeploy-operator")
        .endPodSelector()
        .endFrom()
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(PORT))
        .endPort()
        .endIngress()
        .endSpec()
        .build();
  }

  /** One for all workloads: of all their pods one at a time may be evicted. */
  private static PodDisruptionBudget budget(KubernetesSite site) {
    return new PodDisruptionBudgetBuilder()
        .withMetadata(site.meta(site.name(SHARED), site.labels(KubernetesSite.WORKLOAD)))
        .withNewSpec()
        .withMaxUnavailable(new IntOrString(1))
        .withNewSelector()
        .withMatchLabels(site.workloadSelector())
        .endSelector()
        .endSpec()
        .build();
  }
}
