package dev.swiftdeploy.core.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Mermaid's xychart of one candidate's share of the traffic. Its x axis is time, so the shares are
 * read at equal distances. Nothing from outside gets into it: numbers, a release's id, a time.
 */
final class WeightChart {
  private static final int POINTS = 61;
  private static final Duration SHORT = Duration.ofMinutes(10);
  private static final Duration LONG = Duration.ofHours(10);

  private WeightChart() {}

  static String of(Audit.Rollout rollout) {
    Duration took = Duration.between(rollout.from(), rollout.to());
    String unit =
        took.compareTo(SHORT) < 0 ? "seconds" : took.compareTo(LONG) < 0 ? "minutes" : "hours";
    double millis = unit.equals("seconds") ? 1e3 : unit.equals("minutes") ? 60e3 : 3600e3;
    long end = Math.max(1, Math.round(took.toMillis() / millis));
    String shares =
        IntStream.range(0, POINTS)
            .mapToObj(
                i ->
                    share(
                        rollout.shares(),
                        rollout.from().plus(took.multipliedBy(i).dividedBy(POINTS - 1))))
            .collect(Collectors.joining(", "));
    return "xychart-beta\n"
        + "  title \"Share of the traffic of candidate "
        + rollout.release()
        + "\"\n  x-axis \""
        + unit
        + " since "
        + rollout.from().toString().substring(11, 19)
        + " UTC\" 0 --> "
        + end
        + "\n  y-axis \"percent\" 0 --> 100\n  line ["
        + shares
        + "]\n";
  }

  /** The last one until then; of several at once the last. */
  private static String share(List<Audit.Share> shares, Instant at) {
    int percent = 0;
    for (Audit.Share share : shares) {
      percent = share.at().isAfter(at) ? percent : share.percent();
    }
    return String.valueOf(percent);
  }
}
