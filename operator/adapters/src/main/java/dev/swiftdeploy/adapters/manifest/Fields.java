package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads the fields of one document by their paths, and tells what was never asked for. */
final class Fields {
  private final Tree tree = new Tree();
  private final Node root;
  private final Problems problems;
  private final Values values;

  Fields(Node root, Problems problems, ManifestResult.Form form) {
    this.root = root;
    this.problems = problems;
    this.values = new Values(problems, form);
  }

  Node root() {
    return root;
  }

  Values values() {
    return values;
  }

  Problems problems() {
    return problems;
  }

  Tree tree() {
    return tree;
  }

  /** The first of the paths that is there and not empty. */
  Optional<Field> any(String... paths) {
    Optional<Field> found = Optional.empty();
    for (String path : paths) {
      Optional<Field> here = tree.find(root, "", path);
      if (found.isEmpty()) {
        found = here;
      }
    }
    return found;
  }

  /** A part that must be there. */
  Optional<Field> required(String path, String fix) {
    Optional<Field> found = any(path);
    if (found.isEmpty()) {
      problems.error(nearest(path), path, "is missing", fix);
    }
    return found;
  }

  /** Where the thing that lacks it stands. */
  private Spot nearest(String path) {
    String upper = path;
    while (upper.contains(".")) {
      upper = upper.substring(0, upper.lastIndexOf('.'));
      Optional<Field> there = Tree.look(root, "", upper);
      if (there.isPresent()) {
        return there.get().keySpot();
      }
    }
    return Spot.of(root);
  }

  /** Must be a mapping if it is there at all. */
  void mapping(String path) {
    Optional<Field> there = Tree.look(root, "", path);
    if (there.isPresent() && !there.get().isMapping() && !there.get().isEmpty()) {
      tree.markRead(there.get());
      problems.error(
          there.get().valueSpot(),
          there.get().path(),
          "is " + there.get().kind() + ", not a mapping",
          "write its keys below it, indented");
    } else {
      there.ifPresent(tree::markEntered);
    }
  }

  /** The items of a list as fields of their own; tells if it is no list. */
  List<Field> items(Field field) {
    List<Field> items = new ArrayList<>();
    if (field.value() instanceof SequenceNode list) {
      int i = 0;
      for (Node item : list.getValue()) {
        items.add(new Field(field.path() + "[" + i++ + "]", item, item));
      }
    } else if (!field.isEmpty()) {
      problems.error(
          field.valueSpot(),
          field.path(),
          "is " + field.kind() + ", not a list",
          "write it as a list: [one, two]");
    }
    return items;
  }

  /** Builds a part that checks itself; tells where it stands if it refuses. */
  <T> Optional<T> build(Spot spot, String path, String fix, Supplier<T> part) {
    try {
      return Optional.of(part.get());
    } catch (InvalidValue e) {
      problems.error(spot, path, String.valueOf(e.getMessage()), fix);
      return Optional.empty();
    }
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
