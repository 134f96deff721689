package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.regex.Pattern;

/** The name of an environment variable: a C identifier, 1 to 255 characters. */
public record EnvName(String value) implements TextValue, Comparable<EnvName> {
  private static final int MAX_LENGTH = 255;
  private static final Pattern FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  public EnvName {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
      throw new InvalidValue(
          InvalidValue.quote(value)
              + " is not an environment variable name: letters, digits and _, not starting with a digit");
    }
  }

  /** Reads one from text; throws {@link InvalidValue} saying what is accepted. */
  @JsonCreator
  public static EnvName of(String text) {
    return new EnvName(text);
  }

  @Override
  public int compareTo(EnvName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
