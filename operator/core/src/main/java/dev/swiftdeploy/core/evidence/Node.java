package dev.swiftdeploy.core.evidence;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One node of a cluster.
 *
 * @param conditions what the cluster says of it, {@code True}, {@code False} or {@code Unknown}, by
 *     the condition's type: {@code Ready}, {@code DiskPressure}, {@code MemoryPressure}, {@code
 *     PIDPressure}, and whatever else is told; empty: the node is not known
 * @param stats what it has left
 */
public record Node(String name, SortedMap<String, String> conditions, NodeStats stats) {
  public Node {
    conditions = Collections.unmodifiableSortedMap(new TreeMap<>(conditions));
  }
}
