package dev.swiftdeploy.kubernetes.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import dev.swiftdeploy.kubernetes.operator.Operators;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A namespace's quota is used up: of records, of kept releases, of pods. */
@Execution(ExecutionMode.CONCURRENT)
class QuotaOnCluster {
  /** What a quota counts, and an object that it counts. */
  private enum Counted {
    RECORDS("count/transitions.swiftdeploy.dev", Cluster.RECORD),
    RELEASES(
        "count/controllerrevisions.apps",
        "{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: probe}, revision: 1, data: {}}"),
    PODS("pods", Cluster.POD);

    private final String resource;
    private final String probe;

    Counted(String resource, String probe) {
      this.resource = resource;
      this.probe = probe;
    }
  }

  private WatchedShop shop;
  private OperatorProcess operator;

  @BeforeEach
  void start() {
    shop = new WatchedShop();
    operator =
        Operators.start(
            shop.cluster.namespace(),
            new EmbeddedPolicyEngine(
                Path.of("../../policies"),
                EmbeddedPolicyEngine.Options.DEFAULTS.withCache(
                    Path.of("target", "policy-cache").toAbsolutePath())));
  }

  @AfterEach
  void stop() {
    operator.close();
    shop.close();
  }

  private static void until(String what, BooleanSupplier condition) {
    await(what)
        .atMost(WatchedShop.PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(condition::getAsBoolean);
  }

  private void used(Counted what) {
    shop.kubectl("create", "quota", "full", "--hard=" + what.resource + "=0");
    shop.cluster.awaitFull(what.probe);
  }

  private void room() {
    shop.kubectl("delete", "quota", "full");
  }

  private String workloads() {
    return shop.kubectl(
        "get", "deploy", "-l", "app.kubernetes.io/component=workload", "-o", "name");
  }

  private boolean logged(String what) {
    return shop.kubectl("get", "events", "-o", "jsonpath={.items[*].message}").contains(what);
  }

  @Test
  void withoutRoomForARecordThereIsNoTransition() {
    shop.declare("1.0.0");
    shop.awaitServing("1.0.0");
    String serving = workloads();
    used(Counted.RECORDS);
    int records = shop.history.records().size();

    shop.declare("2.0.0");
    until("it is told", () -> logged("no record, no transition"));
    assertThat(workloads()).isEqualTo(serving);
    assertThat(shop.history.records()).hasSize(records);

    room();

    shop.awaitServing("2.0.0");
    shop.obeyed(
        TransitionKind.DEPLOY,
        TransitionKind.CANARY,
        TransitionKind.ADVANCE,
        TransitionKind.PROMOTE);
  }

  @Test
  void aGrantedRetreatAndARepairRestOnAnEarlierRecord() {
    shop.declare("1.0.0");
    shop.awaitServing("1.0.0");
    shop.mode = "canary";
    shop.hold = "3600s";
    shop.declare("2.0.0");
    until(
        "the candidate", () -> shop.serves("1.0.0", "2.0.0") && shop.history.ended("canary") == 1);
    used(Counted.RECORDS);

    shop.mode = "stable";
    shop.declare("1.0.0");
    until("the retreat", () -> !workloads().contains("canary-"));
    assertThat(logged("the retreat can't be recorded")).isTrue();
    shop.kubectl("delete", "deploy,svc", "-l", "app.kubernetes.io/component=workload");
    until("the repair", () -> workloads().contains("stable-"));
    shop.ask("retry", "while it is full");
    until("a request waits", () -> logged("a request can't be recorded yet"));
    shop.kubectl("delete", "deploy", "-l", "app.kubernetes.io/component=workload");
    until("and holds up no repair", () -> workloads().contains("stable-"));
    assertThat(shop.history.ended("rollback")).isZero();

    room();

    until("the retreat is on record", () -> shop.history.ended("rollback") == 1);
    shop.awaitServing("1.0.0");
    until(
        "the request is used up",
        () -> !shop.kubectl("get", "sd", "shop", "-o", "yaml").contains("while it is full"));
    assertThat(WatchedShop.admitted(shop.chain()).stream().map(d -> d.transition().kind()))
        .containsExactly(TransitionKind.DEPLOY, TransitionKind.CANARY, TransitionKind.ROLLBACK);
  }

  @Test
  void aReleaseThatCanNotBeKeptIsNotAdmitted() {
    used(Counted.RELEASES);

    shop.declare("1.0.0");
    until("it says why", () -> shop.told().contains("exceeded quota"));
    assertThat(shop.history.owned()).isEmpty();
    assertThat(shop.history.ended("deploy")).isZero();

    room();

    shop.awaitServing("1.0.0");
    shop.obeyed(TransitionKind.DEPLOY);
  }

  @Test
  void podsThatTheQuotaForbidsAreToldAndRetreatedFrom() {
    shop.declare("1.0.0");
    shop.awaitServing("1.0.0");
    used(Counted.PODS);

    // Within that time the Deployment has to tell of it: that it has no pod would be told else.
    shop.more = ", health: {deadline: 20s}";
    shop.declare("2.0.0");
    until("why", () -> shop.told().contains("exceeded quota"));
    until(
        "the retreat",
        () -> shop.condition("Stalled").equals("True") && !workloads().contains("canary-"));
    assertThat(shop.serves("1.0.0", "")).isTrue();

    room();
    shop.ask("retry", "there is room again");

    shop.awaitServing("2.0.0");
    assertThat(shop.history.broken()).isEmpty();
  }
}
