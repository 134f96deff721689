package dev.swiftdeploy.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class QuantilesTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  @TestFactory
  Stream<DynamicTest> theyAreThoseOfPrometheus() {
    return Golden.cases("quantiles.json").stream()
        .map(c -> DynamicTest.dynamicTest(c.get("name").textValue(), () -> same(c)));
  }

  private static void same(JsonNode c) {
    TreeMap<Double, Double> buckets = new TreeMap<>();
    c.get("buckets").forEach(b -> buckets.put(Golden.number(b.get(0)), Golden.number(b.get(1))));
    Quantiles quantiles = new Quantiles(buckets);

    assertThat(c.get("want").properties()).hasSize(8);
    c.get("want")
        .properties()
        .forEach(
            want -> {
              double expected = Golden.number(want.getValue());
              double is = quantiles.at(Double.parseDouble(want.getKey())).seconds();
              if (want.getKey().equals("0")) {
                // Rank 0 lies in the first bucket even if it is empty, which is 0/0. Not asked for.
                return;
              }
              assertThat(is).as("q " + want.getKey()).isEqualTo(expected, within(ulps(expected)));
            });
  }

  private static double ulps(double of) {
    return Double.isFinite(of) ? 4 * Math.ulp(of) : 0;
  }

  @Test
  void theLastBucketIsTold() {
    Quantiles quantiles = quantiles(Map.of(0.1, 90.0, 0.5, 98.0, INF, 100.0));

    assertThat(quantiles.at(0.95)).isEqualTo(new Quantiles.Quantile(0.1 + 0.4 * 5 / 8, false));
    assertThat(quantiles.at(0.98).inLastBucket()).isFalse();
    assertThat(quantiles.at(0.99)).isEqualTo(new Quantiles.Quantile(0.5, true));
  }

  @Test
  void aHighestFiniteBoundThatHoldsAllIsNotTheLastBucket() {
    assertThat(quantiles(Map.of(0.5, 100.0, INF, 100.0)).at(0.99))
        .isEqualTo(new Quantiles.Quantile(0.495, false));
  }

  @Test
  void nothingObservedIsNothingKnown() {
    assertThat(quantiles(Map.of()).at(0.5)).isEqualTo(Quantiles.Quantile.NONE);
    assertThat(quantiles(Map.of(0.5, 0.0, INF, 0.0)).at(0.5)).isEqualTo(Quantiles.Quantile.NONE);
    assertThat(quantiles(Map.of(INF, 7.0)).at(0.5)).isEqualTo(Quantiles.Quantile.NONE);
    assertThat(quantiles(Map.of(0.1, 1.0, 0.5, 2.0)).at(0.5)).isEqualTo(Quantiles.Quantile.NONE);
  }

  private static Quantiles quantiles(Map<Double, Double> cumulative) {
    return new Quantiles(new TreeMap<>(cumulative));
  }
}
