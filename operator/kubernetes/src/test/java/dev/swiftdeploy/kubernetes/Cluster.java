package dev.swiftdeploy.kubernetes;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real API server that {@code hack/cluster} started, with the project's CRDs. */
public final class Cluster implements AutoCloseable {
  /** A pod and a record of no chain, for {@link #awaitFull}. */
  public static final String POD =
      "{apiVersion: v1, kind: Pod, metadata: {name: probe}, spec: {containers: [{name: a, image: a}]}}";

  public static final String RECORD =
      """
      apiVersion: swiftdeploy.dev/v1alpha1
      kind: Transition
      metadata: {name: probe-0000000001}
      spec: {resource: probe, uid: probe, seq: 1, type: stopped, time: "2026-01-02T03:04:05Z", line: "{}"}
      """;

  private static final Path CRDS = Path.of("../../crds");

  private final KubernetesClient client = new KubernetesClientBuilder().build();
  private final String namespace = "t-" + UUID.randomUUID().toString().substring(0, 8);

  /**
   * What a command came to.
   *
   * @param output stdout and stderr
   */
  public record Ran(int exit, String output) {}

  /** A namespace of the test's own. */
  public Cluster() {
    kubectl("apply", "--server-side", "--force-conflicts", "-f", CRDS.toString());
    kubectl("wait", "--for=condition=Established", "--timeout=180s", "-f", CRDS.toString());
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  public KubernetesClient client() {
    return client;
  }

  public String namespace() {
    return namespace;
  }

  /** Runs kubectl in the test's namespace. */
  public Ran kubectl(String... arguments) {
    return kubectlWith("", arguments);
  }

  /** The same, with something to read. */
  public Ran kubectlWith(String stdin, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(requireNonNull(System.getenv("SWIFTDEPLOY_KUBECTL"), "run by hack/cluster test"));
    command.addAll(List.of("--namespace", namespace));
    command.addAll(List.of(arguments));
    try {
      File in = File.createTempFile("kubectl", ".in");
      java.nio.file.Files.writeString(in.toPath(), stdin);
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectInput(in).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("kubectl does not end: " + command);
      }
      java.nio.file.Files.delete(in.toPath());
      return new Ran(process.exitValue(), output);
    } catch (IOException e) {
      throw new IllegalStateException("kubectl does not run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /**
   * What an operator makes beside records, in the test's namespace, as the API server has it now.
   */
  private List<HasMetadata> written() {
    return Stream.of(
            Deployment.class,
            Service.class,
            ConfigMap.class,
            NetworkPolicy.class,
            PodDisruptionBudget.class)
        .flatMap(this::all)
        .filter(o -> !o.getMetadata().getName().equals("kube-root-ca.crt")) // Kubernetes' own
        .toList();
  }

  /** The same by kind and name. */
  public List<String> names() {
    return written().stream().map(Cluster::name).toList();
  }

  /** The same, each with all that changes when it is written; its status is no part of that. */
  public List<String> versions() {
    return written().stream().map(o -> name(o) + " " + version(o)).toList();
  }

  private static String name(HasMetadata object) {
    return object.getKind() + "/" + object.getMetadata().getName();
  }

  /** What has a generation has a status, which counts in its resourceVersion. */
  private static String version(HasMetadata object) {
    ObjectMeta meta = object.getMetadata();
    return meta.getGeneration() == null
        ? meta.getResourceVersion()
        : Serialization.asJson(
            new ObjectMetaBuilder(meta)
                .withResourceVersion(null)
                .removeMatchingFromManagedFields(f -> "status".equals(f.getSubresource()))
                .build());
  }

  /**
   * Waits until a quota keeps an object out. The controller manager counts first, and admission has
   * a cache of its own, which shows neither the quota nor its count at once.
   *
   * @param object that it counts; it is not made
   */
  public void awaitFull(String object) {
    await("the quota keeps it out")
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () ->
                kubectlWith(object, "create", "--dry-run=server", "-f", "-")
                    .output()
                    .contains("exceeded quota"));
  }

  /**
   * Waits until what went with its owner, a Deployment or the resource, is gone, too: that is the
   * controller manager's to do, and follows by seconds where it has much to do.
   */
  public void awaitCollected() {
    await("garbage is collected")
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              List<HasMetadata> there =
                  Stream.concat(
                          written().stream(),
                          Stream.of(ControllerRevision.class, SwiftDeployResource.class)
                              .flatMap(this::all))
                      .toList();
              Set<String> uids = there.stream().map(o -> o.getMetadata().getUid()).collect(toSet());
              return there.stream()
                  .flatMap(o -> o.getMetadata().getOwnerReferences().stream())
                  .allMatch(owner -> uids.contains(owner.getUid()));
            });
  }

  private Stream<HasMetadata> all(Class<? extends HasMetadata> kind) {
    return client.resources(kind).inNamespace(namespace).list().getItems().stream()
        .map(HasMetadata.class::cast);
  }

  @Override
  public void close() {
    client.namespaces().withName(namespace).delete();
    client.close();
  }
}
