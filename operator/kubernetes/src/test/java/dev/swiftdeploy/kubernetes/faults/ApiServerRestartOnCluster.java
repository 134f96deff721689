package dev.swiftdeploy.kubernetes.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.plan.TransitionKind;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The API server is killed and started again in the middle of transitions. */
class ApiServerRestartOnCluster {
  private static final Duration LEASE = Duration.ofSeconds(15);

  private static void part(String what) throws Exception {
    Process process =
        new ProcessBuilder("../../hack/cluster", "part", what, "kube-apiserver")
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void allGoesOnWhenItIsBack() throws Exception {
    try (WatchedShop shop = new WatchedShop()) {
      OperatorJvm operator = start(shop);
      try {
        for (Turn turn : Turn.STORY) {
          if (turn.kind() == TransitionKind.CANARY || turn.kind() == TransitionKind.PROMOTE) {
            assertThat(
                    operator.order(
                        new OperatorJvm.Order("STOP", CrashPoint.KUBERNETES_AFTER_APPLY, 1)))
                .isTrue();
            turn.asked().accept(shop);
            OperatorJvm present = operator;
            await("the middle of it").atMost(WatchedShop.PATIENCE).until(present::stopped);
            part("kill");
            operator.signal("CONT");
            part("start");
          } else {
            turn.asked().accept(shop);
          }
          OperatorJvm[] now = {operator};
          await(turn.kind() + " is over")
              .atMost(WatchedShop.PATIENCE)
              .pollInterval(Duration.ofMillis(100))
              .until(
                  () -> {
                    if (!now[0].runs()) { // it could not renew its lease
                      assertThat(now[0].exit()).isEqualTo(1);
                      now[0] = start(shop);
                    }
                    return turn.over(shop);
                  });
          operator = now[0];
        }
      } finally {
        operator.close();
      }
      assertThat(WatchedShop.admitted(shop.chain()).stream().map(d -> d.transition().kind()))
          .containsExactly(Turn.kinds());
    }
  }

  private static OperatorJvm start(WatchedShop shop) {
    return OperatorJvm.start(shop.cluster.namespace(), "operator", LEASE, Optional.empty());
  }
}
