package dev.swiftdeploy.core.evidence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** What Prometheus itself made of the same inputs: see {@code prometheus/README.md}. */
final class Golden {
  private Golden() {}

  static List<JsonNode> cases(String file) {
    try (InputStream in = Golden.class.getResourceAsStream("prometheus/" + file)) {
      JsonNode all = Json.MAPPER.readTree(Objects.requireNonNull(in, file));
      return StreamSupport.stream(all.spliterator(), false).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A number as Go writes it. */
  static double number(JsonNode text) {
    return switch (text.textValue()) {
      case "NaN" -> Double.NaN;
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text.textValue());
    };
  }
}
