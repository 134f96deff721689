package dev.swiftdeploy.cli.view;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them; {@code -} for what is not known. */
final class Numbers {
  private static final double FEW = 10;

  private Numbers() {}

  /** At most so many decimals, and no zeros at the end. */
  static String decimal(double value, int decimals) {
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_UP);
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  /** 0 to 1, as percent. */
  static String percent(@Nullable Double share) {
    return share == null ? "-" : decimal(share * 100, 2) + " %";
  }

  static String millis(@Nullable Double millis) {
    return millis == null ? "-" : decimal(millis, millis < FEW ? 1 : 0);
  }

  static String count(@Nullable Double number) {
    return number == null ? "-" : decimal(number, 0);
  }

  /** {@code 9 s}, {@code 2 min 5 s}, {@code 3 h 10 min}, {@code 4 d}. */
  static String time(Duration duration) {
    long seconds = Math.max(0, (duration.toMillis() + 999) / 1000);
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
    }
    if (seconds < 86400) {
      return seconds / 3600
          + " h"
          + (seconds / 60 % 60 == 0 ? "" : " " + seconds / 60 % 60 + " min");
    }
    return seconds / 86400 + " d";
  }
}
