package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.regex.Pattern;

/**
 * The name of an HTTP header: letters, digits and -, 1 to 63 characters (no underscore: nginx drops
 * those).
 */
public record HeaderName(String value) implements TextValue {
  private static final int MAX_LENGTH = 63;
  private static final Pattern FORM = Pattern.compile("[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?");

  public HeaderName {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
      throw new InvalidValue(
          InvalidValue.quote(value) + " is not a header name: letters, digits and -");
    }
  }

  /** Reads one from text; throws {@link InvalidValue} saying what is accepted. */
  @JsonCreator
  public static HeaderName of(String text) {
    return new HeaderName(text);
  }

  @Override
  public String toString() {
    return value;
  }
}
