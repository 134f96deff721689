package dev.swiftdeploy.core.evidence;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Quantiles of a classic histogram, as Prometheus's {@code histogram_quantile} computes them
 * (promql/quantile.go, BucketQuantile, of 3.x): linear within the bucket that the rank falls into;
 * in the last bucket the answer is the highest finite bound, and says so. Counts that are lower
 * than that of a bucket below are taken to be as high; differences that a sum of doubles can make
 * by itself are none.
 */
final class Quantiles {
  /**
   * A quantile.
   *
   * @param seconds NaN where there is none: no observation, no {@code +Inf} bucket, or no other
   * @param inLastBucket the true value is at least this, and how much more is not known
   */
  record Quantile(double seconds, boolean inLastBucket) {
    static final Quantile NONE = new Quantile(Double.NaN, false);
  }

  /** Relative, as in Prometheus. */
  private static final double SMALL_DELTA = 1e-12;

  private final List<Map.Entry<Double, Double>> buckets;

  /** Cumulative counts by upper bound. */
  Quantiles(SortedMap<Double, Double> cumulative) {
    TreeMap<Double, Double> monotonic = new TreeMap<>();
    double most = 0;
    for (Map.Entry<Double, Double> bucket : cumulative.entrySet()) {
      double count = bucket.getValue();
      most = count - most > SMALL_DELTA * (count + most) ? count : most;
      monotonic.put(bucket.getKey(), most);
    }
    this.buckets = List.copyOf(monotonic.entrySet());
  }

  double observations() {
    return buckets.isEmpty() ? 0 : buckets.get(buckets.size() - 1).getValue();
  }

  Quantile at(double q) {
    int last = buckets.size() - 1;
    if (last < 1 || !buckets.get(last).getKey().isInfinite() || observations() == 0) {
      return Quantile.NONE;
    }
    double rank = q * observations();
    int b = 0;
    while (b < last && buckets.get(b).getValue() < rank) {
      b++;
    }
    if (b == last) {
      return new Quantile(buckets.get(last - 1).getKey(), true);
    }
    double upper = buckets.get(b).getKey();
    if (b == 0 && upper <= 0) {
      return new Quantile(upper, false);
    }
    double lower = b == 0 ? 0 : buckets.get(b - 1).getKey();
    double before = b == 0 ? 0 : buckets.get(b - 1).getValue();
    double within = buckets.get(b).getValue() - before;
    return new Quantile(lower + (upper - lower) * ((rank - before) / within), false);
  }
}
