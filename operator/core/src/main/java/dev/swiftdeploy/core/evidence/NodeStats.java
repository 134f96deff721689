package dev.swiftdeploy.core.evidence;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a node has left. What can't be read is empty, never zero.
 *
 * @param diskFreeBytes of the file system that holds the kubelet's data, the pods' logs among them
 * @param cpuUsedPercent 0 to 100, of all processors of the node
 * @param memoryUsedPercent 0 to 100; what can be given up at once, such as cached files that are
 *     not in use, counts as free
 * @param problem why something of it could not be read; empty: all was read, or nothing was asked
 */
public record NodeStats(
    OptionalLong diskFreeBytes,
    OptionalLong diskTotalBytes,
    OptionalDouble cpuUsedPercent,
    OptionalDouble memoryUsedPercent,
    Optional<String> problem) {
  /** Nothing was asked. */
  public static final NodeStats UNASKED = unread(Optional.empty());

  /** Nothing could be read, and why. */
  public static NodeStats failed(String problem) {
    return unread(Optional.of(problem));
  }

  private static NodeStats unread(Optional<String> problem) {
    return new NodeStats(
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        problem);
  }
}
