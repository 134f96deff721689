package dev.swiftdeploy.core.release;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Mode;

/**
 * A release in a mode. Its name, {@code <mode>-<release id>}, is what an observer finds after a
 * crash, so it tells all that is needed to know what is there.
 */
public record Workload(ReleaseId release, Mode mode) implements Comparable<Workload> {

  @JsonValue
  public String name() {
    return mode + "-" + release;
  }

  /** Reads a name back; throws {@link InvalidValue} if it is not one. */
  @JsonCreator
  public static Workload of(String name) {
    int dash = name.indexOf('-');
    if (dash < 0) {
      throw new InvalidValue("a workload's name is <mode>-<release id>");
    }
    return new Workload(ReleaseId.of(name.substring(dash + 1)), Mode.of(name.substring(0, dash)));
  }

  /** Stable before canary, then by release. */
  @Override
  public int compareTo(Workload other) {
    int byMode = mode.compareTo(other.mode);
    return byMode != 0 ? byMode : release.compareTo(other.release);
  }

  @Override
  public String toString() {
    return name();
  }
}
