package dev.swiftdeploy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import picocli.CommandLine.Option;

/** How a command prints its data. */
final class OutputOption {
  /** The forms. */
  enum Form {
    text,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text or json. Default: ${DEFAULT-VALUE}")
  private Form form = Form.text;

  boolean json() {
    return form == Form.json;
  }

  static String render(Object value) {
    try {
      return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("status is always JSON", e);
    }
  }
}
