package dev.swiftdeploy.core.audit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a review ended. An error is never a denial, and never an allow. */
public enum Verdict {
  ALLOWED,
  DENIED,
  UNAVAILABLE;

  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  public static Verdict of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
