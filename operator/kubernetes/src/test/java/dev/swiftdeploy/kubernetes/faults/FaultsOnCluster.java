package dev.swiftdeploy.kubernetes.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.ForeignOpaEngine;
import dev.swiftdeploy.adapters.policy.OpaConnection;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import dev.swiftdeploy.kubernetes.operator.Operators;
import io.fabric8.kubernetes.client.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What goes wrong around an operator, on a real API server: its wire, other writers, resources. */
@Execution(ExecutionMode.CONCURRENT)
class FaultsOnCluster {
  private static final TransitionKind[] ROLLOUT = {
    TransitionKind.DEPLOY, TransitionKind.CANARY, TransitionKind.ADVANCE, TransitionKind.PROMOTE
  };

  /** Long enough to say a word in between. */
  private static final Duration BETWEEN_CUTS = Duration.ofSeconds(1);

  /** So often another writer writes: somebody who never rests gets the candidate rolled back. */
  private static final int TURNS = 30;

  private WatchedShop shop;
  private OperatorProcess operator;

  @BeforeEach
  void start() {
    shop = new WatchedShop();
  }

  @AfterEach
  void stop() {
    if (operator != null) {
      operator.close();
    }
    shop.close();
  }

  private static PolicyEngine policy() {
    return new EmbeddedPolicyEngine(
        Path.of("../../policies"),
        EmbeddedPolicyEngine.Options.DEFAULTS.withCache(
            Path.of("target", "policy-cache").toAbsolutePath()));
  }

  private void operate() {
    operator = Operators.start(shop.cluster.namespace(), policy());
  }

