package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.FakeKubelet;
import dev.swiftdeploy.kubernetes.FakeService;
import dev.swiftdeploy.kubernetes.audit.KubernetesAuditLog;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import io.fabric8.kubernetes.client.Config;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * A namespace with an operator, a kubelet that runs nothing and a service that answers for every
 * pod; and one resource, {@code shop}, as kubectl sees it.
 */
final class Shop implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(5);

  /** The transition that is being brought about: what takes long is told meanwhile. */
  static final String UNDER_WAY = "{.status.underWay.transition}";

  final Cluster cluster = new Cluster();
  final FakeService service = new FakeService();
  final OperatorProcess operator;
  final FakeKubelet kubelet =
      new FakeKubelet(cluster.client(), cluster.namespace(), number -> "127.0.0.1");

  /**
   * @param account whose rights the operator has
   */
  Shop(Function<Cluster, Config> account) {
    operator =
        Operators.start(
            cluster.namespace(),
            new EmbeddedPolicyEngine(
                Path.of("../../policies"), EmbeddedPolicyEngine.Options.DEFAULTS),
            account.apply(cluster));
  }

  String manifest(String version, String canary) {
    return """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: shop}
        spec:
          services: {image: "shop@sha256:%s", version: "%s", port: %d, replicas: 2}
          canary: {%s, analysis: {interval: 1s, window: 5s}}
        """
        .formatted("a1".repeat(32), version, service.port(), canary);
  }

  void declare(String version, String canary) {
    Cluster.Ran ran = cluster.kubectlWith(manifest(version, canary), "apply", "-f", "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
  }

  String kubectl(String... arguments) {
    return cluster.kubectl(arguments).output();
  }

  /** Of the resource. */
  String field(String jsonPath) {
    return kubectl("get", "sd", "shop", "-o", "jsonpath=" + jsonPath);
  }

  String condition(String type, String field) {
    return field("{.status.conditions[?(@.type==\"" + type + "\")]." + field + "}");
  }

  void awaitField(String jsonPath, String value) {
    await(jsonPath + " = " + value)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(field(jsonPath)).isEqualTo(value));
  }

  /** That version serves, and nothing is on its way. */
  void awaitServing(String version) {
    awaitField(
        "{.status.stable.version} {.status.candidate.version}"
            + "{.status.conditions[?(@.type==\"Ready\")].status}"
            + "{.status.conditions[?(@.type==\"Reconciling\")].status}",
        version + " TrueFalse");
  }

  List<AuditRecord> chain() {
    KubernetesAuditLog log =
        new KubernetesAuditLog(
            cluster.client(),
            cluster.namespace(),
            ResourceName.of("shop"),
            field("{.metadata.uid}"),
            Clock.systemUTC());
    assertThat(log.damage()).isEmpty();
    return log.records();
  }

  /** The reasons of its Events. */
  List<String> events() {
    return List.of(
        kubectl("get", "events", "-o", "jsonpath={.items[*].reason}").strip().split(" "));
  }

  @Override
  public void close() {
    operator.close();
    kubelet.close();
    service.close();
    cluster.close();
  }
}
