package dev.swiftdeploy.core.evidence;

import java.util.SortedMap;
import java.util.TreeMap;

/** Names a time series: a metric and its labels, in whatever order they were written. */
public record Series(String metric, SortedMap<String, String> labels) {
  public Series {
    labels = new TreeMap<>(labels);
  }

  /** A label's value; empty where there is no such label, which to Prometheus is the same. */
  String label(String name) {
    return labels.getOrDefault(name, "");
  }
}
