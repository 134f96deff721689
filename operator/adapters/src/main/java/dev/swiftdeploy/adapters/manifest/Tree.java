package dev.swiftdeploy.adapters.manifest;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Finds values by path in one document, and knows which keys were never asked for. */
final class Tree {
  private final Set<Node> read = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Node> entered = Collections.newSetFromMap(new IdentityHashMap<>());

  /** The fields of a mapping, none of anything else. Keys that aren't words are left out. */
  static List<Field> children(Node node, String path) {
    List<Field> fields = new ArrayList<>();
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key) {
          fields.add(new Field(Field.join(path, key.getValue()), key, tuple.getValueNode()));
        }
      }
    }
    return fields;
  }

  static Optional<Field> child(Node node, String path, String key) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode k && k.getValue().equals(key)) {
          return Optional.of(new Field(Field.join(path, key), k, tuple.getValueNode()));
        }
      }
    }
    return Optional.empty();
  }

  /** Follows a dotted path without marking anything. */
  static Optional<Field> look(Node from, String fromPath, String dotted) {
    int dot = dotted.indexOf('.');
    String first = dot < 0 ? dotted : dotted.substring(0, dot);
    Optional<Field> field = child(from, fromPath, first);
    return dot < 0
        ? field
        : field.flatMap(f -> look(f.value(), f.path(), dotted.substring(dot + 1)));
  }

  /** The place of the deepest key on a path that is there; the root's where none is. */
  static Spot nearest(Node root, String path) {
    Spot spot = Spot.of(root);
    for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      Optional<Field> there = look(root, "", path.substring(0, dot));
      if (there.isEmpty()) {
        return spot;
      }
      spot = there.get().keySpot();
    }
    return spot;
  }

  /** Follows a dotted path; what it leads to is read, what it leads through is entered. */
  Optional<Field> find(Node from, String fromPath, String dotted) {
    int dot = dotted.indexOf('.');
    String first = dot < 0 ? dotted : dotted.substring(0, dot);
    Optional<Field> field = child(from, fromPath, first);
    if (dot < 0) {
      field.ifPresent(this::markRead);
      return field;
    }
    field.ifPresent(f -> entered.add(f.key()));
    return field.flatMap(f -> find(f.value(), f.path(), dotted.substring(dot + 1)));
  }

  void markRead(Field field) {
    read.add(field.key());
  }

  void markEntered(Field field) {
    entered.add(field.key());
  }

  boolean isRead(Field field) {
    return read.contains(field.key());
  }

  /** Every key below that was neither read nor entered, in the order of the file. */
  void unread(Node from, String path, Consumer<Field> told) {
    unread(from, path, told, Documents.DEEPEST);
  }

  private void unread(Node from, String path, Consumer<Field> told, int depth) {
    for (Field field : children(from, path)) {
      if (read.contains(field.key()) || depth == 0) {
        continue;
      }
      if (entered.contains(field.key()) && (field.isMapping() || field.isEmpty())) {
        unread(field.value(), field.path(), told, depth - 1);
      } else {
        told.accept(field);
      }
    }
  }
}
