package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.FakeKubelet;
import dev.swiftdeploy.kubernetes.FakeNode;
import dev.swiftdeploy.kubernetes.audit.KubernetesAuditLog;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole operator on a real control plane, told by kubectl alone; pods are made ready. */
class OperatorOnCluster {
  private static final Path POLICIES = Path.of("../../policies");
  private Cluster cluster;
  private FakeKubelet kubelet;
  private FakeNode node;
  private EmbeddedPolicyEngine policy;
  private OperatorProcess running;

  @BeforeEach
  void start() {
    cluster = new Cluster();
    kubelet = new FakeKubelet(cluster.client(), cluster.namespace());
    node = new FakeNode(cluster.client(), "node-" + cluster.namespace());
    policy = new EmbeddedPolicyEngine(POLICIES, EmbeddedPolicyEngine.Options.DEFAULTS);
    running = Operators.watchingNodes(cluster.namespace(), new Kept(policy));
  }

  @AfterEach
  void stop() {
    running.close();
    policy.close();
    kubelet.close();
    node.close();
    cluster.close();
  }

  private void declare(String version, String more) {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: shop}
        spec:
          services:
            image: "shop@sha256:%s"
            version: "%s"
        %s"""
            .formatted(
                "a1".repeat(32),
                version,
                more.isEmpty() ? "" : more.indent(more.startsWith(" ") ? 0 : 2));
    Cluster.Ran ran = cluster.kubectlWith(text, "apply", "-f", "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
  }

  private String kubectl(String... arguments) {
    return cluster.kubectl(arguments).output();
  }

  private String condition(String type, String field) {
    return kubectl(
        "get",
        "sd",
        "shop",
        "-o",
        "jsonpath={.status.conditions[?(@.type==\"" + type + "\")]." + field + "}");
  }

  private void awaitServing(String version) {
    await("version " + version)
        .atMost(Shop.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(kubectl("get", "sd", "shop", "-o", "jsonpath={.status.stable.version}"))
                  .isEqualTo(version);
              assertThat(condition("Ready", "status"))
                  .as(kubectl("get", "sd", "shop", "-o", "wide"))
                  .isEqualTo("True");
            });
  }

  private List<AuditRecord> chain(String uid) {
    KubernetesAuditLog log =
        new KubernetesAuditLog(
            cluster.client(), cluster.namespace(), ResourceName.of("shop"), uid, Clock.systemUTC());
    assertThat(log.damage()).isEmpty();
    return log.records();
  }

  @Test
  void fromApplyToServingBlockedAndAway() {
    declare("1.0.0", "");
    awaitServing("1.0.0");
    assertThat(kubectl("wait", "sd/shop", "--for=condition=Ready", "--timeout=5s"))
        .contains("condition met");
    String uid = kubectl("get", "sd", "shop", "-o", "jsonpath={.metadata.uid}");

    declare("1.1.0", "");
    awaitServing("1.1.0");
    await("the old one to go")
        .atMost(Shop.PATIENCE)
        .until(
            () ->
                kubectl("get", "deploy", "-l", "app.kubernetes.io/component=workload", "-o", "name")
                        .lines()
                        .count()
                    == 1);
    cluster.awaitCollected();

    node.condition("DiskPressure", "True");
    List<String> serving = cluster.versions();
    declare("1.2.0", "");
    await("policy's no")
        .atMost(Shop.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(condition("Admitted", "reason")).isEqualTo("DeployBlocked");
              assertThat(condition("Ready", "message"))
                  .contains("BLOCKED: Node under pressure: DiskPressure (node node-");
            });
    assertThat(kubectl("get", "sd", "shop")).contains("DeployBlocked", "Denied");
    assertThat(kubectl("describe", "sd", "shop")).contains("DeployBlocked", "DeployAdmitted");
    assertThat(cluster.versions()).as("what runs is untouched").isEqualTo(serving);

    node.condition("DiskPressure", "False");
    awaitServing("1.2.0");

    int records = chain(uid).size();
    running.close();
    running = Operators.watchingNodes(cluster.namespace(), new Kept(policy));
    await("the next operator has looked")
        .atMost(Shop.PATIENCE)
        .until(() -> running.metrics().sum("swiftdeploy_reconcile_seconds_count", Map.of()) > 0);
    assertThat(condition("Ready", "status")).isEqualTo("True");
    assertThat(chain(uid)).as("another operator repeats nothing").hasSize(records);
    assertThat(kubectl("get", "tr")).contains("deploy").contains("Applied").contains("Denied");

    kubectl("delete", "sd", "shop", "--wait=false");
    await("the teardown")
        .atMost(Shop.PATIENCE)
        .until(() -> cluster.kubectl("get", "sd", "shop").exit() != 0);
    cluster.awaitCollected();
    assertThat(cluster.names()).noneMatch(name -> name.contains("shop"));
    List<AuditRecord> audit = chain(uid);
    assertThat(audit.get(audit.size() - 1).entry())
        .as("the audit outlives the resource")
        .isInstanceOf(Entry.Applied.class);
    assertThat(audit.toString()).contains("TEARDOWN");
  }

  @Test
  void aCanaryIsTakenThroughItsSteps() {
    String canary = "canary: {steps: [{weight: 20, hold: 1s}, {weight: 100}]}";
    declare("1.0.0", canary);
    awaitServing("1.0.0");

    declare("2.0.0", canary);

    await("policy's answer to the next step, for want of requests")
        .atMost(Shop.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(kubectl("get", "sd", "shop", "-o", "jsonpath={.status.candidate.version}"))
                  .isEqualTo("2.0.0");
              assertThat(kubectl("get", "sd", "shop")).contains("Denied").contains("20");
            });
    assertThat(kubectl("get", "sd", "shop", "-o", "jsonpath={.status.route.weights}"))
        .contains("80 %")
        .contains("20 %");
    assertThat(kubectl("get", "sd", "shop", "-o", "wide")).contains("1/2");
  }

  @Test
  void aReleaseThatNeverGetsReadyIsRetreatedFromAndRefused() {
    declare("1.0.0", "");
    awaitServing("1.0.0");

    declare("1.1.0", "    env: [{name: FAKE, value: never}]\n    health: {deadline: 3s}\n");

    await("the retreat")
        .atMost(Shop.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(condition("Stalled", "status")).isEqualTo("True");
              assertThat(kubectl("get", "sd", "shop", "-o", "jsonpath={.status.refused}"))
                  .contains("not healthy within 3 s");
            });
    assertThat(kubectl("get", "sd", "shop", "-o", "jsonpath={.status.stable.version}"))
        .isEqualTo("1.0.0");
  }

  @Test
  void aNamespaceThatGoesIsNotHeldUp() {
    declare("1.0.0", "");
    awaitServing("1.0.0");

    kubectl("delete", "namespace", cluster.namespace(), "--wait=false");

    await("its end")
        .atMost(Shop.PATIENCE)
        .until(() -> cluster.kubectl("get", "namespace", cluster.namespace()).exit() != 0);
  }
}
