package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Spec;

/** The words for the policy engines. */
final class Engines {
  private Engines() {}

  static Spec.Engine of(String text) {
    return switch (text) {
      case "embedded" -> Spec.Engine.EMBEDDED;
      case "opa" -> Spec.Engine.OPA;
      default ->
          throw new InvalidValue(InvalidValue.quote(text) + " is not an engine: embedded or opa");
    };
  }
}
