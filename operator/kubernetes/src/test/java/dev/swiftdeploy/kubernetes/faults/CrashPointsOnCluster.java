package dev.swiftdeploy.kubernetes.faults;

import static dev.swiftdeploy.core.loop.CrashPoint.*;
import static dev.swiftdeploy.core.plan.TransitionKind.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.plan.TransitionKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The operator is killed, really, at each of its crash points in each kind of transition that
 * passes it; the next one, started as a kubelet would, reaches the same end by the same
 * transitions.
 */
class CrashPointsOnCluster {
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final int EACH_PASS = 20;

  /**
   * A way through all kinds of transitions.
   *
   * @param most so often at most the operator is killed in one transition
   * @param points where, in each of them
   */
  record Story(String name, int most, Map<TransitionKind, CrashPoint> points) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Story everywhere(CrashPoint point) {
    return new Story(
        point.name(), 1, Turn.STORY.stream().collect(Collectors.toMap(Turn::kind, turn -> point)));
  }

  static List<Story> stories() {
    return List.of(
        new Story(
            "each object's write",
            EACH_PASS,
            Map.of(
                DEPLOY, KUBERNETES_AFTER_APPLY,
                CANARY, KUBERNETES_AFTER_APPLY,
                ADVANCE, KUBERNETES_AFTER_APPLY,
                PROMOTE, KUBERNETES_AFTER_APPLY,
                CONFIGURE, KUBERNETES_AFTER_APPLY,
                ROLLBACK, KUBERNETES_AFTER_APPLY,
                TEARDOWN, KUBERNETES_AFTER_CLAIM)),
        new Story(
            "each object's deletion",
            EACH_PASS,
            Map.of(
                DEPLOY, KUBERNETES_AFTER_POLICY,
                CANARY, KUBERNETES_AFTER_RELEASE,
                ADVANCE, KUBERNETES_BEFORE_APPLY,
                PROMOTE, KUBERNETES_AFTER_DELETE,
                CONFIGURE, KUBERNETES_AFTER_LEASE,
                ROLLBACK, KUBERNETES_AFTER_DELETE,
                TEARDOWN, KUBERNETES_AFTER_DELETE)),
        new Story(
            "what people see",
            1,
            Map.of(
                DEPLOY, KUBERNETES_AFTER_CLAIM,
                CANARY, KUBERNETES_AFTER_STATUS,
                ADVANCE, KUBERNETES_AFTER_EVENT,
                PROMOTE, KUBERNETES_AFTER_STATUS,
                CONFIGURE, KUBERNETES_AFTER_STATUS,
                ROLLBACK, KUBERNETES_AFTER_CLAIM,
                TEARDOWN, KUBERNETES_BEFORE_RECORD)),
        everywhere(KUBERNETES_AFTER_RECORD),
        everywhere(LOOP_BEFORE_DECISION_RECORD),
        everywhere(LOOP_AFTER_DECISION_RECORD),
        everywhere(LOOP_BEFORE_EFFECT),
        everywhere(LOOP_AFTER_EFFECT),
        everywhere(LOOP_BEFORE_OUTCOME_RECORD),
        everywhere(LOOP_AFTER_OUTCOME_RECORD));
  }

  @Test
  void eachPointHasItsTurn() {
    assertThat(stories().stream().flatMap(story -> story.points().values().stream()))
        .containsAll(
            Arrays.stream(CrashPoint.values())
                .filter(p -> p.name().startsWith("LOOP_") || p.name().startsWith("KUBERNETES_"))
                .toList());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("stories")
  @Execution(ExecutionMode.CONCURRENT)
  void theNextOperatorReachesTheSameEnd(Story story) {
    try (WatchedShop shop = new WatchedShop();
        Killed operators = new Killed(shop)) {
      Map<TransitionKind, Integer> kills = new EnumMap<>(TransitionKind.class);
      for (Turn turn : Turn.STORY) {
        CrashPoint point = story.points().get(turn.kind());
        kills.put(turn.kind(), operators.through(turn, point, once(point) ? 1 : story.most()));
      }

      System.err.println(story + ": killed " + kills);
      shop.obeyed(Turn.kinds());
    }
  }

  /** At those a kill leaves no trace: at each pass, and it would never get on. */
  private static boolean once(CrashPoint point) {
    return point == KUBERNETES_BEFORE_APPLY
        || point == KUBERNETES_AFTER_LEASE
        || point == KUBERNETES_AFTER_POLICY;
  }

  /** An operator that is killed at one point, and the ones that follow it. */
  private static final class Killed implements AutoCloseable {
    private final WatchedShop shop;
    private OperatorJvm operator;

    Killed(WatchedShop shop) {
      this.shop = shop;
      this.operator = start(Optional.empty());
    }

    /** As a container that is started again in its pod: it is the same, and has the lease still. */
    private OperatorJvm start(Optional<OperatorJvm.Order> order) {
      return OperatorJvm.start(shop.cluster.namespace(), "operator", LEASE, order);
    }

    /**
     * How often it was killed; at least once. Each time it gets on a little, and so is waited anew.
     */
    int through(Turn turn, CrashPoint point, int most) {
      OperatorJvm.Order order = new OperatorJvm.Order("KILL", point, 1);
      if (!operator.order(order)) {
        operator.exit();
        operator = start(Optional.of(order)); // killed when the last turn was over
      }
      turn.asked().accept(shop);
      for (int kills = 0; ; kills++) {
        boolean killed = kills > 0;
        await(point + " in " + turn.kind() + ", killed " + kills + " times")
            .atMost(WatchedShop.PATIENCE)
            .pollInterval(Duration.ofMillis(50))
            .until(() -> !operator.runs() || (killed && turn.over(shop)));
        if (operator.runs()) {
          return kills;
        }
        assertThat(operator.exit()).as("killed").isEqualTo(137);
        operator = start(kills + 1 < most ? Optional.of(order) : Optional.empty());
      }
    }

    @Override
    public void close() {
      operator.close();
    }
  }
}
