package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.kubernetes.Cluster;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What somebody does to a chain's objects while the operator runs, with the rights that the
 * installation gives it: noticed, told with its place, and no transition rests on it until a person
 * takes note.
 */
class TransitionWatchOnCluster {
  private static final String NONE = "steps: []";

  private Shop shop;
  private String uid = "";

  @BeforeEach
  void start() {
    shop = new Shop(OperatorAccount::install);
    shop.declare("1.0.0", NONE);
    shop.awaitServing("1.0.0");
    uid = shop.field("{.metadata.uid}");
  }

  @AfterEach
  void stop() {
    shop.close();
  }

  private List<String> transitions() {
    return shop.kubectl("get", "tr", "-o", "name").lines().toList();
  }

  private void awaitDamage(String message) {
    await("told: " + message)
        .atMost(Shop.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(shop.condition("Stalled", "reason")).isEqualTo("AuditDamaged");
              assertThat(shop.condition("Stalled", "message")).contains(message);
            });
    await("an Event").atMost(Shop.PATIENCE).until(() -> shop.events().contains("AuditDamaged"));
  }

  private void acknowledge(String why) {
    shop.kubectl("annotate", "sd", "shop", "swiftdeploy.dev/acknowledge=" + why);
    await("a person takes note")
        .atMost(Shop.PATIENCE)
        .until(() -> !shop.condition("Stalled", "reason").equals("AuditDamaged"));
  }

  @Test
  void aRecordThatIsDeletedStopsTransitionsAndNothingElse() {
    List<String> before = transitions();
    shop.kubectl("delete", before.get(0));
    awaitDamage("record 1 is missing");
    int records = transitions().size();

    shop.declare("2.0.0", NONE);
    shop.awaitField("{.status.observedGeneration}", shop.field("{.metadata.generation}"));

    assertThat(transitions()).hasSize(records);
    assertThat(shop.condition("Stalled", "reason")).isEqualTo("AuditDamaged");
    assertThat(shop.kubectl("get", "deploy", "-o", "name")).contains("shop-stable-");
    acknowledge("deleted by mistake");
    assertThat(shop.kubectl("get", "tr")).contains("acknowledged");
    shop.awaitServing("2.0.0");

    shop.kubectl("delete", before.get(1));
    awaitDamage("records 1 to 2 are missing");
    shop.kubectl("delete", "sd", "shop", "--wait=false");
    shop.kubectl("annotate", "sd", "shop", "swiftdeploy.dev/acknowledge=it is to go");
    await("it goes once a person takes note")
        .atMost(Shop.PATIENCE)
        .until(() -> shop.kubectl("get", "sd", "-o", "name").isEmpty());
    assertThat(shop.kubectl("get", "tr")).contains("teardown");
  }

  @Test
  void aRecordThatSomebodyElseAppendsIsNoRecord() throws Exception {
    List<String> before = transitions();
    forge(before.size() + 1, before.get(before.size() - 1));

    awaitDamage("kubectl-create wrote record " + (before.size() + 1));
    acknowledge("a test of the alarm");
    shop.declare("2.0.0", NONE);
    shop.awaitServing("2.0.0");
    shop.kubectl("label", transitions().get(2), "swiftdeploy.dev/uid-");
    awaitDamage("record 3 is missing");
  }

  /** A record that follows the last one as it should, with every right hash. */
  private void forge(int seq, String last) throws Exception {
    String line = shop.kubectl("get", last, "-o", "jsonpath={.spec.line}");
    String now = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    String covered =
        "{\"seq\":%d,\"ts\":\"%s\",\"type\":\"stopped\",\"resource\":\"shop\",\"by\":\"mallory\",\"prev\":\"%s\""
            .formatted(seq, now, Json.MAPPER.readTree(line).path("hash").asText());
    ObjectNode object = Json.MAPPER.createObjectNode();
    object.put("apiVersion", "swiftdeploy.dev/v1alpha1").put("kind", "Transition");
    object
        .putObject("metadata")
        .put("name", "%s-%010d".formatted(uid, seq))
        .putObject("labels")
        .put("swiftdeploy.dev/uid", uid)
        .put("swiftdeploy.dev/resource", "shop");
    object
        .putObject("spec")
        .put("resource", "shop")
        .put("uid", uid)
        .put("seq", seq)
        .put("type", "stopped")
        .put("time", now)
        .put("line", covered + ",\"hash\":\"" + Digests.sha256(covered) + "\"}");
    Cluster.Ran made = shop.cluster.kubectlWith(object.toString(), "create", "-f", "-");
    assertThat(made.exit()).as(made.output()).isZero();
  }
}
