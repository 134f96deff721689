package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.FakeKubelet;
import dev.swiftdeploy.kubernetes.FakeService;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a rollout costs the API server, and what rest costs it: counted at the operator's wire, by
 * an operator with the rights that the installation gives it, and no other.
 */
class OperatorRequestsOnCluster {
  /**
   * Of a canary of two steps: three transitions. It takes 35; a slow machine sees more statuses.
   */
  private static final int MOST_PER_ROLLOUT = 42;

  private static final Duration REST = Duration.ofSeconds(12);

  private Cluster cluster;
  private FakeKubelet kubelet;
  private FakeService service;
  private OperatorProcess operator;

  @BeforeEach
  void start() {
    cluster = new Cluster();
    service = new FakeService();
    kubelet = new FakeKubelet(cluster.client(), cluster.namespace(), number -> "127.0.0.1");
    operator =
        Operators.start(
            cluster.namespace(),
            new EmbeddedPolicyEngine(
                Path.of("../../policies"), EmbeddedPolicyEngine.Options.DEFAULTS),
            OperatorAccount.install(cluster));
  }

  @AfterEach
  void stop() {
    operator.close();
    kubelet.close();
    service.close();
    cluster.close();
  }

  private void declare(String version) {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: shop}
        spec:
          services: {image: "shop@sha256:%s", version: "%s", port: %d}
          canary:
            steps: [{weight: 20, hold: 3s}, {weight: 100}]
            analysis: {interval: 1s, window: 5s}
        """
            .formatted("a1".repeat(32), version, service.port());
    Cluster.Ran ran = cluster.kubectlWith(text, "apply", "-f", "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
  }

  private void awaitServing(String version) {
    await(version)
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () ->
                cluster
                    .kubectl(
                        "get",
                        "sd",
                        "shop",
                        "-o",
                        "jsonpath={.status.stable.version} {.status.candidate.version}"
                            + "{.status.conditions[?(@.type==\"Ready\")].status}"
                            + "{.status.conditions[?(@.type==\"Reconciling\")].status}")
                    .output()
                    .equals(version + " TrueFalse"));
  }

  /** All but the lease, which has a price of its own, whatever is delivered. */
  private Map<String, Integer> requests() {
    Map<String, Integer> counted = new TreeMap<>();
    Arrays.stream(operator.metrics().text().split("\n"))
        .filter(line -> line.startsWith("swiftdeploy_api_requests_total{"))
        .filter(line -> !line.contains("\"leases\"") && !line.contains("verb=\"watch\""))
        .forEach(
            line ->
                counted.put(
                    line.substring(line.indexOf('{'), line.indexOf('}') + 1),
                    (int) Double.parseDouble(line.substring(line.lastIndexOf(' ')))));
    return counted;
  }

  private static Map<String, Integer> since(Map<String, Integer> before, Map<String, Integer> now) {
    Map<String, Integer> more = new TreeMap<>();
    now.forEach(
        (kind, count) -> {
          int grown = count - before.getOrDefault(kind, 0);
          if (grown > 0) {
            more.put(kind, grown);
          }
        });
    return more;
  }

  private static int sum(Map<String, Integer> counted) {
    return counted.values().stream().mapToInt(Integer::intValue).sum();
  }

  @Test
  void aRolloutCostsFewRequestsAndRestNone() {
    declare("1.0.0");
    awaitServing("1.0.0");
    Map<String, Integer> before = requests();

    declare("2.0.0");
    awaitServing("2.0.0");

    Map<String, Integer> rollout = since(before, requests());
    System.err.println("requests of a rollout: " + sum(rollout) + " " + rollout);
    assertThat(sum(rollout)).as(rollout.toString()).isLessThan(MOST_PER_ROLLOUT);

    Map<String, Integer> settled = requests();
    assertThat(operator.metrics().text())
        .as("all that is needed is allowed")
        .doesNotContain("\"403\"");
    await("rest").during(REST).atMost(REST.plusSeconds(5)).until(() -> requests().equals(settled));

    cluster.kubectl("delete", "sd", "shop", "--wait=false");
    await("the teardown")
        .atMost(Duration.ofSeconds(60))
        .until(() -> cluster.kubectl("get", "sd", "shop").exit() != 0);
    assertThat(operator.metrics().text()).doesNotContain("\"403\"");
  }
}
