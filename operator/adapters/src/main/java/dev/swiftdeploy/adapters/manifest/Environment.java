package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.Spec;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads env: a list of {@code {name, value}} as in Kubernetes, a list of {@code NAME=value} as in
 * Compose, or a mapping. Values keep their text: {@code VERSION: 1.0} is {@code 1.0}.
 */
final class Environment {
  private static final String FIX = "write {name: LOG_LEVEL, value: info}";

  private final Fields fields;
  private final SortedMap<EnvName, String> env = new TreeMap<>();

  private Environment(Fields fields) {
    this.fields = fields;
  }

  static SortedMap<EnvName, String> read(Fields fields, Optional<Field> field) {
    Environment environment = new Environment(fields);
    field.ifPresent(environment::read);
    return environment.env;
  }

  private void read(Field field) {
    if (field.isMapping()) {
      Tree.children(field.value(), field.path())
          .forEach(each -> put(each.name(), each.keySpot(), each.path(), each));
      return;
    }
    for (Field item : fields.items(field)) {
      if (item.isScalar() && item.text().indexOf('=') > 0) {
        int equals = item.text().indexOf('=');
        put(
            item.text().substring(0, equals),
            item.valueSpot(),
            item.path(),
            item.text().substring(equals + 1));
      } else if (item.isMapping()) {
        pair(item);
      } else {
        fields.problems().error(item.valueSpot(), item.path(), "is not a variable", FIX);
      }
    }
  }

  private void pair(Field item) {
    Optional<Field> name = Tree.child(item.value(), item.path(), "name");
    Optional<Field> value = Tree.child(item.value(), item.path(), "value");
    for (Field each : Tree.children(item.value(), item.path())) {
      if (!Set.of("name", "value").contains(each.name())) {
        fields.problems().error(each.keySpot(), each.path(), "is not read here", FIX);
      }
    }
    if (name.isEmpty()) {
      fields.problems().error(item.valueSpot(), item.path(), "has no name", FIX);
    } else if (value.isEmpty()) {
      put(name.get().text(), name.get().valueSpot(), item.path(), "");
    } else {
      put(name.get().text(), name.get().valueSpot(), item.path(), value.get());
    }
  }

  private void put(String name, Spot spot, String path, Field value) {
    if (value.isMapping() || value.isList()) {
      fields
          .problems()
          .error(value.valueSpot(), path, "is " + value.kind() + ", not a single value", FIX);
    } else {
      put(name, spot, path, value.isEmpty() ? "" : value.text());
    }
  }

  private void put(String name, Spot spot, String path, String value) {
    fields
        .build(spot, path, FIX, () -> Spec.Services.checkedEnvName(EnvName.of(name)))
        .ifPresent(
            key ->
                fields
                    .build(spot, path, FIX, () -> Spec.Services.checkedWord(value))
                    .ifPresent(
                        checked -> {
                          if (env.put(key, checked) != null) {
                            fields
                                .problems()
                                .error(spot, path, key + " is given twice", "keep one of them");
                          }
                        }));
  }
}
