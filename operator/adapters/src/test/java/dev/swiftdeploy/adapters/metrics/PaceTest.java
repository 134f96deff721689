package dev.swiftdeploy.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.Durations;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {

  @ParameterizedTest
  @CsvSource({
    "5s, 30s, PT1S", // the defaults
    "10s, 60s, PT2S",
    "1s, 30s, PT1S",
    "1m, 5m, PT12S",
    "10m, 30m, PT15S", // never slower, but for memory:
    "10m, 10h, PT2M",
    "5s, 10h, PT2M",
    "1s, 4s, PT1S",
    "1s, 2s, PT0.5S", // four in a window, however short
    "1s, 1s, PT0.25S"
  })
  void scrapesFollowTheSpec(String interval, String window, Duration pause) {
    Pace pace = pace(interval, window, Optional.empty());

    assertThat(pace.scrapes()).isEqualTo(pause);
    assertThat(pace.kept()).isGreaterThan(Durations.parse(window).plus(pause));
    assertThat(pace.probes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"5, PT0.2S", "0.1, PT10S", "100, PT0.01S"})
  void probesFollowTheSpec(double perSecond, Duration pause) {
    assertThat(pace("5s", "30s", Optional.of(new Spec.Probe(HttpPath.of("/"), perSecond))).probes())
        .contains(pause);
  }

  @Test
  void aCandidateWithoutDeclaredStepsIsProbedByDefault() {
    Spec spec =
        Specs.analysed(List.of(), Durations.parse("5s"), Durations.parse("30s"), Optional.empty());

    assertThat(Pace.of(spec, Limits.DEFAULT, true).probe()).contains(Spec.Defaults.PROBE);
    assertThat(Pace.of(spec, Limits.DEFAULT, false).probe()).isEmpty();
  }

  @Test
  void whatIsNotTheServicesWorkIsNotCounted() {
    assertThat(pace("5s", "30s", Optional.empty()).uncounted())
        .containsExactlyInAnyOrder("/healthz", "/metrics", "/chaos");
  }

  private static Pace pace(String interval, String window, Optional<Spec.Probe> probe) {
    return Pace.of(
        Specs.analysed(Durations.parse(interval), Durations.parse(window), probe),
        Limits.DEFAULT,
        false);
  }
}
