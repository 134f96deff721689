package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Spec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads environment variables: a mapping, a list of {@code {name, value}} as Kubernetes has it, or,
 * in the flat form, a list of {@code NAME=value} as Compose has it. What a value is never comes
 * into a message: it may be a secret.
 */
final class EnvReader {
  private static final String FIX = "write env: [{name: LOG_LEVEL, value: debug}]";

  private final Source source;
  private final Values values;
  private final Problems problems;
  private final Map<EnvName, Field> given = new HashMap<>();
  private final SortedMap<EnvName, String> env = new TreeMap<>();

  EnvReader(Source source, Values values, Problems problems) {
    this.source = source;
    this.values = values;
    this.problems = problems;
  }

  SortedMap<EnvName, String> read(Field field) {
    if (field.isEmpty()) {
      return env;
    }
    if (field.isMapping()) {
      if (source.form() == ManifestResult.Form.RESOURCE) {
        problems.warning(
            field.valueSpot(), field.path(), "Kubernetes takes a list here, not a mapping", FIX);
      }
      for (Field entry : Tree.children(field.value(), field.path())) {
        put(entry.name(), entry, entry);
      }
    } else if (field.isList()) {
      SpecReader.items(field).forEach(this::item);
    } else {
      problems.error(
          field.valueSpot(), field.path(), "is a single value, not a list or a mapping", FIX);
    }
    if (env.size() > Spec.Services.MOST_ENV) {
      problems.error(
          field.keySpot(),
          field.path(),
          env.size() + " variables: at most " + Spec.Services.MOST_ENV,
          "remove some");
      env.clear();
    }
    return env;
  }

  private void item(Field item) {
    if (item.isScalar() && source.form() == ManifestResult.Form.FLAT) {
      assignment(item);
      return;
    }
    if (!item.isMapping()) {
      problems.error(
          item.valueSpot(), item.path(), "is " + item.kind() + ", not {name, value}", FIX);
      return;
    }
    Optional<Field> name = Tree.child(item.value(), item.path(), "name");
    Optional<Field> value = Tree.child(item.value(), item.path(), "value");
    for (Field other : Tree.children(item.value(), item.path())) {
      if (!Set.of("name", "value").contains(other.name())) {
        problems.error(
            other.keySpot(),
            other.path(),
            "is not a key that is known here",
            "write name and value");
      }
    }
    if (name.isEmpty()) {
      problems.error(item.valueSpot(), Field.join(item.path(), "name"), "is missing", FIX);
    } else if (value.isEmpty()) {
      problems.error(item.valueSpot(), Field.join(item.path(), "value"), "is missing", FIX);
    } else if (name.get().isScalar()) {
      Field named = new Field(name.get().path(), name.get().value(), name.get().value());
      put(named.text(), named, value.get());
    } else {
      problems.error(name.get().valueSpot(), name.get().path(), "is not a word", FIX);
    }
  }

  /** Compose's {@code NAME=value}. */
  private void assignment(Field item) {
    int equals = item.text().indexOf('=');
    if (equals < 1) {
      problems.error(item.valueSpot(), item.path(), "is not NAME=value", FIX);
      return;
    }
    name(item.text().substring(0, equals), item)
        .ifPresent(name -> put(name, item.text().substring(equals + 1), item));
  }

  private void put(String text, Field named, Field valued) {
    Optional<EnvName> name = name(text, named);
    if (name.isEmpty()) {
      return;
    }
    if (!valued.isScalar()) {
      problems.error(
          valued.valueSpot(),
          valued.path(),
          "is " + valued.kind() + ", not a single value",
          "write one value, in quotes where in doubt");
    } else if (valued.isEmpty()) {
      problems.error(
          valued.valueSpot(),
          valued.path(),
          "is empty",
          "write \"\" for the empty text, or remove the line");
    } else {
      values.warnWhereKubernetesWantsQuotes(valued);
      put(name.get(), valued.text(), valued);
    }
  }

  private void put(EnvName name, String value, Field field) {
    Field earlier = given.putIfAbsent(name, field);
    if (earlier != null) {
      problems.error(
          field.keySpot(),
          field.path(),
          name + " is given twice, first at " + earlier.keySpot(),
          "keep one of them");
      return;
    }
    try {
      env.put(name, Spec.Services.checkedWord(value));
    } catch (InvalidValue e) {
      problems.error(
          field.valueSpot(),
          field.path(),
          "is too long, or holds a character that no process can be given",
          "write up to 16384 characters, without NUL");
    }
  }

  /** The variable's name; none, and told, where it is no name or SwiftDeploy's own. */
  private Optional<EnvName> name(String text, Field field) {
    EnvName name;
    try {
      name = EnvName.of(text);
    } catch (InvalidValue e) {
      problems.error(field.keySpot(), field.path(), String.valueOf(e.getMessage()), FIX);
      return Optional.empty();
    }
    String owner = Spec.Services.RESERVED_ENV.get(name);
    if (owner == null) {
      return Optional.of(name);
    }
    String written = source.written(owner);
    if (source.form() == ManifestResult.Form.RESOURCE) {
      problems.error(
          field.keySpot(),
          field.path(),
          name + " is set by SwiftDeploy",
          "remove it, and set " + written);
    } else if (!source.isRead(field)) {
      problems.warning(
          field.keySpot(),
          field.path(),
          name + " is set by SwiftDeploy, this one is not used",
          "set " + written);
    }
    return Optional.empty();
  }
}
