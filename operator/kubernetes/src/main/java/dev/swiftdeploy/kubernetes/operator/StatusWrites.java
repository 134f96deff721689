package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.core.loop.Next;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When a status is worth a write. What turns (a condition, a step, a weight, a verdict) is written
 * when it is brought about, or soon where that takes its time; what is said otherwise follows a
 * little later; figures alone follow ever later, so that a rollout that takes hours does not cost
 * the more. Where nothing more is to come, all of it is written.
 *
 * <p>Where many transitions are under way at once each takes longer, and what is said on the way
 * would be said the more often: it waits in proportion.
 */
final class StatusWrites {
  /** Between two writes of what turns, where much turns at once. */
  private static final Duration TURNING = Duration.ofSeconds(2);

  /** So long at most what turns waits for its transition to be done. */
  private static final Duration UNDER_WAY = Duration.ofSeconds(5);

  /** So long at most are words behind, while things move. */
  private static final Duration WORDS = Duration.ofSeconds(30);

  /** And so long figures at first; each time twice as long, until something turns. */
  private static final Duration FIGURES = Duration.ofSeconds(30);

  private static final Duration MOST = Duration.ofMinutes(2);

  /** So many transitions may be under way at once before what is said on the way waits longer. */
  private static final int FEW = 12;

  /** And so many times longer it waits at most. */
  private static final int LONGER = 20;

  /** What holds a figure: {@code 812}, {@code 0.5}, {@code d-1f0c}. */
  private static final Pattern FIGURE = Pattern.compile("\\S*\\d\\S*");

  private Optional<Instant> last = Optional.empty();
  private Optional<Instant> turning = Optional.empty();
  private Duration figures = FIGURES;

  /**
   * How long a status waits to be written; empty where there is nothing to write, or more to tell
   * in a moment. Who gets zero writes it.
   *
   * @param next when the loop looks again; settled: nothing more is to come until something changes
   * @param moving how many resources have a transition under way, this one included
   */
  Optional<Duration> left(
      SwiftDeployStatus now, @Nullable SwiftDeployStatus there, Next next, Instant at, int moving) {
    if (Objects.equals(now, there)) {
      return Optional.empty();
    }
    boolean turned = there == null || !turns(now).equals(turns(there));
    turning = turned ? turning.or(() -> Optional.of(at)) : Optional.empty();
    if (!next.settled() && there != null && next.after().isZero()) {
      return Optional.empty();
    }
    Duration left =
        next.settled()
            ? Duration.ZERO
            : longest(sinceLast(now, there, turned, at, moving), brings(now, there, at, moving));
    if (left.isZero()) {
      last = Optional.of(at);
      turning = Optional.empty();
      figures = turned ? FIGURES : longer(figures);
    }
    return Optional.of(left);
  }

  private Duration sinceLast(
      SwiftDeployStatus now,
      @Nullable SwiftDeployStatus there,
      boolean turned,
      Instant at,
      int moving) {
    boolean otherWords = there == null || !words(now).equals(words(there));
    Duration pause =
        turned ? TURNING : otherWords ? amongst(moving, WORDS) : amongst(moving, figures);
    return last.map(before -> until(before.plus(pause), at)).orElse(Duration.ZERO);
  }

  /** What turned is being brought about: there is more to tell in a moment. */
  private Duration brings(
      SwiftDeployStatus now, @Nullable SwiftDeployStatus there, Instant at, int moving) {
    return there == null || now.underWay() == null
        ? Duration.ZERO
        : turning
            .map(since -> until(since.plus(amongst(moving, UNDER_WAY)), at))
            .orElse(Duration.ZERO);
  }

  private static Duration until(Instant time, Instant at) {
    return at.isBefore(time) ? Duration.between(at, time) : Duration.ZERO;
  }

  private static Duration longest(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static Duration amongst(int moving, Duration pause) {
    return moving <= FEW
        ? pause
        : pause.multipliedBy(Math.min(moving, LONGER * FEW)).dividedBy(FEW);
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(MOST) > 0 ? MOST : doubled;
  }

  private static List<String> turns(SwiftDeployStatus status) {
    return Stream.concat(
            conditions(status).map(c -> c.type() + c.status()),
            Stream.of(
                    status.observedGeneration(),
                    status.mode(),
                    status.version(),
                    status.weight(),
                    status.step(),
                    status.verdict())
                .map(String::valueOf))
        .toList();
  }

  private static List<String> words(SwiftDeployStatus status) {
    return conditions(status)
        .map(c -> c.type() + c.reason() + FIGURE.matcher(c.message()).replaceAll(""))
        .toList();
  }

  private static Stream<SwiftDeployStatus.Condition> conditions(SwiftDeployStatus status) {
    return Stream.ofNullable(status.conditions()).flatMap(List::stream);
  }
}
