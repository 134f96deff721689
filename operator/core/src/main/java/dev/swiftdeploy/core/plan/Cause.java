package dev.swiftdeploy.core.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.Locale;

/** What a transition comes from; policy sees it as {@code input.transition.cause}. */
public enum Cause {
  /** The spec asks for it. */
  SPEC,
  /** A person asked for it once. */
  PERSON,
  /** A workload did not get or stay healthy. */
  UNHEALTHY,
  /** Policy ordered it. */
  POLICY,
  /** Policy could not be asked for as long as the grant says. */
  UNAVAILABLE_FOR;

  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  public static Cause of(String text) {
    for (Cause cause : values()) {
      if (cause.word().equals(text)) {
        return cause;
      }
    }
    throw new InvalidValue("\"" + text + "\" is not a cause");
  }
}
