package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicySource;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.FakeKubelet;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.host.OperatorOptions;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import dev.swiftdeploy.kubernetes.policy.LastPolicy;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators, with the rights of the installation, that start while their policy can't be used. */
class LastPolicyOnCluster {
  private static final Path POLICIES = Path.of("../../policies");

  @TempDir Path temporary;
  private final Cluster cluster = new Cluster();
  private final FakeKubelet kubelet = new FakeKubelet(cluster.client(), cluster.namespace());
  private final Config account = OperatorAccount.install(cluster);
  private final KubernetesClient client = ApiClients.open(account);
  private Path policies;
  private String data;
  private OperatorProcess running;

  @BeforeEach
  void policies() throws IOException {
    policies = temporary.resolve("policies");
    try (Stream<Path> all = Files.walk(POLICIES)) {
      for (Path path : all.toList()) {
        Files.copy(path, policies.resolve(POLICIES.relativize(path).toString()));
      }
    }
    data = Files.readString(policies.resolve("data.json"));
  }

  @AfterEach
  void stop() {
    running.close();
    client.close();
    kubelet.close();
    cluster.close();
  }

  /** What it keeps on its disk is gone with its pod. */
  private OperatorProcess start() throws IOException {
    PolicyArchive used = new PolicyArchive(Files.createTempDirectory(temporary, "used"));
    LastPolicy last = new LastPolicy(client, cluster.namespace(), OperatorOptions.LEASE);
    return Operators.keeping(
        cluster.namespace(),
        new EmbeddedPolicyEngine(
            policies,
            EmbeddedPolicyEngine.Options.DEFAULTS
                .withCache(Path.of("target", "policy-cache").toAbsolutePath())
                .withSource(PolicySource.Options.DEFAULTS.withArchive(used).withLast(last::read))),
        used,
        account,
        Operators.identity(),
        OperatorOptions.LEASE_DURATION,
        CrashPoints.NONE);
  }

  private void declare(String version) {
    Cluster.Ran ran =
        cluster.kubectlWith(
            """
            apiVersion: swiftdeploy.dev/v1alpha1
            kind: SwiftDeploy
            metadata: {name: shop}
            spec: {services: {image: "shop@sha256:%s", version: "%s"}}
            """
                .formatted("a1".repeat(32), version),
            "apply",
            "-f",
            "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
  }

  private String field(String jsonPath) {
    return cluster.kubectl("get", "sd", "shop", "-o", "jsonpath=" + jsonPath).output();
  }

  private void awaitField(String jsonPath, String value) {
    await(jsonPath + " = " + value)
        .atMost(Shop.PATIENCE)
        .untilAsserted(() -> assertThat(field(jsonPath)).isEqualTo(value));
  }

  private static String condition(String type, String field) {
    return "{.status.conditions[?(@.type==\"" + type + "\")]." + field + "}";
  }

  private void awaitServing(String version) {
    awaitField("{.status.stable.version} " + condition("Ready", "status"), version + " True");
  }

  private HttpResponse<String> readiness() throws IOException, InterruptedException {
    URI here = URI.create("http://127.0.0.1:" + running.port().orElseThrow() + "/readyz");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(here).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theOneThatDecidedLastGoesOnAndStatusSaysWhyNotTheNewOne() throws Exception {
    running = start();
    declare("1.0.0");
    awaitServing("1.0.0");
    String digest = field("{.status.policy.digest}");
    assertThat(digest).hasSize(64);
    running.close();

    Files.writeString(policies.resolve("data.json"), data.substring(1));
    running = start();
    declare("2.0.0");
    awaitServing("2.0.0");
    assertThat(field("{.status.policy.digest}")).isEqualTo(digest);
    assertThat(field("{.status.policy.problem}")).startsWith("policies/data.json can't be taken: ");
    assertThat(readiness().statusCode()).isEqualTo(200);

    Files.writeString(policies.resolve("data.json"), data);
    awaitField("{.status.policy.problem}", "");
  }

  @Test
  void whereNoneDecidedYetNothingIsDoneAndAllSayWhatIsWrong() throws Exception {
    Files.writeString(policies.resolve("data.json"), data.substring(1));
    running = start();
    declare("1.0.0");
    awaitField(condition("Stalled", "reason"), "PolicyUnavailable");
    assertThat(field(condition("Admitted", "reason"))).isEqualTo("PolicyNotLoaded");
    assertThat(field(condition("Admitted", "message")))
        .contains("policies/data.json can't be taken: ")
        .contains("correct it and save it again");
    HttpResponse<String> readiness = readiness();
    assertThat(readiness.statusCode()).isEqualTo(503);
    assertThat(readiness.body()).contains("no policy is loaded: policies/data.json can't be taken");
    assertThat(cluster.kubectl("get", "deploy", "-o", "name").output()).isEmpty();

    Files.writeString(policies.resolve("data.json"), data);
    awaitServing("1.0.0");
    assertThat(readiness().statusCode()).isEqualTo(200);
  }
}
