package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** When an exited instance is started again; Compose's words. */
public enum RestartPolicy {
  NO("no"),
  ON_FAILURE("on-failure"),
  ALWAYS("always"),
  UNLESS_STOPPED("unless-stopped");

  private final String word;

  RestartPolicy(String word) {
    this.word = word;
  }

  @JsonCreator
  public static RestartPolicy of(String text) {
    for (RestartPolicy policy : values()) {
      if (policy.word.equals(text)) {
        return policy;
      }
    }
    throw new InvalidValue(
        InvalidValue.quote(text)
            + " is not a restart policy: no, on-failure, always or unless-stopped");
  }

  @JsonValue
  public String word() {
    return word;
  }

  @Override
  public String toString() {
    return word;
  }
}
