package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.Locale;

/** On what a {@link Grant} may be used. */
public enum GrantCause {
  /** A person asked for it. */
  PERSON,
  /** The spec no longer wants the release. */
  SPEC,
  /** The release is not healthy past its deadline. */
  UNHEALTHY;

  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  public static GrantCause of(String text) {
    for (GrantCause cause : values()) {
      if (cause.word().equals(text)) {
        return cause;
      }
    }
    throw new InvalidValue("\"" + text + "\" is not a cause: person, spec or unhealthy");
  }
}
