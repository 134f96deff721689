package dev.swiftdeploy.core.spec;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Kubernetes, Compose and Prometheus write them: {@code 500ms}, {@code 30s}, {@code
 * 1m30s}, {@code 2h}. At most a day, never negative.
 */
public final class Durations {
  private static final Pattern FORM =
      Pattern.compile(
          "(?=[0-9])(?:([0-9]{1,5})h)?(?:([0-9]{1,7})m(?!s))?(?:([0-9]{1,7})s)?(?:([0-9]{1,9})ms)?");
  private static final Duration MOST = Duration.ofDays(1);

  private Durations() {}

  /** Reads one; throws {@link InvalidValue} saying what is accepted. */
  public static Duration parse(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      throw new InvalidValue(
          InvalidValue.quote(text) + " is not a duration: write 500ms, 30s, 1m30s or 2h");
    }
    Duration d =
        Duration.ofHours(part(m, 1))
            .plusMinutes(part(m, 2))
            .plusSeconds(part(m, 3))
            .plusMillis(part(m, 4));
    if (d.compareTo(MOST) > 0) {
      throw new InvalidValue(InvalidValue.quote(text) + " is longer than a day");
    }
    return d;
  }

  /** Writes one in the form that {@link #parse} reads: {@code 1m30s}. */
  public static String format(Duration d) {
    if (d.isZero()) {
      return "0s";
    }
    StringBuilder out = new StringBuilder();
    append(out, d.toHours(), "h");
    append(out, d.toMinutesPart(), "m");
    append(out, d.toSecondsPart(), "s");
    append(out, d.toMillisPart(), "ms");
    return out.isEmpty() ? "0s" : out.toString();
  }

  private static void append(StringBuilder out, long amount, String unit) {
    if (amount != 0) {
      out.append(amount).append(unit);
    }
  }

  private static long part(Matcher m, int group) {
    String digits = m.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
