package dev.swiftdeploy.kubernetes.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.plan.TransitionKind;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Two operators, each a process of its own: the one that leads is killed, or stopped and woken, in
 * the middle of each kind of transition, and the one that waits takes over.
 */
@Execution(ExecutionMode.CONCURRENT)
class SecondReplicaOnCluster {
  private static final Duration LEASE = Duration.ofSeconds(8);

  /** Two replicas, and who leads. */
  private static final class Replicas implements AutoCloseable {
    private final WatchedShop shop = new WatchedShop();
    private final List<OperatorJvm> all = new ArrayList<>();
    private OperatorJvm leader;
    private OperatorJvm other;

    Replicas() {
      leader = start();
      awaitLeader();
      other = start();
    }

    private OperatorJvm start() {
      OperatorJvm made =
          OperatorJvm.start(
              shop.cluster.namespace(), "operator-" + all.size(), LEASE, Optional.empty());
      all.add(made);
      return made;
    }

    private void awaitLeader() {
      await(leader.identity() + " leads")
          .atMost(WatchedShop.PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .until(
              () ->
                  shop
                      .cluster
                      .client()
                      .leases()
                      .inNamespace(shop.cluster.namespace())
                      .list()
                      .getItems()
                      .stream()
                      .anyMatch(l -> leader.identity().equals(l.getSpec().getHolderIdentity())));
    }

    /** The leader gets the signal at that point of what is asked. */
    OperatorJvm lost(String signal, CrashPoint point, int pass, Runnable asked) {
      OperatorJvm lost = leader;
      assertThat(lost.order(new OperatorJvm.Order(signal, point, pass))).isTrue();
      asked.run();
      await(lost.identity() + " gets " + signal + " at " + point)
          .atMost(WatchedShop.PATIENCE)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !lost.runs() || lost.stopped());
      leader = other;
      awaitLeader();
      return lost;
    }

    void woken(OperatorJvm lost) {
      lost.signal("CONT");
      assertThat(lost.exit()).as("who can't lead any more ends").isEqualTo(1);
    }

    void another() {
      other = start();
    }

    void awaitEnd(Turn turn) {
      await(turn.kind() + " is over")
          .atMost(WatchedShop.PATIENCE)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> turn.over(shop));
      shop.cluster.awaitCollected();
    }

    /** All that an operator writes, by version, but for events. */
    String written() {
      return shop.kubectl(
              "get",
              "sd,tr,controllerrevisions",
              "-o",
              "jsonpath={range .items[*]}{.kind}/{.metadata.name}@{.metadata.resourceVersion} {end}")
          + shop.cluster.versions();
    }

    @Override
    public void close() {
      all.forEach(OperatorJvm::close);
      shop.close();
    }
  }

  /** In the middle: something of it is done, and something is not. */
  private static CrashPoint middle(TransitionKind kind) {
    return kind == TransitionKind.TEARDOWN
        ? CrashPoint.KUBERNETES_AFTER_DELETE
        : CrashPoint.KUBERNETES_AFTER_APPLY;
  }

  @Test
  void aLeaderThatIsKilledIsFollowedByTheOther() {
    try (Replicas replicas = new Replicas()) {
      for (Turn turn : Turn.STORY) {
        replicas.lost("KILL", middle(turn.kind()), 1, () -> turn.asked().accept(replicas.shop));
        replicas.awaitEnd(turn);
        replicas.another();
      }

      replicas.shop.obeyed(Turn.kinds());
    }
  }

  @Test
  void aLeaderThatIsStoppedAndWokenChangesNothingMore() {
    try (Replicas replicas = new Replicas()) {
      for (Turn turn : Turn.STORY) {
        OperatorJvm lost =
            replicas.lost("STOP", middle(turn.kind()), 1, () -> turn.asked().accept(replicas.shop));
        replicas.awaitEnd(turn);
        String before = replicas.written();
        replicas.woken(lost);
        assertThat(replicas.written()).as("after " + turn.kind()).isEqualTo(before);
        replicas.another();
      }

      replicas.shop.obeyed(Turn.kinds());
    }
  }

  /** A record whose creation was on its way when its writer was stopped loses to the next one's. */
  @Test
  void aLateRecordIsNone() {
    try (Replicas replicas = new Replicas()) {
      WatchedShop shop = replicas.shop;
      shop.declare("1.0.0");
      shop.awaitServing("1.0.0");

      OperatorJvm lost =
          replicas.lost(
              "STOP", CrashPoint.KUBERNETES_BEFORE_RECORD, 1, () -> shop.declare("2.0.0"));
      shop.awaitServing("2.0.0");
      replicas.woken(lost);

      shop.obeyed(
          TransitionKind.DEPLOY,
          TransitionKind.CANARY,
          TransitionKind.ADVANCE,
          TransitionKind.PROMOTE);
    }
  }

  /**
   * A late object comes about, as nothing tells it from one in time; it is not wanted, and goes.
   * Whether the request of who was stopped is still sent when it wakes depends on how long it
   * stood; so what it would bring about is applied here once more.
   */
  @Test
  void aLateObjectIsRemoved() {
    try (Replicas replicas = new Replicas()) {
      WatchedShop shop = replicas.shop;
      shop.declare("1.0.0");
      shop.awaitServing("1.0.0");

      OperatorJvm lost =
          replicas.lost("STOP", CrashPoint.KUBERNETES_BEFORE_APPLY, 1, () -> shop.declare("2.0.0"));
      shop.awaitServing("2.0.0");
      shop.cluster.awaitCollected();
      List<String> before = shop.cluster.names();
      List<Deployment> late =
          await("that of the release before and the canary's to be gone")
              .atMost(WatchedShop.PATIENCE)
              .until(shop.history::goneDeployments, gone -> gone.size() == 2);
      replicas.woken(lost);
      late.forEach(deployment -> applied(shop, deployment));

      await("only what is admitted is there")
          .atMost(WatchedShop.PATIENCE)
          .during(Duration.ofSeconds(2))
          .until(() -> shop.settled() && shop.cluster.names().equals(before));
      assertThat(WatchedShop.admitted(shop.chain())).hasSize(4);
      assertThat(shop.chain())
          .extracting(AuditRecord::entry)
          .anyMatch(Entry.Repaired.class::isInstance);
    }
  }

  /** Sent as an operator sends it that does not know the object yet. */
  private static void applied(WatchedShop shop, Deployment gone) {
    Deployment again =
        new DeploymentBuilder()
            .withNewMetadata()
            .withNamespace(gone.getMetadata().getNamespace())
            .withName(gone.getMetadata().getName())
            .withLabels(gone.getMetadata().getLabels())
            .withAnnotations(gone.getMetadata().getAnnotations())
            .withOwnerReferences(gone.getMetadata().getOwnerReferences())
            .endMetadata()
            .withSpec(gone.getSpec())
            .build();
    shop.cluster
        .client()
        .resource(again)
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("swiftdeploy")
                .withForce(false)
                .build());
  }
}
