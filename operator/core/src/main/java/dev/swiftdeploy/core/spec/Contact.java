package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.regex.Pattern;

/**
 * Whom to tell when a request fails: a mail address, an https URL, or plain words; printable ASCII
 * that is safe in JSON and in an nginx string.
 */
public record Contact(String value) implements TextValue {
  private static final int MAX_LENGTH = 120;
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9 @.,:/_+#-]*[A-Za-z0-9/])?");

  public Contact {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
      throw new InvalidValue(
          InvalidValue.quote(value)
              + " is not a contact: a mail address, a URL or plain words, made of letters, digits, spaces and @ . , : / _ + # -");
    }
  }

  /** Reads one from text; throws {@link InvalidValue} saying what is accepted. */
  @JsonCreator
  public static Contact of(String text) {
    return new Contact(text);
  }

  @Override
  public String toString() {
    return value;
  }
}
