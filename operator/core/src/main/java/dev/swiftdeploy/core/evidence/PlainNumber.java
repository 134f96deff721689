package dev.swiftdeploy.core.evidence;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A number as people write it: {@code 20}, {@code 0.0001}, never {@code 2.0E1} or {@code 1.0E-4}.
 * Records are read by people, and by engines that tell a number as it was written.
 */
final class PlainNumber extends JsonSerializer<Double> {
  /** Millionths: no more zeros than Java writes without an exponent. */
  private static final int DECIMALS = 6;

  static double round(double value) {
    return decimal(value).doubleValue();
  }

  /** By the shortest decimal that is this double, so that what is 0.01 on paper is 0.01 here. */
  private static BigDecimal decimal(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("not a number that evidence can have: " + value);
    }
    return BigDecimal.valueOf(value).setScale(DECIMALS, RoundingMode.HALF_UP).stripTrailingZeros();
  }

  @Override
  public void serialize(Double value, JsonGenerator json, SerializerProvider provider)
      throws IOException {
    BigDecimal decimal = decimal(value);
    if (decimal.scale() <= 0) {
      json.writeNumber(decimal.toBigIntegerExact());
    } else {
      json.writeNumber(decimal);
    }
  }
}
