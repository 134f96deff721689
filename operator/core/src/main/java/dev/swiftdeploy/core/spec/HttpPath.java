package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.regex.Pattern;

/**
 * An absolute URL path without query: {@code /healthz}. No empty, {@code .} or {@code ..} segment:
 * a client, a proxy and the service must all mean the same by it, and {@code //host} is a URL of
 * its own.
 */
public record HttpPath(String value) implements TextValue {
  private static final int MAX_LENGTH = 255;
  private static final Pattern FORM = Pattern.compile("/[A-Za-z0-9._~/-]*");
  private static final Pattern AMBIGUOUS = Pattern.compile("//|/\\.\\.?(?:/|$)");

  public HttpPath {
    if (value.isEmpty()
        || value.length() > MAX_LENGTH
        || !FORM.matcher(value).matches()
        || AMBIGUOUS.matcher(value).find()) {
      throw new InvalidValue(
          InvalidValue.quote(value)
              + " is not a URL path: / followed by letters, digits and . _ ~ - /, no .. or // in it");
    }
  }

  /** Reads one from text; throws {@link InvalidValue} saying what is accepted. */
  @JsonCreator
  public static HttpPath of(String text) {
    return new HttpPath(text);
  }

  @Override
  public String toString() {
    return value;
  }
}
