package dev.swiftdeploy.core.release;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.TextValue;
import java.util.regex.Pattern;

/**
 * Names a release by content: the first 12 hex digits of a SHA-256 over {@link
 * Release#canonicalForm()}.
 */
public record ReleaseId(String value) implements TextValue, Comparable<ReleaseId> {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{12}");

  public ReleaseId {
    if (!FORM.matcher(value).matches()) {
      throw new InvalidValue("a release id is 12 hex digits");
    }
  }

  @JsonCreator
  public static ReleaseId of(String text) {
    return new ReleaseId(text);
  }

  @Override
  public int compareTo(ReleaseId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
