package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code sprintf.json} holds what opa 1.22.2 itself gave: {@code opa eval}, strings as it printed.
 */
class GoFormatTest {
  static JsonNode cases() throws IOException {
    try (InputStream in = GoFormatTest.class.getResourceAsStream("sprintf.json")) {
      return StrictJson.read(in.readAllBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"en-US", "tr-TR", "de-DE", "ar-EG", "th-TH-u-nu-thai"})
  void formats_as_opa_does_whatever_the_locale(String locale) throws IOException {
    Locale before = Locale.getDefault();
    List<String> wrong = new ArrayList<>();
    List<String> lacking = new ArrayList<>();
    try {
      Locale.setDefault(Locale.forLanguageTag(locale));
      for (JsonNode each : cases()) {
        String args = each.get("args").textValue();
        String call = each.get("format").textValue() + " " + args;
        try {
          String formatted = GoFormat.sprintf(each.get("format").textValue(), args);
          if (!formatted.equals(each.get("expected").textValue())) {
            wrong.add(call + " gave " + formatted + " not " + each.get("expected").textValue());
          }
        } catch (UnsupportedOperationException e) {
          lacking.add(call);
        }
      }
    } finally {
      Locale.setDefault(before);
    }
    assertThat(wrong).isEmpty();
    assertThat(lacking).as("what is not there is an edge").hasSizeLessThan(170);
  }

  @Test
  void what_is_not_there_fails_rather_than_telling_something_else() {
    for (String format : List.of("%[1]d", "%*d", "%.*f", "%b", "%2000d")) {
      assertThatThrownBy(() -> GoFormat.sprintf(format, "[1,2]"))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("which the embedded engine lacks");
    }
  }

  @Test
  void values_read_as_in_rego_and_in_its_order() {
    assertThat(
            GoFormat.sprintf(
                "%v of %v, %v %v",
                "[{[2],\"a,b\", 10, 9.5,null,{\"b\": 2,\"a\": {}},true},set(), [], {}]"))
        .isEqualTo("{null, true, 9.5, 10, \"a,b\", [2], {\"a\": {}, \"b\": 2}} of set(), [] {}");
  }
}
