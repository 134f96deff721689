package dev.swiftdeploy.local.compose;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** Amounts as a manifest has them, in the units of Compose. */
final class Quantities {
  private static final Map<String, Long> UNITS =
      Map.of(
          "", 1L,
          "k", 1_000L,
          "K", 1_000L,
          "M", 1_000_000L,
          "G", 1_000_000_000L,
          "T", 1_000_000_000_000L,
          "Ki", 1L << 10,
          "Mi", 1L << 20,
          "Gi", 1L << 30,
          "Ti", 1L << 40);

  private Quantities() {}

  /** {@code 500m} is {@code 0.5}. */
  static String cpus(String amount) {
    BigDecimal cpus =
        amount.endsWith("m")
            ? new BigDecimal(amount.substring(0, amount.length() - 1)).movePointLeft(3)
            : new BigDecimal(amount);
    return cpus.stripTrailingZeros().toPlainString();
  }

  /** {@code 256Mi} is {@code 268435456}. */
  static String bytes(String amount) {
    int end = amount.length();
    while (Character.isLetter(amount.charAt(end - 1))) {
      end--;
    }
    return new BigDecimal(amount.substring(0, end))
        .multiply(BigDecimal.valueOf(UNITS.getOrDefault(amount.substring(end), 1L)))
        .setScale(0, RoundingMode.CEILING)
        .toPlainString();
  }
}
