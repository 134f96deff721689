package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
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
   * Of a canary of two steps: three transitions. It takes 26, three statuses among them. A status
   * is told once more for every 5 s that something takes on a machine that is short of time.
   */
  private static final int MOST_PER_ROLLOUT = 27;

  private static final Duration USUAL = Duration.ofSeconds(20);
  private static final Duration TOLD_AGAIN = Duration.ofSeconds(5);

  private static final String CANARY = "steps: [{weight: 20, hold: 3s}, {weight: 100}]";
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

  @Test
  void aRolloutCostsFewRequestsAndRestNone() {
    shop.declare("1.0.0", CANARY);
    shop.awaitServing("1.0.0");
    Map<String, Integer> before = requests();

    Instant began = Instant.now();
    shop.declare("2.0.0", CANARY);
    shop.awaitServing("2.0.0");

    Map<String, Integer> rollout = since(before, requests());
    Duration took = Duration.between(began, Instant.now());
    System.err.println("requests of a rollout: " + sum(rollout) + " in " + took + " " + rollout);
    long late = took.compareTo(USUAL) < 0 ? 0 : took.minus(USUAL).dividedBy(TOLD_AGAIN) + 1;
    assertThat(sum(rollout))
        .as(rollout.toString())
        .isLessThanOrEqualTo(MOST_PER_ROLLOUT + (int) late);

    Map<String, Integer> settled = requests();
    assertThat(shop.operator.metrics().text())
        .as("all that is needed is allowed")
        .doesNotContain("\"403\"");
    await("rest").during(REST).atMost(REST.plusSeconds(5)).until(() -> requests().equals(settled));

    shop.cluster.kubectl("delete", "sd", "shop", "--wait=false");
    await("the teardown")
        .atMost(Duration.ofSeconds(60))
        .until(() -> shop.cluster.kubectl("get", "sd", "shop").exit() != 0);
    assertThat(shop.operator.metrics().text()).doesNotContain("\"403\"");
  }
}
