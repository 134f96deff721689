package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.NginxConf;
import dev.swiftdeploy.adapters.proxy.NginxPath;
import dev.swiftdeploy.adapters.proxy.NginxSite;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.ProxySettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import java.util.List;
import java.util.Optional;

/**
 * The proxy's objects: an immutable ConfigMap named by content, nginx's Deployment that mounts it,
 * the public Service and a NetworkPolicy. Pure.
 */
final class ProxyObjects {
  /** Of the one file in the ConfigMap. */
  static final String FILE = "nginx.conf";

  private static final String SUFFIX = "nginx";
  private static final String CONTAINER = "nginx";
  private static final String PORT = "http";
  private static final String MOUNT = "/etc/swiftdeploy";
  private static final String SCRATCH = "/tmp/nginx";

  /** nginx's own account in the images of that name. */
  private static final long ACCOUNT = 101;

  /** How long a pod that is to go still serves: until every node's rules have forgotten it. */
  private static final long UNLISTED_SECONDS = 5;

  private static final long END_SECONDS = 5;

  private static final NginxSite NGINX =
      new NginxSite(
          ListenAddress.EVERYWHERE,
          new NginxPath(SCRATCH),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private ProxyObjects() {}

  static String deploymentName(KubernetesSite site) {
    return site.name(SUFFIX);
  }

  /** The Service that people reach: named as the resource. */
  static String serviceName(KubernetesSite site) {
    return site.resource().value();
  }

  /** What a ConfigMap's file routes; empty where it is not such a rendering. */
  static Optional<ProxyConfig> configOf(ConfigMap map) {
    return Optional.ofNullable(map.getData())
        .map(data -> data.get(FILE))
        .flatMap(text -> NginxConf.configOf(text, NGINX));
  }

  static List<HasMetadata> render(KubernetesSite site, ProxyConfig config) {
    NginxConf conf = NginxConf.render(config, NGINX);
    String map = site.name(SUFFIX + "-" + conf.digest().substring(0, 12));
    return List.of(
        configMap(site, map, conf),
        policy(site, config.settings()),
        service(site, config.settings()),
        deployment(site, config.settings(), map));
  }

  private static ConfigMap configMap(KubernetesSite site, String name, NginxConf conf) {
    return new ConfigMapBuilder()
        .withMetadata(site.meta(name, site.labels(KubernetesSite.PROXY)))
        .withImmutable(true)
        .addToData(FILE, conf.text())
        .build();
  }

  private static Deployment deployment(KubernetesSite site, ProxySettings settings, String map) {
    return new DeploymentBuilder()
        .withMetadata(site.meta(deploymentName(site), site.labels(KubernetesSite.PROXY)))
        .withNewSpec()
        .withReplicas(1)
        .withRevisionHistoryLimit(0)
        .withNewSelector()
        .withMatchLabels(site.proxySelector())
        .endSelector()
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxUnavailable(new IntOrString(0))
        .withMaxSurge(new IntOrString(1))
        .endRollingUpdate()
        .endStrategy()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(site.labels(KubernetesSite.PROXY))
        .endMetadata()
        .withNewSpec()
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(
            settings.drainTimeout().toSeconds() + UNLISTED_SECONDS + END_SECONDS)
        .withSecurityContext(
            new PodSecurityContextBuilder(Restricted.pod())
                .withRunAsUser(ACCOUNT)
                .addNewSysctl()
                .withName("net.ipv4.ip_unprivileged_port_start")
                .withValue("0")
                .endSysctl()
                .build())
        .withContainers(container(settings))
        .addNewVolume()
        .withName("conf")
        .withNewConfigMap()
        .withName(map)
        .endConfigMap()
        .endVolume()
        .addNewVolume()
        .withName("scratch")
        .withNewEmptyDir()
        .endEmptyDir()
        .endVolume()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static Container container(ProxySettings settings) {
    return new ContainerBuilder()
        .withName(CONTAINER)
        .withImage(settings.image().value())
        .withCommand("nginx", "-e", "stderr", "-g", "daemon off;", "-c", MOUNT + "/" + FILE)
        .addNewPort()
        .withName(PORT)
        .withContainerPort(settings.port().number())
        .endPort()
        .withNewReadinessProbe()
        .withNewTcpSocket()
        .withPort(new IntOrString(PORT))
        .endTcpSocket()
        .withPeriodSeconds(1)
        .endReadinessProbe()
        .withNewLifecycle()
        .withNewPreStop()
        .withNewSleep(UNLISTED_SECONDS)
        .endPreStop()
        .endLifecycle()
        .addNewVolumeMount()
        .withName("conf")
        .withMountPath(MOUNT)
        .withReadOnly(true)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName("scratch")
        .withMountPath(SCRATCH)
        .endVolumeMount()
        .withSecurityContext(Restricted.container())
        .build();
  }

  private static Service service(KubernetesSite site, ProxySettings settings) {
    return new ServiceBuilder()
        .withMetadata(site.meta(serviceName(site), site.labels(KubernetesSite.PROXY)))
        .withNewSpec()
        .withSelector(site.proxySelector())
        .addNewPort()
        .withName(PORT)
        .withPort(settings.port().number())
        .withTargetPort(new IntOrString(PORT))
        .endPort()
        .endSpec()
        .build();
  }

  /** Whoever reaches the proxy reaches its public port, and through it the workloads alone. */
  private static NetworkPolicy policy(KubernetesSite site, ProxySettings settings) {
    return new NetworkPolicyBuilder()
        .withMetadata(site.meta(deploymentName(site), site.labels(KubernetesSite.PROXY)))
        .withNewSpec()
        .withNewPodSelector()
        .withMatchLabels(site.proxySelector())
        .endPodSelector()
        .withPolicyTypes("Ingress", "Egress")
        .addNewIngress()
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(settings.port().number()))
        .endPort()
        .endIngress()
        .addNewEgress()
        .addNewTo()
        .withNewPodSelector()
        .withMatchLabels(site.workloadSelector())
        .endPodSelector()
        .endTo()
        .endEgress()
        .endSpec()
        .build();
  }
}
