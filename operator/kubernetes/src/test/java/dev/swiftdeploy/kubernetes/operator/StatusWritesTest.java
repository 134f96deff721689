package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.loop.Next;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A status is written when it tells something, and at what pace. */
class StatusWritesTest {
  private static final Next LATER = new Next(Duration.ofSeconds(1), Duration.ofSeconds(5), false);
  private static final Next REST = new Next(Duration.ofSeconds(1), Duration.ofSeconds(10), true);
  private static final Next AT_ONCE = new Next(Duration.ZERO, Duration.ZERO, false);

  private final StatusWrites writes = new StatusWrites();
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");
  private @Nullable SwiftDeployStatus there;
  private int moving = 1;

  private static SwiftDeployStatus status(String verdict, String reason, String message, long seq) {
    return status(verdict, reason, message, seq, null);
  }

  private static SwiftDeployStatus status(
      String verdict,
      String reason,
      String message,
      long seq,
      SwiftDeployStatus.@Nullable UnderWay underWay) {
    return new SwiftDeployStatus(
        1L,
        List.of(
            new SwiftDeployStatus.Condition(
                "Reconciling", Condition.Status.TRUE.name(), 1L, null, reason, message)),
        "stable",
        "2.0.0",
        20,
        "1/2",
        verdict,
        null,
        null,
        null,
        null,
        underWay,
        null,
        null,
        List.of(),
        List.of(),
        null,
        null,
        new SwiftDeployStatus.ChainEnd(seq, "h", null));
  }

  /** Seconds until it is written, looked at each second: as long as it says each time. */
  private long written(SwiftDeployStatus status) {
    long told = 0;
    for (long seconds = 0; seconds < 1000; seconds++) {
      long left = writes.left(status, there, LATER, now, moving).orElseThrow().toSeconds();
      told = seconds == 0 ? left : told;
      assertThat(seconds + left).isEqualTo(told);
      if (left == 0) {
        there = status;
        return seconds;
      }
      now = now.plus(Duration.ofSeconds(1));
    }
    throw new AssertionError("it is never written");
  }

  @Test
  void whatTurnsIsWrittenAtOnceAndNotTwiceInTwoSeconds() {
    assertThat(written(status("Allowed", "Hold", "held", 1))).isZero();
    assertThat(written(status("Denied", "Hold", "held", 1))).isEqualTo(2);
    now = now.plus(Duration.ofSeconds(30));
    assertThat(written(status("Allowed", "Hold", "held", 1))).isZero();
  }

  @Test
  void whatIsBroughtAboutInAMomentIsWrittenOnce() {
    SwiftDeployStatus.UnderWay underWay = new SwiftDeployStatus.UnderWay("d-1", "advance", null);
    written(status("Denied", "Hold", "held", 1));
    now = now.plus(Duration.ofSeconds(30));
    SwiftDeployStatus begun = status("Allowed", "UnderWay", "waiting", 2, underWay);
    assertThat(writes.left(begun, there, LATER, now, moving)).hasValue(Duration.ofSeconds(5));
    SwiftDeployStatus done = status("Allowed", "Hold", "held", 3);
    assertThat(writes.left(done, there, AT_ONCE, now.plusSeconds(3), moving)).isEmpty();
    assertThat(writes.left(done, there, LATER, now.plusSeconds(3), moving)).hasValue(Duration.ZERO);
  }

  @Test
  void whatTakesItsTimeIsWrittenAfterFiveSeconds() {
    written(status("Denied", "Hold", "held", 1));
    now = now.plus(Duration.ofSeconds(30));
    assertThat(
            written(
                status(
                    "Allowed",
                    "UnderWay",
                    "waiting",
                    2,
                    new SwiftDeployStatus.UnderWay("d-1", "advance", null))))
        .isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({"12, 5, 30", "60, 25, 150", "192, 80, 480", "100000, 100, 600"})
  void amongManyThatMoveWhatIsSaidOnTheWayWaitsLonger(int many, long underWay, long words) {
    moving = many;
    written(status("Denied", "Hold", "held", 1));
    now = now.plus(Duration.ofSeconds(30));
    SwiftDeployStatus.UnderWay advance = new SwiftDeployStatus.UnderWay("d-1", "advance", null);
    assertThat(written(status("Allowed", "UnderWay", "waiting", 2, advance))).isEqualTo(underWay);
    assertThat(written(status("Allowed", "UnderWay", "no node takes it", 2, advance)))
        .isEqualTo(words);
    assertThat(written(status("Denied", "Hold", "held", 3))).isEqualTo(2);
  }

  @Test
  void wordsFollowInHalfAMinuteEachTime() {
    written(status("Denied", "Hold", "quota exceeded", 1));
    assertThat(written(status("Denied", "Hold", "no node takes it", 1))).isEqualTo(30);
    assertThat(written(status("Denied", "Blocked", "no node takes it", 1))).isEqualTo(30);
    assertThat(written(status("Denied", "Blocked", "quota exceeded", 1))).isEqualTo(30);
  }

  @Test
  void figuresFollowEverLaterUntilSomethingTurns() {
    written(status("Denied", "Hold", "p99 812 ms (decision d-1a2b)", 1));
    assertThat(written(status("Denied", "Hold", "p99 813 ms (decision d-2b3c)", 1))).isEqualTo(30);
    assertThat(written(status("Denied", "Hold", "p99 814 ms (decision d-2b3c)", 2))).isEqualTo(60);
    assertThat(written(status("Denied", "Hold", "p99 814 ms (decision d-2b3c)", 3))).isEqualTo(120);
    assertThat(written(status("Denied", "Hold", "p99 815 ms (decision d-2b3c)", 3))).isEqualTo(120);
    assertThat(written(status("Denied", "Hold", "p99 816 ms (decision d-2b3c)", 4))).isEqualTo(120);
    assertThat(written(status("Allowed", "Hold", "held", 4))).isEqualTo(2);
    assertThat(written(status("Allowed", "Hold", "held", 5))).isEqualTo(30);
  }

  @Test
  void atRestAllOfItIsWrittenAndWhatIsThereIsNot() {
    written(status("Allowed", "Hold", "held", 1));
    SwiftDeployStatus last = status("Allowed", "Hold", "held", 2);
    assertThat(writes.left(last, there, REST, now, moving)).hasValue(Duration.ZERO);
    assertThat(writes.left(last, last, REST, now, moving)).isEmpty();
  }
}
