package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.status.Kstatus;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.platform.ClusterHistory;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How other tools read a resource: kubectl diff, a second owner, kstatus, Helm; and people. */
class OperatorReadinessOnCluster {
  private static final String CANARY = "steps: [{weight: 20, hold: 4s}, {weight: 100}]";
  private Shop shop;

  @BeforeEach
  void start() {
    shop = new Shop(cluster -> ApiClients.config(Optional.empty()));
  }

  @AfterEach
  void stop() {
    shop.close();
  }

  private JsonNode resource() {
    return json(shop.kubectl("get", "sd", "shop", "-o", "json"));
  }

  private static JsonNode json(String text) {
    try {
      return Json.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Each version of the resource that declares that release. */
  private static List<JsonNode> told(ClusterHistory history, String release) {
    return history.versions().stream()
        .map(resource -> json(Serialization.asJson(resource)))
        .filter(r -> r.at("/spec/services/version").asText().equals(release))
        .toList();
  }

  private static Kstatus kstatus(JsonNode resource) {
    Map<String, String> conditions = new HashMap<>();
    for (JsonNode condition : resource.path("status").path("conditions")) {
      conditions.put(condition.path("type").asText(), condition.path("status").asText());
    }
    long generation = resource.path("metadata").path("generation").asLong();
    return Kstatus.of(
        generation,
        resource.path("status").path("observedGeneration").asLong(generation),
        resource.path("metadata").has("deletionTimestamp"),
        conditions);
  }

  /** Nobody is told that it is Current before the release that is declared serves. */
  @Test
  void whoWaitsForItWaitsUntilItIsPromoted() {
    try (ClusterHistory history =
        new ClusterHistory(shop.cluster.client(), shop.cluster.namespace(), "shop")) {
      for (String version : List.of("1.0.0", "2.0.0")) {
        shop.declare(version, CANARY);
        await("Current")
            .atMost(Shop.PATIENCE)
            .until(
                () -> {
                  List<JsonNode> told = told(history, version);
                  return !told.isEmpty() && kstatus(told.get(told.size() - 1)) == Kstatus.CURRENT;
                });

        List<JsonNode> told = told(history, version);
        assertThat(kstatus(told.get(0))).as("not before it serves").isEqualTo(Kstatus.IN_PROGRESS);
        assertThat(told)
            .extracting(OperatorReadinessOnCluster::kstatus)
            .containsOnly(Kstatus.IN_PROGRESS, Kstatus.CURRENT);
        assertThat(told)
            .filteredOn(r -> kstatus(r) == Kstatus.CURRENT)
            .extracting(r -> r.path("status").path("stable").path("version").asText())
            .as("Current means the release that is declared")
            .containsOnly(version);
      }
    }
    for (JsonNode condition : resource().path("status").path("conditions")) {
      assertThat(condition.path("observedGeneration").asLong())
          .isEqualTo(resource().path("metadata").path("generation").asLong());
      assertThat(condition.path("reason").asText()).matches("[A-Z][A-Za-z]+");
    }
  }

  @Test
  void aDiffAfterAnApplyIsEmptyAlsoWhenTheOperatorHasWritten() {
    shop.declare("1.0.0", CANARY);
    shop.awaitServing("1.0.0");

    Cluster.Ran diff = shop.cluster.kubectlWith(shop.manifest("1.0.0", CANARY), "diff", "-f", "-");
    assertThat(diff.exit()).as(diff.output()).isZero();
    assertThat(
            shop.cluster.kubectlWith(shop.manifest("1.0.0", CANARY), "apply", "-f", "-").output())
        .contains("unchanged");
  }

  @Test
  void aSecondOwnerAppliesBesideTheFirstOneAndTheOperatorTakesNobodysFields() {
    apply("gitops", shop.manifest("1.0.0", CANARY));
    shop.awaitServing("1.0.0");

    apply(
        "team",
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: shop, labels: {team: checkout}}
        spec: {services: {env: [{name: COLOUR, value: blue}]}}
        """);
    await("the second owner's release")
        .atMost(Shop.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        shop.kubectl(
                            "get",
                            "deploy",
                            "-l",
                            "app.kubernetes.io/component=workload",
                            "-o",
                            "jsonpath={.items[*].spec.template.spec.containers[0].env}"))
                    .contains("COLOUR"));
    shop.awaitServing("1.0.0");
    Cluster.Ran again = apply("gitops", shop.manifest("2.0.0", CANARY));
    assertThat(again.output()).doesNotContain("conflict");
    shop.awaitServing("2.0.0");

    assertThat(shop.field("{.spec.services.env[*].name}")).isEqualTo("COLOUR");
    String managers =
        shop.kubectl(
            "get",
            "sd",
            "shop",
            "--show-managed-fields",
            "-o",
            "jsonpath={range .metadata.managedFields[?(@.manager==\"swiftdeploy\")]}{.fieldsV1}{end}");
    assertThat(managers).doesNotContain("f:spec");
  }

  private Cluster.Ran apply(String owner, String text) {
    Cluster.Ran ran =
        shop.cluster.kubectlWith(
            text, "apply", "--server-side", "--field-manager=" + owner, "-f", "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
    return ran;
  }

  @Test
  void describeTellsTheWholeStory() {
    String held = "steps: [{weight: 20, hold: 2s}, {weight: 60, hold: 1h}]";
    shop.declare("1.0.0", held);
    shop.awaitServing("1.0.0");
    shop.declare("2.0.0", held);
    shop.awaitField(
        "{.status.candidate.actualWeight} {.status.stable.actualWeight}" + Shop.UNDER_WAY, "60 40");
    await("a review with evidence")
        .atMost(Shop.PATIENCE)
        .until(() -> !shop.field("{.status.lastReview.candidate.requests}").isEmpty());

    String told = shop.kubectl("describe", "sd", "shop");
    assertThat(told)
        .as("wanted and actual weight")
        .containsPattern("(?s)Candidate:.*Actual Weight: +60.*Weight: +60")
        .as("evidence of the last review")
        .containsPattern("(?s)Last Review:.*Candidate:.*Error Rate: +0.*p99Ms|P 99 Ms")
        .as("what is waited for")
        .containsPattern("Why: +release [0-9a-f]{12} is held at 60 % until 2")
        .as("the last decisions with reasons")
        .contains("ADMITTED: canary")
        .contains("ADMITTED: advance")
        .as("chain head")
        .containsPattern("(?s)Chain:.*Head: +[0-9a-f]{64}.*Seq: +[0-9]+");
    assertThat(shop.events()).contains("CanaryStarted", "CanaryAdvanced");
  }
}
