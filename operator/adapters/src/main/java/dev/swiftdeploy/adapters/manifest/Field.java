package dev.swiftdeploy.adapters.manifest;

import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A key and its value.
 *
 * @param path as the manifest writes it
 * @param key the key's node; for an item of a list, the item itself
 */
record Field(String path, Node key, Node value) {

  /** A path one step further, whatever stands in the key. */
  static String join(String path, String key) {
    String shown = Structure.shown(key);
    return path.isEmpty() ? shown : path + "." + shown;
  }

  /** The path of the section that the key stands in; empty at the root. */
  String section() {
    int end = path.length() - Structure.shown(name()).length() - 1;
    return end < 0 ? "" : path.substring(0, end);
  }

  String name() {
    return key instanceof ScalarNode scalar ? scalar.getValue() : "";
  }

  boolean isMapping() {
    return value instanceof MappingNode;
  }

  boolean isList() {
    return value instanceof SequenceNode;
  }

  boolean isScalar() {
    return value instanceof ScalarNode;
  }

  /** Nothing stands behind the colon, or {@code null}. */
  boolean isEmpty() {
    return isEmpty(value);
  }

  static boolean isEmpty(Node node) {
    return node instanceof ScalarNode scalar
        && scalar.isPlain()
        && scalar.getTag().equals(Tag.NULL);
  }

  /** A scalar's text as written, without quotes: {@code 1.10} stays {@code 1.10}. */
  String text() {
    return value instanceof ScalarNode scalar ? scalar.getValue() : "";
  }

  /** What stands there, in words. */
  String kind() {
    if (isMapping()) {
      return "a mapping";
    }
    if (isList()) {
      return "a list";
    }
    return isEmpty() ? "empty" : "a single value";
  }

  Spot keySpot() {
    return Spot.of(key);
  }

  Spot valueSpot() {
    return Spot.of(value);
  }
}
