package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.Locale;

/**
 * What policy found, for machines and for people.
 *
 * @param code snake_case, for machines: {@code disk_below_threshold}
 * @param message for people: {@code Disk below threshold: 3.2 GB free, 10 GB required}
 * @param policy which one found it: {@code infrastructure}
 * @param observed a JSON scalar; JSON null where nothing was observed
 * @param threshold a JSON scalar; JSON null where there is none
 */
public record Violation(
    String code,
    String message,
    String policy,
    Severity severity,
    JsonNode observed,
    JsonNode threshold) {

  /** Whether it keeps a transition from being allowed. */
  public enum Severity {
    /** It does. */
    BLOCK,
    /** It is told and changes nothing. */
    WARNING;

    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Severity of(String text) {
      for (Severity severity : values()) {
        if (severity.word().equals(text)) {
          return severity;
        }
      }
      throw new InvalidValue("\"" + text + "\" is not a severity: block or warning");
    }
  }

  public boolean blocks() {
    return severity == Severity.BLOCK;
  }

  /** {@code infrastructure/disk_below_threshold}. */
  public String qualifiedCode() {
    return policy + "/" + code;
  }

  /** As policy writes it, and as it stands in a record. */
  @JsonValue
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("code", code);
    json.put("message", message);
    json.put("policy", policy);
    json.put("severity", severity.word());
    json.set("observed", observed);
    json.set("threshold", threshold);
    return json;
  }
}
