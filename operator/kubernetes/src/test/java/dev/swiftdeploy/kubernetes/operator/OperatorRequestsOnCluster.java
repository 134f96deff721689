package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.kubernetes.platform.ClusterHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
   * Of a canary of two steps: three transitions. It takes 26, three statuses among them. On a
   * machine that is short of time a status is told once more for every 5 s that something takes,
   * and while a transition is on its way; and a write to what a controller has written meanwhile,
   * before a watch has shown that, is refused, and done again after a look.
   */
  private static final int MOST_PER_ROLLOUT = 27;

  private static final Duration USUAL = Duration.ofSeconds(20);
  private static final Duration TOLD_AGAIN = Duration.ofSeconds(5);

  private static final String CANARY = "steps: [{weight: 20, hold: 3s}, {weight: 100}]";
  private static final int REFUSED_AND_LOOKED = 2;
  private static final Duration REST = Duration.ofSeconds(12);

  private Shop shop;

  @BeforeEach
  void start() {
    shop = new Shop(OperatorAccount::install);
  }

  @AfterEach
  void stop() {
    shop.close();
  }

  /** All but the lease, which has a price of its own, whatever is delivered. */
  private Map<String, Integer> requests() {
    Map<String, Integer> counted = new TreeMap<>();
    Arrays.stream(shop.operator.metrics().text().split("\n"))
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

  /**
   * Since the last one that long has passed: what is seen in the cluster may not be counted yet.
   */
  private Map<String, Integer> atRest(Duration quiet) {
    List<Map<String, Integer>> seen = new ArrayList<>(List.of(requests()));
    Instant[] since = {Instant.now()};
    await("rest")
        .atMost(quiet.plusSeconds(18))
        .until(
            () -> {
              Map<String, Integer> now = requests();
              if (!now.equals(seen.get(0))) {
                seen.set(0, now);
                since[0] = Instant.now();
              }
              return Instant.now().isAfter(since[0].plus(quiet));
            });
    return seen.get(0);
  }

  private static int refused(Map<String, Integer> counted) {
    return counted.entrySet().stream()
        .filter(entry -> entry.getKey().contains("code=\"409\""))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  @Test
  void aRolloutCostsFewRequestsAndRestNone() {
    try (ClusterHistory history =
        new ClusterHistory(shop.cluster.client(), shop.cluster.namespace(), "shop")) {
      shop.declare("1.0.0", CANARY);
      shop.awaitServing("1.0.0");
      rollOut(history);
    }

    shop.cluster.kubectl("delete", "sd", "shop", "--wait=false");
    await("the teardown")
        .atMost(Shop.PATIENCE)
        .until(() -> shop.cluster.kubectl("get", "sd", "shop").exit() != 0);
    assertThat(shop.operator.metrics().text()).doesNotContain("\"403\"");
  }

  private void rollOut(ClusterHistory history) {
    Map<String, Integer> before = atRest(Duration.ofSeconds(2));
    Instant began = Instant.now();
    shop.declare("2.0.0", CANARY);
    shop.awaitServing("2.0.0");
    Duration took = Duration.between(began, Instant.now());

    Map<String, Integer> rollout = since(before, atRest(REST));
    int onTheWay =
        (int)
            history.versions().stream()
                .filter(r -> r.getSpec().services().version().equals("2.0.0"))
                .filter(r -> r.getStatus() != null && r.getStatus().underWay() != null)
                .count();
    String counted =
        "%d in %s, %d of them statuses on the way %s"
            .formatted(sum(rollout), took, onTheWay, rollout);
    System.err.println("requests of a rollout: " + counted);
    long late = took.compareTo(USUAL) < 0 ? 0 : took.minus(USUAL).dividedBy(TOLD_AGAIN) + 1;
    assertThat(sum(rollout) - onTheWay - REFUSED_AND_LOOKED * refused(rollout))
        .as(counted)
        .isLessThanOrEqualTo(MOST_PER_ROLLOUT + (int) late);
    assertThat(shop.operator.metrics().text())
        .as("all that is needed is allowed")
        .doesNotContain("\"403\"");
  }
}
