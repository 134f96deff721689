package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * What must hold of every document, whatever its keys mean: each key is a plain word that stands
 * once, no tag asks for a type of its own, nothing contains itself.
 */
final class Structure {
  private static final Set<Tag> CORE_TAGS =
      Set.of(
          Tag.STR,
          Tag.INT,
          Tag.FLOAT,
          Tag.BOOL,
          Tag.NULL,
          Tag.TIMESTAMP,
          Tag.MAP,
          Tag.SEQ,
          Tag.MERGE);
  private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_/-]{1,80}");

  /** How many values aliases may repeat: a few lines of them can stand for billions. */
  private static final long MOST_REPEATED = 10_000;

  private final Problems problems;
  private final IdentityHashMap<Node, Long> sizes = new IdentityHashMap<>();
  private long repeated;
  private final Set<Node> above = Collections.newSetFromMap(new IdentityHashMap<>());

  private Structure(Problems problems) {
    this.problems = problems;
  }

  static void check(Node root, Problems problems) {
    new Structure(problems).check(root, "");
  }

  /** A key as it may stand in a message. */
  static String shown(String key) {
    return PLAIN_KEY.matcher(key).matches() ? key : InvalidValue.quote(key);
  }

  /** A text that may be long, in one line of printable characters. */
  static String line(String text) {
    String quoted = InvalidValue.quote(text);
    return quoted.substring(1, quoted.length() - 1);
  }

  /** How many values the node holds, those that aliases repeat counted each time. */
  private long check(Node node, String path) {
    if (above.contains(node)) {
      problems.error(Spot.of(node), path, "contains itself by an alias", "write the value out");
      return 0;
    }
    Long known = sizes.get(node);
    if (known != null) {
      repeat(known, node, path);
      return known;
    }
    if (!CORE_TAGS.contains(node.getTag())) {
      String tag = InvalidValue.quote(node.getTag().getValue());
      problems.error(Spot.of(node), path, "the tag " + tag + " is not read", "remove the tag");
    }
    above.add(node);
    long size = 1;
    if (node instanceof MappingNode mapping) {
      size += checkKeys(mapping, path);
    } else if (node instanceof SequenceNode list) {
      int i = 0;
      for (Node item : list.getValue()) {
        size += check(item, path + "[" + i++ + "]");
      }
    }
    above.remove(node);
    sizes.put(node, size);
    return size;
  }

  private void repeat(long values, Node node, String path) {
    boolean told = repeated > MOST_REPEATED;
    repeated += values;
    if (repeated > MOST_REPEATED && !told) {
      problems.error(
          Spot.of(node),
          path,
          "is repeated by aliases until there are more than " + MOST_REPEATED + " values",
          "write out what is meant");
    }
  }

  private long checkKeys(MappingNode mapping, String path) {
    Map<String, ScalarNode> first = new HashMap<>();
    long size = 0;
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.error(
            Spot.of(tuple.getKeyNode()), path, "a key must be a word", "write key: value");
        continue;
      }
      String keyPath = Field.join(path, key.getValue());
      ScalarNode earlier = first.putIfAbsent(key.getValue(), key);
      if (earlier != null) {
        problems.error(
            Spot.of(key),
            keyPath,
            "is given twice, first at " + Spot.of(earlier),
            "keep one of them");
      } else if (key.getTag().equals(Tag.MERGE)) {
        problems.error(Spot.of(key), keyPath, "merge keys are not read", "write the keys out");
      } else {
        size += check(tuple.getValueNode(), keyPath);
      }
    }
    return size;
  }
}
