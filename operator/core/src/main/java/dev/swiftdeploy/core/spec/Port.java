package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** A TCP port, 1 to 65535. */
public record Port(@JsonValue int number) {
  private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,8}");

  public Port {
    if (number < 1 || number > 65535) {
      throw new InvalidValue(number + " is not a port: 1 to 65535");
    }
  }

  @JsonCreator
  public static Port of(int number) {
    return new Port(number);
  }

  /**
   * Reads one from decimal digits without sign or leading zero, so that no reader of the same file
   * can take it for another number ({@code 022} is octal to some, {@code 22:22} is 1342).
   */
  public static Port parse(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw new InvalidValue(InvalidValue.quote(text) + " is not a port: 1 to 65535");
    }
    return new Port(Integer.parseInt(text));
  }

  @Override
  public String toString() {
    return Integer.toString(number);
  }
}
