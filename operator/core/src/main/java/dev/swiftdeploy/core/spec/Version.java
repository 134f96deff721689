package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.regex.Pattern;

/** The version of a release, as people name it: letters, digits and . _ + -, 1 to 63 characters. */
public record Version(String value) implements TextValue {
  private static final int MAX_LENGTH = 63;
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?");

  public Version {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
      throw new InvalidValue(
          InvalidValue.quote(value)
              + " is not a version: letters, digits, and . _ + - between them, at most 63 characters");
    }
  }

  /** Reads one from text; throws {@link InvalidValue} saying what is accepted. */
  @JsonCreator
  public static Version of(String text) {
    return new Version(text);
  }

  @Override
  public String toString() {
    return value;
  }
}
