package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Where a release should end up, and what a workload runs as (env {@code MODE}). */
public enum Mode {
  STABLE("stable"),
  CANARY("canary");

  private final String word;

  Mode(String word) {
    this.word = word;
  }

  @JsonCreator
  public static Mode of(String text) {
    for (Mode mode : values()) {
      if (mode.word.equals(text)) {
        return mode;
      }
    }
    throw new InvalidValue(InvalidValue.quote(text) + " is not a mode: stable or canary");
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
