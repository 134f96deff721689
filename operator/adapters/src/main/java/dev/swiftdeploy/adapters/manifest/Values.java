package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.Durations;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Port;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads single values from their text, never from what YAML takes them for: {@code 1.10} is a
 * version, {@code no} a restart policy and {@code 22:22} no port.
 */
final class Values {
  private static final Pattern WHOLE = Pattern.compile("0|[1-9][0-9]{0,8}");
  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,12}(?:\\.[0-9]{1,9})?");
  private static final Pattern TWO_PORTS = Pattern.compile("[0-9.]+(?::[0-9]+)+");
  private static final Set<String> YAML_1_1_BOOLEANS = Set.of("y", "Y", "n", "N");

  private final Problems problems;
  private final ManifestResult.Form form;

  Values(Problems problems, ManifestResult.Form form) {
    this.problems = problems;
    this.form = form;
  }

  /** What YAML must take a value for, where Kubernetes reads the same file. */
  private enum Kind {
    TEXT,
    NUMBER,
    BOOLEAN
  }

  /** A value of a type that reads itself from text. */
  <T> Optional<T> text(Field field, Function<String, T> parse, String fix) {
    return read(field, Kind.TEXT, parse, fix);
  }

  /** A word of a fixed set; the fix names the nearest. */
  <T> Optional<T> word(Field field, Function<String, T> parse, List<String> words) {
    String fix =
        Suggestion.near(field.text(), words)
            .map(near -> "write " + near)
            .orElse("write one of " + String.join(", ", words));
    return read(field, Kind.TEXT, parse, fix);
  }

  Optional<Port> port(Field field) {
    String fix =
        TWO_PORTS.matcher(field.text()).matches()
            ? "write one port; services.port is where the service listens, nginx.port what is published"
            : "write a number such as 8080";
    return read(field, Kind.NUMBER, Port::parse, fix);
  }

  Optional<Integer> whole(Field field, Function<Integer, Integer> check, String fix) {
    return read(field, Kind.NUMBER, text -> check.apply(wholeNumber(text)), fix);
  }

  Optional<BigDecimal> number(Field field, Function<BigDecimal, BigDecimal> check, String fix) {
    return read(field, Kind.NUMBER, text -> check.apply(decimal(text)), fix);
  }

  Optional<Duration> duration(Field field) {
    return form == ManifestResult.Form.FLAT
        ? read(field, Kind.TEXT, Values::durationOrSeconds, "write 30 or 30s")
        : read(field, Kind.TEXT, Durations::parse, "write it with its unit, such as 30s");
  }

  Optional<Boolean> flag(Field field) {
    return read(field, Kind.BOOLEAN, Values::booleanWord, "write true or false");
  }

  private <T> Optional<T> read(Field field, Kind kind, Function<String, T> parse, String fix) {
    if (!(field.value() instanceof ScalarNode scalar)) {
      problems.error(
          field.valueSpot(), field.path(), "is " + field.kind() + ", not a single value", fix);
      return Optional.empty();
    }
    if (field.isEmpty()) {
      problems.error(
          field.valueSpot(), field.path(), "is empty", "give it a value, or remove the line");
      return Optional.empty();
    }
    try {
      T value = parse.apply(scalar.getValue());
      warnWhereKubernetesDiffers(field, scalar, kind);
      return Optional.of(value);
    } catch (InvalidValue e) {
      problems.error(field.valueSpot(), field.path(), String.valueOf(e.getMessage()), fix);
      return Optional.empty();
    }
  }

  /** The API server goes by YAML's types, so a file that is to be applied there must show them. */
  private void warnWhereKubernetesDiffers(Field field, ScalarNode scalar, Kind kind) {
    if (form == ManifestResult.Form.FLAT) {
      return;
    }
    boolean string = isString(scalar);
    if (kind == Kind.TEXT && !string) {
      problems.warning(
          field.valueSpot(),
          field.path(),
          "Kubernetes takes " + InvalidValue.quote(scalar.getValue()) + " for no text",
          "write it in quotes");
    } else if (kind != Kind.TEXT && string) {
      problems.warning(
          field.valueSpot(),
          field.path(),
          "Kubernetes takes " + InvalidValue.quote(scalar.getValue()) + " in quotes for a text",
          "remove the quotes");
    }
  }

  /** As {@link #text} warns, for a value that is never shown. */
  void warnWhereKubernetesWantsQuotes(Field field) {
    if (form == ManifestResult.Form.RESOURCE
        && field.value() instanceof ScalarNode scalar
        && !isString(scalar)) {
      problems.warning(
          field.valueSpot(), field.path(), "Kubernetes takes it for no text", "write it in quotes");
    }
  }

  private static boolean isString(ScalarNode scalar) {
    return scalar.getTag().equals(Tag.STR)
        && !(scalar.isPlain() && YAML_1_1_BOOLEANS.contains(scalar.getValue()));
  }

  static int wholeNumber(String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new InvalidValue(InvalidValue.quote(text) + " is not a whole number");
    }
    return Integer.parseInt(text);
  }

  /** Digits and a point only: an exponent can make a number of any size. */
  static BigDecimal decimal(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw new InvalidValue(InvalidValue.quote(text) + " is not a number such as 10 or 0.01");
    }
    return new BigDecimal(text);
  }

  /** In the flat form a bare number counts seconds, as in nginx. */
  static Duration durationOrSeconds(String text) {
    return WHOLE.matcher(text).matches() ? Durations.parse(text + "s") : Durations.parse(text);
  }

  private static boolean booleanWord(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new InvalidValue(InvalidValue.quote(text) + " is not true or false");
    }
    return text.equals("true");
  }
}
