package dev.swiftdeploy.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time in the past, as a person writes it. */
final class Since {
  private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhd])");

  private Since() {}

  /**
   * {@code 90s, 30m, 2h, 7d} before now, the beginning of a day, or an instant in ISO 8601.
   *
   * @throws CommandFailure if it is none of these
   */
  static Instant parse(String text, Instant now, ZoneId zone) {
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long number = Long.parseLong(ago.group(1));
      return now.minus(
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          });
    }
    try {
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).atStartOfDay(zone).toInstant();
    } catch (DateTimeException e) {
      throw new CommandFailure(
          Exit.USAGE,
          "\"" + text + "\" is no time",
          "write 30m, 2h, 7d, a day (2026-01-31) or an instant (2026-01-31T09:00:00Z)");
    }
  }
}
