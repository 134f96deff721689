package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.regex.Pattern;

/** The name of a resource, network or workload: a DNS-1123 label (RFC 1123), 1 to 63 characters. */
public record ResourceName(String value) implements TextValue {
  private static final int MAX_LENGTH = 63;
  private static final Pattern FORM = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

  public ResourceName {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
      throw new InvalidValue(
          InvalidValue.quote(value)
              + " is not a DNS-1123 name: lower-case letters, digits and -, at most 63, starting and ending with a letter or digit");
    }
  }

  /** Reads one from text; throws {@link InvalidValue} saying what is accepted. */
  @JsonCreator
  public static ResourceName of(String text) {
    return new ResourceName(text);
  }

  @Override
  public String toString() {
    return value;
  }
}
