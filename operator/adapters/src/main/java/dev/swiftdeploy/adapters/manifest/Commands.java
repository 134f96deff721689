package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Spec;
import java.util.ArrayList;
import java.util.List;

/** Reads a command: a list of words, never one string that some shell would have to take apart. */
final class Commands {
  private Commands() {}

  static List<String> read(Fields fields, Field field) {
    if (field.isScalar() && !field.isEmpty()) {
      fields
          .problems()
          .error(
              field.valueSpot(),
              field.path(),
              "is a single value, not a list",
              "write it as a list: [java, -jar, app.jar]");
      return List.of();
    }
    List<String> words = new ArrayList<>();
    for (Field item : fields.items(field)) {
      if (item.isScalar()) {
        words.add(item.text());
      } else {
        fields
            .problems()
            .error(item.valueSpot(), item.path(), "is " + item.kind() + ", not a word", "quote it");
      }
    }
    try {
      return Spec.Services.checkedCommand(words);
    } catch (InvalidValue e) {
      fields
          .problems()
          .error(
              field.valueSpot(),
              field.path(),
              String.valueOf(e.getMessage()),
              "write it as a list: [java, -jar, app.jar]");
      return List.of();
    }
  }
}