  private static void until(String what, BooleanSupplier condition) {
    await(what)
        .atMost(WatchedShop.PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(condition::getAsBoolean);
  }

  private static void ended(OperatorProcess operator) {
    try {
      operator.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serving(String version) {
    shop.declare(version);
    shop.awaitServing(version);
  }

  @Test
  void aWireThatIsCutAgainAndAgainChangesNoEnd() {
    Config config = ApiClients.config(Optional.empty());
    try (Wire wire = new Wire(config.getMasterUrl())) {
      config.setMasterUrl(wire.url());
      operator = Operators.start(shop.cluster.namespace(), policy(), config);
      serving("1.0.0");

      shop.declare("2.0.0");
      await("2.0.0")
          .atMost(WatchedShop.PATIENCE)
          .pollInterval(BETWEEN_CUTS)
          .until(
              () -> {
                wire.cut();
                return shop.settled() && shop.serves("2.0.0", "");
              });

      shop.obeyed(ROLLOUT);
    }
  }

  /** Nothing comes through, and nothing tells: the watches, too, show nothing new. */
  @Test
  void aWireThatFallsSilentChangesNoEnd() {
    Config config = ApiClients.config(Optional.empty());
    try (Wire wire = new Wire(config.getMasterUrl())) {
      config.setMasterUrl(wire.url());
      operator = Operators.start(shop.cluster.namespace(), policy(), config);
      serving("1.0.0");

      shop.declare("2.0.0");
      until("the candidate", () -> shop.serves("1.0.0", "2.0.0"));
      CompletableFuture<Void> end = CompletableFuture.runAsync(() -> ended(operator));
      wire.silence();
      until("2.0.0, or a lost lease", () -> end.isDone() || shop.serves("2.0.0", ""));
      if (end.isDone()) { // it could not renew its lease: a kubelet starts it again
        operator.close();
        operator = Operators.start(shop.cluster.namespace(), policy(), config);
      }
      shop.awaitServing("2.0.0");

      shop.obeyed(ROLLOUT);
    }
  }

  @Test
  void whatAnotherWriterChangesIsRestoredAndHoldsNothingUp() {
    operate();
    serving("1.0.0");

    shop.declare("2.0.0");
    for (int turn = 1; turn <= TURNS; turn++) {
      shop.kubectl("annotate", "deploy", "--all", "--overwrite", "somebody.else/turn=" + turn);
      if (turn % 5 == 0) {
        shop.kubectl("scale", "deploy", "--all", "--replicas=" + turn / 5 % 3);
      }
    }
    shop.awaitServing("2.0.0");

    assertThat(WatchedShop.admitted(shop.chain()).stream().map(d -> d.transition().kind()))
        .containsExactly(ROLLOUT);
    until(
        "as many as were admitted",
        () ->
            shop.kubectl("get", "deploy", "-o", "jsonpath={.items[*].spec.replicas}")
                .equals("1 1"));
  }

  @Test
  void aStatusThatAnotherWriterWritesIsWrittenOver() {
    operate();
    serving("1.0.0");

    shop.kubectl(
        "patch",
        "sd",
        "shop",
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\": {\"version\": \"6.6.6\", \"stable\": {\"version\": \"6.6.6\"}}}");
    until(
        "it shows, or has shown",
        () ->
            shop.history.versions().stream()
                .anyMatch(r -> String.valueOf(r.getStatus()).contains("6.6.6")));

    until("the truth", () -> shop.settled() && !shop.told().contains("6.6.6"));
    shop.obeyed(TransitionKind.DEPLOY);
  }

  /** Its name is taken by somebody's own Service, so that its proxy can have none. */
  @Test
  void aResourceThatCanNotWorkHoldsNoOtherUp() {
    shop.kubectl("create", "service", "clusterip", "kiosk", "--tcp=80");
    String taken = shop.kubectl("get", "service", "kiosk", "-o", "jsonpath={.metadata}{.spec}");
    operate();
    Cluster.Ran declared =
        shop.cluster.kubectlWith(
            """
            apiVersion: swiftdeploy.dev/v1alpha1
            kind: SwiftDeploy
            metadata: {name: kiosk}
            spec: {services: {image: "%s", version: "1.0.0", port: %d}}
            """
                .formatted(WatchedShop.IMAGE, shop.service.port()),
            "apply",
            "-f",
            "-");
    assertThat(declared.exit()).as(declared.output()).isZero();
    until(
        "it says why",
        () -> shop.kubectl("get", "sd", "kiosk", "-o", "yaml").contains("conflict with"));

    serving("1.0.0");
    serving("2.0.0");

    assertThat(shop.kubectl("get", "service", "kiosk", "-o", "jsonpath={.metadata}{.spec}"))
        .as("what is somebody else's")
        .isEqualTo(taken);
    shop.obeyed(ROLLOUT);
  }

  @Test
  void madeAgainUnderItsNameItIsAnotherResource() {
    operate();
    serving("1.0.0");
    String uid = shop.history.records().get(0).getSpec().uid();

    shop.delete();
    until("gone", () -> shop.history.resource().isEmpty());
    serving("1.0.0");

    assertThat(shop.history.resource().orElseThrow().getMetadata().getUid()).isNotEqualTo(uid);
    assertThat(
            shop.history.records().stream()
                .map(t -> t.getSpec())
                .filter(r -> r.uid().equals(uid))
                .reduce((first, last) -> last)
                .orElseThrow()
                .type())
        .as("the audit of the first ends with its teardown")
        .isEqualTo("applied");
  }

  /** Somebody took the finalizer away: its objects go when the garbage collector comes by. */
  @Test
  void madeAgainWhileTheFirstOnesObjectsAreStillThereItServes() {
    operate();
    serving("1.0.0");
    operator.close();

    shop.kubectl(
        "patch",
        "sd",
        "shop",
        "--type=json",
        "-p",
        "[{\"op\": \"remove\", \"path\": \"/metadata/finalizers\"}]");
    shop.kubectl("delete", "sd", "shop", "--wait=true");
    shop.declare("1.0.0");
    operate();
    shop.awaitServing("1.0.0");
    operator.close();

    operate();
    shop.kubectl("scale", "deploy", "--all", "--replicas=0");
    until(
        "the next operator knows the release",
        () ->
            shop.kubectl("get", "deploy", "-o", "jsonpath={.items[*].spec.replicas}")
                .equals("1 1"));
    shop.awaitServing("1.0.0");
  }

  @Test
  void anImageThatDoesNotExistIsToldAndRetreatedFrom() {
    operate();
    serving("1.0.0");

    // Within that time there has to be a pod: that there is none would be told else.
    shop.more = ", health: {deadline: 20s}, env: [{name: FAKE, value: unpullable}]";
    shop.declare("2.0.0");

    until("why", () -> shop.told().contains("ErrImagePull"));
    until(
        "the retreat", () -> shop.condition("Stalled").equals("True") && shop.serves("1.0.0", ""));
    assertThat(shop.told()).contains("no such image");
    assertThat(shop.history.broken()).isEmpty();
  }

  @Test
  void aNamespaceThatGoesIsNotHeldUpByPolicyThatIsDown() {
    AtomicReference<PolicyEngine> engine = new AtomicReference<>(policy());
    operator = Operators.start(shop.cluster.namespace(), new Exchanged(engine));
    serving("1.0.0");
    shop.mode = "canary";
    shop.declare("2.0.0");
    until("the candidate", () -> shop.serves("1.0.0", "2.0.0"));
    engine.getAndSet(new ForeignOpaEngine(OpaConnection.to("http://127.0.0.1:1"))).close();
    until("policy's silence", () -> shop.told().contains("Unavailable"));

    shop.kubectl("delete", "namespace", shop.cluster.namespace(), "--wait=false");

    until(
        "its end",
        () -> shop.cluster.kubectl("get", "namespace", shop.cluster.namespace()).exit() != 0);
  }

  /** An engine in whose place another one can be put. */
  private record Exchanged(AtomicReference<PolicyEngine> engine) implements PolicyEngine {
    @Override
    public String name() {
      return engine.get().name();
    }

    @Override
    public PolicyRevision revision() {
      return engine.get().revision();
    }

    @Override
    public Answer evaluate(String decisionId, ObjectNode input) {
      return engine.get().evaluate(decisionId, input);
    }

    @Override
    public void close() {
      engine.get().close();
    }
  }
}
