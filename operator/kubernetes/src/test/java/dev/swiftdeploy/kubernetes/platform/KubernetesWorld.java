package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.platform.PlatformWorld;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.InMemoryReleaseStore;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.FakeKubelet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** A namespace of a real API server, with a kubelet that runs nothing. */
final class KubernetesWorld implements PlatformWorld {
  final Cluster cluster = new Cluster();
  final InMemoryReleaseStore releases = new InMemoryReleaseStore();
  final KubernetesSite site =
      new KubernetesSite(
          cluster.namespace(), ResourceName.of("demo"), UUID.randomUUID().toString());
  private final FakeKubelet kubelet = new FakeKubelet(cluster.client(), cluster.namespace());

  KubernetesWorld() {
    // Objects whose owner isn't there are collected.
    cluster.kubectlWith(
        "{apiVersion: swiftdeploy.dev/v1alpha1, kind: SwiftDeploy, metadata: {name: demo},"
            + " spec: {services: {image: \"app:1\"}}}",
        "apply",
        "-f",
        "-");
  }

  /** The site of the resource that is really there. */
  KubernetesSite owned() {
    return new KubernetesSite(
        cluster.namespace(),
        ResourceName.of("demo"),
        cluster.kubectl("get", "sd", "demo", "-o", "jsonpath={.metadata.uid}").output());
  }

  @Override
  public Platform open() {
    return new KubernetesPlatform(
        cluster.client(), new LiveObjects(cluster.client()), owned(), releases);
  }

  private Release release(String version, Map<EnvName, String> env) {
    Release release =
        new Release(
            ImageReference.of("app:1"),
            Optional.of("sha256:" + "12".repeat(32)),
            Version.of(version),
            List.of(),
            List.of(),
            Spec.Defaults.SERVICE_PORT,
            new TreeMap<>(env),
            new TreeMap<>(),
            Spec.Defaults.HEALTH,
            RestartPolicy.UNLESS_STOPPED);
    releases.put(release);
    return release;
  }

  @Override
  public Release healthy(String version) {
    return release(version, Map.of());
  }

  @Override
  public Release neverHealthy() {
    return release("never", Map.of(EnvName.of("FAKE"), "never"));
  }

  /** On Kubernetes what ends is always started again. */
  @Override
  public Release ending(int code, RestartPolicy policy) {
    throw new UnsupportedOperationException("a Deployment's pods don't end");
  }

  @Override
  public ReleaseId unknown() {
    return ReleaseId.of("000000000000");
  }

  @Override
  public ProxySettings settings() {
    return Samples.SETTINGS;
  }

  @Override
  public void kill(Workload workload, int slot) {
    kubelet.kill(pod(workload, slot));
  }

  @Override
  public void hang(Workload workload, int slot) {
    kubelet.hang(pod(workload, slot));
  }

  private String pod(Workload workload, int slot) {
    return Seen.of(new LiveObjects(cluster.client()), site)
        .pod(workload, slot)
        .orElseThrow()
        .getMetadata()
        .getName();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public void await(String what, BooleanSupplier condition) {
    org.awaitility.Awaitility.await(what)
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(100))
        .until(condition::getAsBoolean);
  }

  @Override
  public void close() {
    kubelet.close();
    cluster.close();
  }
}
