package dev.swiftdeploy.adapters.manifest;

import java.util.List;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Counts in how many places two YAML texts differ: values that changed, entries that came. What is
 * aliased counts wherever it is seen. Of texts that differ otherwise, or that have aliases beyond
 * counting, it is many.
 */
final class NodeDifference {
  private static final int MANY = 1000;
  private static final int MOST_VISITS = 1_000_000;

  private int differences;
  private int visits;

  private NodeDifference() {}

  static int count(List<Documents.Document> before, List<Documents.Document> after) {
    NodeDifference difference = new NodeDifference();
    if (before.size() != after.size()) {
      return MANY;
    }
    for (int i = 0; i < before.size(); i++) {
      difference.compare(before.get(i).root(), after.get(i).root());
    }
    return difference.differences;
  }

  private void compare(Node before, Node after) {
    if (++visits > MOST_VISITS) {
      differences = MANY;
      return;
    }
    if (before instanceof ScalarNode b && after instanceof ScalarNode a) {
      differences += b.getValue().equals(a.getValue()) ? 0 : 1;
    } else if (before instanceof SequenceNode b && after instanceof SequenceNode a) {
      compareLists(b.getValue(), a.getValue());
    } else if (before instanceof MappingNode b && after instanceof MappingNode a) {
      compareMappings(b.getValue(), a.getValue());
    } else {
      differences = MANY;
    }
  }

  private void compareLists(List<Node> before, List<Node> after) {
    if (before.size() != after.size()) {
      differences = MANY;
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      compare(before.get(i), after.get(i));
    }
  }

  /** One entry may have come anywhere. */
  private void compareMappings(List<NodeTuple> before, List<NodeTuple> after) {
    if (after.size() != before.size() && after.size() != before.size() + 1) {
      differences = MANY;
      return;
    }
    int j = 0;
    for (int i = 0; i < before.size(); i++, j++) {
      if (after.size() > before.size() && j == i && !sameKey(before.get(i), after.get(j))) {
        differences++;
        j++;
      }
      if (!sameKey(before.get(i), after.get(j))) {
        differences = MANY;
        return;
      }
      compare(before.get(i).getValueNode(), after.get(j).getValueNode());
    }
    if (j < after.size()) {
      differences += after.size() - j;
    }
  }

  private static boolean sameKey(NodeTuple before, NodeTuple after) {
    return before.getKeyNode() instanceof ScalarNode b
        && after.getKeyNode() instanceof ScalarNode a
        && b.getValue().equals(a.getValue());
  }
}
