package dev.swiftdeploy.kubernetes.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.audit.TransitionChain;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a resource's object says is told as it is: also where it says nothing yet. */
class ClusterStatusTest {
  private static final String SPEC =
      """
      apiVersion: swiftdeploy.dev/v1alpha1
      kind: SwiftDeploy
      metadata: {name: shop, namespace: prod, uid: u-1, generation: 3}
      spec:
        services: {image: "shop:1", version: "1.2.0", port: %s, mode: canary}
      """;
  private static final String STATUS =
      """
      status:
        observedGeneration: %d
        conditions:
        - {type: Ready, status: "False", reason: AdvanceBlocked, message: "BLOCKED: too slow"}
        - {type: Stalled, status: "True", reason: AdvanceBlocked, message: "BLOCKED: too slow"}
        url: http://shop.prod.svc:8080/
        waiting: {rule: advance, why: "its hold is over", next: "propose advance a1 to 50 %%"}
        policy: {engine: opa, digest: d1, problem: "OPA does not answer"}
        chain: {seq: 7, head: %s}
      """;

  private static SwiftDeployResource resource(String yaml) {
    return Serialization.unmarshal(yaml, SwiftDeployResource.class);
  }

  private static SwiftDeployResource told(long generation) {
    return resource(SPEC.formatted("3000") + STATUS.formatted(generation, "a".repeat(64)));
  }

  private static Status status(SwiftDeployResource resource) {
    return ClusterStatus.of(
        resource, TransitionChain.read("u-1", "shop", List.of(), List.of()), Observation.NOTHING);
  }

  private static String condition(Status status, String type) {
    Condition condition = status.condition(type);
    return condition.status() + " " + condition.reason();
  }

  @Test
  void theOperatorsWordIsTakenOver() {
    Status status = status(told(3));

    assertThat(status.uid()).contains("u-1");
    assertThat(condition(status, "Ready")).isEqualTo("FALSE AdvanceBlocked");
    assertThat(condition(status, "Stalled")).isEqualTo("TRUE AdvanceBlocked");
    assertThat(condition(status, "Admitted")).as("not told").isEqualTo("UNKNOWN NotObserved");
    assertThat(status.condition("Ready").message()).isEqualTo("BLOCKED: too slow");
    assertThat(status.mode() + " " + status.version()).isEqualTo("canary 1.2.0");
    assertThat(status.url()).contains("http://shop.prod.svc:8080/");
    assertThat(status.next().rule()).isEqualTo("advance");
    assertThat(status.next().step()).isEqualTo("propose advance a1 to 50 %");
    assertThat(status.policy().engine()).isEqualTo("opa");
    assertThat(status.policy().problem()).contains("OPA does not answer");
    assertThat(status.specDigest()).as("it is about this spec").hasSize(64);
  }

  @Test
  void whatWasToldOfAnEarlierSpecIsNotTakenForThisOne() {
    Status status = status(told(2));

    assertThat(condition(status, "Ready")).isEqualTo("FALSE NotObserved");
    assertThat(condition(status, "Reconciling")).isEqualTo("TRUE NotObserved");
    assertThat(status.condition("Ready").message()).contains("generation 3");
    assertThat(status.observedGeneration()).isEqualTo(2);
    assertThat(status.next().rule()).isEqualTo("not-observed");
    assertThat(status.specDigest()).isEmpty();
  }

  @Test
  void ofWhatIsDeletedNoStatusIsWaitedFor() {
    SwiftDeployResource deleted = told(2);
    deleted.getMetadata().setDeletionTimestamp("2026-01-02T03:04:05Z");

    assertThat(condition(status(deleted), "Ready")).isEqualTo("FALSE Deleted");
    assertThat(condition(status(deleted), "Reconciling")).isEqualTo("TRUE Deleted");
  }

  @Test
  void whoWasNeverLookedAtIsSaidToBe() {
    Status status = status(resource(SPEC.formatted("3000")));

    assertThat(condition(status, "Ready")).isEqualTo("FALSE NotObserved");
    assertThat(status.next().why()).isEqualTo("the operator has told nothing of it yet");
    assertThat(status.stable()).isEmpty();
  }

  @Test
  void aSpecThatCanNotBeReadIsAProblemOfThatResource() {
    SwiftDeployResource bad = resource(SPEC.formatted("3000").replace("shop:1", "no image"));

    assertThat(ClusterStatus.problem(bad).orElseThrow()).startsWith("shop: ").contains("image");
    assertThat(ClusterStatus.problem(told(3))).isEmpty();
  }

  @Test
  void aChainOfWhichNothingIsLeftIsHeldAgainstTheHeadThatTheStatusTells() {
    List<TransitionChain> chains = ClusterNamespace.chains(List.of(told(3)), List.of(), List.of());

    assertThat(chains).hasSize(1);
    assertThat(chains.get(0).damage().orElseThrow().message())
        .contains("records 1 to 7 are gone, and the status knows record 7");
    assertThat(
            ClusterNamespace.chains(
                List.of(resource(SPEC.formatted("3000"))), List.of(), List.of()))
        .as("one that never began")
        .isEmpty();
    Damages.Known known = new Damages.Known(new Chain.Head(7, "a".repeat(64)), "the status");
    assertThat(TransitionChain.told(told(3))).contains(known);
  }
}
