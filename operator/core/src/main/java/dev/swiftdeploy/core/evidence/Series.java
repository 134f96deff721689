package dev.swiftdeploy.core.evidence;

import java.util.SortedMap;
import java.util.TreeMap;

/** Names a time series: a metric and its labels. */
public record Series(String metric, SortedMap<String, String> labels) {
  public Series {
    labels = new TreeMap<>(labels);
  }

  String label(String name) {
    return labels.getOrDefault(name, "");
  }

  /** The same series without that label. */
  Series without(String name) {
    SortedMap<String, String> rest = new TreeMap<>(labels);
    rest.remove(name);
    return new Series(metric, rest);
  }
}
