package dev.swiftdeploy.core.evidence;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;

/** How many observations a histogram took in a span of time: cumulative, up to each bound. */
final class Buckets {
  static final Buckets NONE = new Buckets(new double[0], new double[0]);

  /** Ascending, in seconds. */
  private final double[] bounds;

  private final double[] counts;

  private Buckets(double[] bounds, double[] counts) {
    this.bounds = bounds;
    this.counts = counts;
  }

  /**
   * By bound.
   *
   * @param like its bounds are shared where they are the same: they rarely change
   */
  static Buckets of(SortedMap<Double, Double> cumulative, Buckets like) {
    double[] bounds = array(cumulative.keySet());
    return new Buckets(
        Arrays.equals(bounds, like.bounds) ? like.bounds : bounds, array(cumulative.values()));
  }

  private static double[] array(Collection<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  void addTo(Map<Double, Double> sum) {
    for (int i = 0; i < bounds.length; i++) {
      sum.merge(bounds[i], counts[i], Double::sum);
    }
  }
}
