package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A TCP port, 1 to 65535. */
public record Port(@JsonValue int number) {
  public Port {
    if (number < 1 || number > 65535) {
      throw new InvalidValue(number + " is not a port: 1 to 65535");
    }
  }

  @JsonCreator
  public static Port of(int number) {
    return new Port(number);
  }

  @Override
  public String toString() {
    return Integer.toString(number);
  }
}
