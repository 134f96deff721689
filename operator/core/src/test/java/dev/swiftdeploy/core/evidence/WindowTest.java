package dev.swiftdeploy.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.platform.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
  private static final Duration KEPT = Duration.ofSeconds(60);
  private static final Duration QUICK = Duration.ofMillis(8);
  private static final Set<String> UNCOUNTED = Set.of("/healthz");

  private final VirtualClock clock = new VirtualClock();
  private final Instant begin = clock.instant();
  private final Window window = new Window(KEPT);
  private final FakeService service = new FakeService(clock, Duration.ofMinutes(5));

  // ---- where it begins ----

  @Test
  void nothingReadIsNothingKnown() {
    assertThat(window.read(begin)).isEmpty();
  }

  @Test
  void theFirstScrapeIsTheBaseline() {
    service.answer(100, "/", 500, QUICK);
    scrape();
    assertThat(read().requests()).isZero();
    assertThat(read().errorRate()).isNull();
    assertThat(read().windowSeconds()).isZero();
    assertThat(read().instances()).isEqualTo(1);

    service.answer(3, "/", 200, QUICK);
    pass(2);
    scrape();

    assertThat(read().requests()).isEqualTo(3);
    assertThat(read().errors()).isZero();
    assertThat(read().windowSeconds()).isEqualTo(2);
  }

  @Test
  void noScrapeBeforeItsBeginIsABaseline() {
    scrape();
    service.answer(100, "/", 500, QUICK); // perhaps before the step, perhaps after it
    pass(1);
    Instant step = now();
    pass(1);
    scrape();
    assertThat(read(step).requests()).isZero();

    service.answer(3, "/", 200, QUICK);
    pass(1);
    scrape();

    assertThat(read(step).requests()).isEqualTo(3);
    assertThat(read(step).errors()).isZero();
    assertThat(read(step).windowSeconds()).isEqualTo(1);
    assertThat(read(step.minusSeconds(1)).requests()).isEqualTo(103);
  }

  @Test
  void aScrapeRightAtItsBeginIsABaseline() {
    scrape();
    Instant step = now();
    service.answer(3, "/", 200, QUICK);
    pass(1);
    scrape();

    assertThat(read(step).requests()).isEqualTo(3);
    assertThat(read(step.plusNanos(1)).requests()).isZero();
  }

  @Test
  void aProbeWithoutAnAnswerIsAnErrorOfItsOwn() {
    scrape();
    window.addUnansweredProbe(now());
    assertThat(read().unansweredProbes()).isEqualTo(1);
    assertThat(read().syntheticRequests()).isEqualTo(1);
    assertThat(read().requests()).isZero();
    assertThat(read().errors()).isEqualTo(1);
    assertThat(read().errorRate()).isEqualTo(1);
    assertThat(read(now().plusNanos(1)).unansweredProbes()).as("of an earlier step").isZero();
  }

  @Test
  void aWindowThatBeginsAfterTheLastScrapeHoldsNothing() {
    scrape();
    pass(1);
    WorkloadMetrics read = read(now());

    assertThat(read.requests()).isZero();
    assertThat(read.instances()).isZero();
    assertThat(read.windowSeconds()).isZero();
    assertThat(read.chaosActive()).isNull();
  }

  // ---- births ----

  @Test
  void anInstanceBornInTheWindowBeganAtZero() {
    Instant from = now();
    pass(1);
    service.restart();
    service.answer(5, "/", 200, QUICK);
    service.answer(1, "/", 500, QUICK);
    pass(2);
    scrape();

    assertThat(read(from).requests()).isEqualTo(6);
    assertThat(read(from).errors()).isEqualTo(1);
    assertThat(read(from).restarts()).isZero();
    assertThat(read(from).windowSeconds()).as("since its birth").isEqualTo(2);
    assertThat(read(from).p50Ms()).isNotNull();
  }

  @Test
  void anInstanceBornBeforeTheWindowHasABaseline() {
    service.restart();
    pass(1);
    Instant from = now();
    service.answer(5, "/", 200, QUICK);
    pass(1);
    scrape();

    assertThat(read(from).requests()).isZero();
  }

  @Test
  void anInstanceOfUnknownAgeHasABaseline() {
    service.ageless();
    service.answer(5, "/", 200, QUICK);
    scrape();
    service.answer(2, "/", 200, QUICK);
    pass(1);
    scrape();

    assertThat(read().requests()).isEqualTo(2);
  }

  @Test
  void aSeriesThatAppearsLaterBeganAtZero() {
    service.answer(1, "/", 200, QUICK);
    scrape();
    service.answer(4, "/new", 503, Duration.ofSeconds(2));
    pass(1);
    scrape();

    assertThat(read().requests()).isEqualTo(4);
    assertThat(read().errors()).isEqualTo(4);
    assertThat(read().p50Ms()).isBetween(1000.0, 2500.0);
  }

  @Test
  void aSeriesThatIsMissingForAWhileGoesOnWhereItWas() {
    say(
        "http_requests_total{status_code=\"200\"} 10\nhttp_requests_total{status_code=\"500\"} 900");
    say("http_requests_total{status_code=\"200\"} 11");
    say(
        "http_requests_total{status_code=\"200\"} 12\nhttp_requests_total{status_code=\"500\"} 901");

    assertThat(read().requests()).isEqualTo(3);
    assertThat(read().errors()).isEqualTo(1);
  }

  // ---- restarts and resets ----

  @Test
  void aRestartIsSeenByUptimeWhereCountersHideIt() {
    service.answer(10, "/", 200, QUICK);
    scrape();
    pass(1);
    service.restart();
    service.answer(50, "/", 500, QUICK);
    scrape();

    assertThat(read().requests()).as("not 40").isEqualTo(50);
    assertThat(read().errors()).isEqualTo(50);
    assertThat(read().restarts()).isEqualTo(1);
    assertThat(read().resets()).isZero();
  }

  @Test
  void aRestartIsSeenWhereTheInstanceIsAlreadyOlderThanBefore() {
    service.restart();
    service.answer(10, "/", 200, QUICK);
    pass(1);
    scrape(); // 1 s old
    pass(2);
    service.restart();
    service.answer(50, "/", 500, QUICK);
    pass(3);
    scrape(); // 3 s old, and was not there when it was scraped 5 s ago

    assertThat(read().requests()).isEqualTo(60);
    assertThat(read(now().minusSeconds(5)).requests()).isEqualTo(50);
    assertThat(read().restarts()).isEqualTo(1);
  }

  @Test
  void aRestartInTheWindowCountsEvenIfTheScrapeBeforeItDoesNot() {
    service.answer(10, "/", 200, QUICK);
    scrape();
    pass(1);
    Instant from = now();
    pass(1);
    service.restart();
    service.answer(4, "/", 500, QUICK);
    pass(1);
    scrape();

    assertThat(read(from).requests()).isEqualTo(4);
    assertThat(read(from).restarts()).isEqualTo(1);
    assertThat(read(from).windowSeconds()).isEqualTo(1);
    assertThat(read(from.plusMillis(1500)).requests()).as("born before").isZero();
    assertThat(read(from.plusMillis(1500)).restarts()).isZero();
  }

  @Test
  void aCounterThatGoesBackCountsFromZeroOn() {
    say("http_requests_total{status_code=\"200\"} 100\nhttp_requests_total{status_code=\"500\"} 7");
    say("http_requests_total{status_code=\"200\"} 30\nhttp_requests_total{status_code=\"500\"} 8");
    say("http_requests_total{status_code=\"200\"} 31\nhttp_requests_total{status_code=\"500\"} 0");

    assertThat(read().requests()).isEqualTo(30 + 1 + 1);
    assertThat(read().errors()).isEqualTo(1);
    assertThat(read().resets()).isEqualTo(2);
    assertThat(read().restarts()).as("nobody told").isZero();
  }

  // ---- several instances ----

  @Test
  void instancesAreAddedUp() {
    FakeService other = new FakeService(clock, Duration.ofMinutes(9));
    other.answer(1_000, "/", 500, QUICK);
    scrape("0", service);
    pass(1);
    scrape("1", other);
    service.answer(6, "/", 200, QUICK);
    other.answer(3, "/", 500, Duration.ofMillis(700));
    pass(1);
    scrape("0", service);
    pass(1);
    scrape("1", other);

    WorkloadMetrics read = read();
    assertThat(read.requests()).isEqualTo(9);
    assertThat(read.errorRate()).isEqualTo(0.333333);
    assertThat(read.p50Ms()).isBetween(5.0, 10.0);
    assertThat(read.p99Ms()).isBetween(500.0, 1000.0);
    assertThat(read.windowSeconds()).isEqualTo(3);
    assertThat(read.instances()).isEqualTo(2);
  }

  @Test
  void oneThatVanishedCountsWithWhatItDidUntilItIsTooLongAgo() {
    FakeService other = new FakeService(clock, Duration.ofMinutes(9));
    scrape("0", service);
    scrape("1", other);
    other.answer(3, "/", 500, QUICK);
    pass(1);
    scrape("1", other);
    Instant from = now().minusSeconds(1);

    for (int i = 0; i < 59; i++) {
      pass(1);
      scrape("0", service);
    }
    assertThat(read(from).errors()).isEqualTo(3);
    assertThat(read(from).instances()).isEqualTo(2);

    pass(2);
    scrape("0", service);
    assertThat(read().errors()).isZero();
    assertThat(read().instances()).isEqualTo(1);
  }

  @Test
  void oneThatWasForgottenBeginsWithABaseline() {
    service.answer(5, "/", 500, QUICK);
    scrape("0", service);
    FakeService other = new FakeService(clock, Duration.ofMinutes(9));
    pass(100);
    scrape("1", other);
    service.answer(5, "/", 500, QUICK);
    pass(1);
    scrape("0", service);

    assertThat(read().errors()).isZero();
  }

  // ---- failures ----

  @Test
  void failuresAreCountedWithTheLatestReason() {
    fail("first");
    pass(1);
    Instant from = now();
    fail("second");
    pass(1);
    fail("third");

    assertThat(read().scrapeFailures()).isEqualTo(3);
    assertThat(read(from).scrapeFailures()).isEqualTo(2);
    assertThat(read(from).scrapeFailure()).isEqualTo("third");
    assertThat(read(from).requests()).as("not known").isNull();
    assertThat(read(from.plusSeconds(5)).scrapeFailures()).isZero();
    assertThat(read(from.plusSeconds(5)).requests()).isZero();

    pass(61);
    scrape();
    assertThat(read().scrapeFailures()).as("too long ago").isZero();
  }

  @Test
  void aFailureBetweenTwoScrapesLosesNothing() {
    scrape();
    service.answer(3, "/", 200, QUICK);
    pass(1);
    fail("timeout");
    service.answer(4, "/", 200, QUICK);
    pass(1);
    scrape();

    assertThat(read().requests()).isEqualTo(7);
    assertThat(read().scrapeFailures()).isEqualTo(1);
    assertThat(read().restarts()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "NaN, http_requests_total is not a number",
    "-1, http_requests_total is negative",
    "-Inf, http_requests_total is negative",
    "+Inf, http_requests_total is larger than a counter can be",
    "9007199254740992, http_requests_total is larger than a counter can be",
    "1e300, http_requests_total is larger than a counter can be",
    "twelve, line 2: http_requests_total can't be read"
  })
  void aCounterThatIsNoneFailsTheScrape(String value, String why) {
    say("http_requests_total{status_code=\"200\"} 100");
    say(
        "http_requests_total{status_code=\"200\"} 101\nhttp_requests_total{status_code=\"500\"} "
            + value);

    assertThat(read().scrapeFailures()).isEqualTo(1);
    assertThat(read().scrapeFailure()).isEqualTo(why);
    assertThat(read().requests()).isZero();

    say("http_requests_total{status_code=\"200\"} 102\nhttp_requests_total{status_code=\"500\"} 1");
    assertThat(read().requests()).isEqualTo(3);
    assertThat(read().errors()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"NaN", "-Inf", "''", "fast"})
  void aBucketWithoutABoundFailsTheScrape(String le) {
    say("http_request_duration_seconds_bucket{le=\"" + le + "\"} 1");

    assertThat(read().scrapeFailure())
        .isEqualTo("http_request_duration_seconds_bucket has a bucket without a bound");
  }

  @Test
  void whatIsNotCountedMayMakeNoSense() {
    say("http_requests_total{path=\"/healthz\",status_code=\"500\"} NaN\napp_uptime_seconds -3");

    assertThat(read().scrapeFailures()).isZero();
  }

  // ---- the labels ----

  @Test
  void withoutAStatusErrorsAreNotKnown() {
    say("http_requests_total{path=\"/\"} 1\nhttp_requests_total{status_code=\"500\"} 1");
    say("http_requests_total{path=\"/\"} 5\nhttp_requests_total{status_code=\"500\"} 3");

    assertThat(read().requests()).isEqualTo(6);
    assertThat(read().errors()).isNull();
    assertThat(read().errorRate()).isNull();
    assertThat(read().errorRateUpper95()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "500,true",
    "503,true",
    "599,true",
    "5xx,true",
    "200,false",
    "404,false",
    "499,false",
    "050,false",
    "1500,false",
    "x5,false"
  })
  void errorsAreThoseOf5xx(String status, boolean error) {
    say("http_requests_total{status_code=\"" + status + "\"} 0");
    say("http_requests_total{status_code=\"" + status + "\"} 1");

    assertThat(read().errors()).isEqualTo(error ? 1 : 0);
  }

  @Test
  void peopleAndProbesAreCountedApartAndJudgedTogether() {
    scrape();
    service.answer(5, "/", 200, QUICK);
    service.behave(500, Duration.ofMillis(700));
    service.request("/", true);
    service.request("/", true);
    service.request("/", true);
    pass(1);
    scrape();

    assertThat(read().requests()).isEqualTo(5);
    assertThat(read().syntheticRequests()).isEqualTo(3);
    assertThat(read().errors()).isEqualTo(3);
    assertThat(read().errorRate()).isEqualTo(0.375);
    assertThat(read().p99Ms()).isBetween(500.0, 1000.0);
  }

  @Test
  void boundsAreNumbersHoweverTheyAreWritten() {
    String b = "http_request_duration_seconds_bucket";
    say(b + "{le=\"1.0\"} 0\n" + b + "{le=\"+Inf\"} 0");
    say(b + "{le=\"1\"} 10\n" + b + "{le=\"2e0\"} 10\n" + b + "{le=\"Inf\"} 10");

    assertThat(read().p50Ms()).isEqualTo(500);
    assertThat(read().p99InLastBucket()).isFalse();
  }

  @Test
  void allAboveTheLastBoundIsTold() {
    scrape();
    service.answer(30, "/", 200, Duration.ofSeconds(40));
    pass(1);
    scrape();

    assertThat(read().p99Ms()).isEqualTo(2500);
    assertThat(read().p99InLastBucket()).isTrue();
  }

  @Test
  void aHistogramOfOneBucketTellsNothing() {
    String b = "http_request_duration_seconds_bucket";
    say(b + "{le=\"+Inf\"} 0\nhttp_requests_total{status_code=\"200\"} 0");
    say(b + "{le=\"+Inf\"} 30\nhttp_requests_total{status_code=\"200\"} 30");

    assertThat(read().requests()).isEqualTo(30);
    assertThat(read().p99Ms()).isNull();
    assertThat(read().p99InLastBucket()).isFalse();
  }

  @Test
  void chaosIsTheHighestThatIsToldNow() {
    window.add("0", new Scrape(now(), Map.of(), Optional.empty(), OptionalDouble.of(2)));
    window.add("1", new Scrape(now(), Map.of(), Optional.empty(), OptionalDouble.empty()));
    assertThat(read().chaosActive()).isEqualTo(2);

    pass(1);
    window.add("0", new Scrape(now(), Map.of(), Optional.empty(), OptionalDouble.of(0)));
    assertThat(read().chaosActive()).isZero();
  }

  // ---- clocks ----

  @Test
  void aSecondScrapeOfTheSameTimeIsPassedOver() {
    scrape();
    service.answer(3, "/", 200, QUICK);
    scrape();
    assertThat(read().requests()).isZero();

    pass(1);
    scrape();
    assertThat(read().requests()).isEqualTo(3);
  }

  @Test
  void aClockThatIsSetBackForgetsTheFuture() {
    FakeService gone = new FakeService(clock, Duration.ofMinutes(9));
    scrape("1", gone);
    scrape();
    service.answer(500, "/", 200, QUICK);
    pass(1);
    scrape();
    assertThat(read().requests()).isEqualTo(500);

    clock.set(now().minusSeconds(3600));
    service.ageless(); // its own clock is not set
    scrape();

    assertThat(read(now().minusSeconds(30)).requests()).as("stale").isZero();
    assertThat(read(now().minusSeconds(30)).instances()).isEqualTo(1);
    service.answer(4, "/", 500, QUICK);
    pass(1);
    scrape();
    assertThat(read(now().minusSeconds(30)).requests()).isEqualTo(4);
  }

  @Test
  void aFailureNoticesAClockThatIsSetBackToo() {
    scrape();
    service.answer(500, "/", 200, QUICK);
    pass(1);
    scrape();

    clock.set(now().minusSeconds(3600));
    fail("timeout");

    assertThat(read(now().minusSeconds(30)).requests()).isNull();
  }

  @Test
  void aClockThatLeapsAheadCountsNothingOfBefore() {
    scrape();
    service.ageless();
    service.answer(500, "/", 200, QUICK);
    pass(3600);
    scrape();

    assertThat(read(now().minusSeconds(30)).requests()).isZero();
    service.answer(4, "/", 500, QUICK);
    pass(1);
    scrape();
    assertThat(read(now().minusSeconds(30)).requests()).isEqualTo(4);
  }

  // ---- memory ----

  @Test
  void ofScrapesOnlyTheirDeltasAreKept() {
    InstanceWindow instance = new InstanceWindow();
    for (int i = 0; i < 300; i++) {
      pass(1);
      Map<Series, Double> counters = new HashMap<>();
      for (int s = 0; s < 1000; s++) {
        counters.put(
            new Series(Scrape.REQUESTS, new TreeMap<>(Map.of("path", "/" + i + "/" + s))), 1.0);
      }
      instance.add(new Scrape(now(), counters, Optional.empty(), OptionalDouble.empty()));
      instance.forget(now().minus(KEPT));
      assertThat(instance.series()).isLessThanOrEqualTo(Exposition.MOST_SERIES);
      assertThat(instance.deltas().size()).isLessThanOrEqualTo(61);
    }
  }

  // ---- against Prometheus ----

  @TestFactory
  Stream<DynamicTest> ratesAndQuantilesAreThoseOfPrometheus() {
    return Golden.cases("windows.json").stream()
        .map(c -> DynamicTest.dynamicTest(c.get("name").textValue(), () -> same(c)));
  }

  private static void same(JsonNode c) {
    Window window = new Window(KEPT);
    for (JsonNode scrape : c.get("scrapes")) {
      Exposition text = Exposition.parse(scrape.get("text").textValue(), Scrape.METRICS);
      Instant at = Instant.ofEpochMilli(scrape.get("at_ms").longValue());
      window.add(scrape.get("instance").textValue(), Scrape.of(at, text, UNCOUNTED));
    }
    WorkloadMetrics read =
        window.read(Instant.ofEpochMilli(c.get("from_ms").longValue())).orElseThrow();

    // What Prometheus extrapolates: a millisecond of the window; more of what vanished within it.
    boolean vanishing = c.get("name").textValue().contains("vanishes");
    double tolerance = vanishing ? 0.06 : 0.0005;
    JsonNode want = c.get("want");
    close(read.requests() / read.windowSeconds(), want.get("rate_per_second"), tolerance);
    close(read.errorRate(), want.get("error_rate"), tolerance);
    close(read.p50Ms() / 1000, want.get("q0.5"), tolerance);
    close(read.p95Ms() / 1000, want.get("q0.95"), tolerance);
    close(read.p99Ms() / 1000, want.get("q0.99"), tolerance);
    assertThat(read.p99InLastBucket()).isEqualTo(Golden.number(want.get("q0.99")) == 2.5);
  }

  private static void close(double is, JsonNode want, double relative) {
    double expected = Golden.number(want);
    assertThat(is).isCloseTo(expected, within(expected * relative + 1e-6));
  }

  // ---- at random ----

  /** Lives of an instance as they are, of which a window sees only scrapes. */
  @RepeatedTest(40)
  void whatCanBeSeenOfEachLifeIsCounted(RepetitionInfo run) {
    Random random = new Random(run.getCurrentRepetition());
    Window seen = new Window(Duration.ofHours(1));
    Instant from = null;
    double expected = 0;
    int restarts = 0;
    Map<Integer, FakeService> services = new HashMap<>();
    Map<Integer, Instant> born = new HashMap<>();
    Map<Integer, Long> count = new HashMap<>();
    Map<Integer, Long> baseline = new HashMap<>(); // of this life, as far as it is seen
    Map<Integer, Boolean> scrapedThisLife = new HashMap<>();
    Map<Integer, Boolean> scrapedEver = new HashMap<>();
    for (int i = 0; i < 3; i++) {
      services.put(i, new FakeService(clock, Duration.ofMinutes(1)));
      born.put(i, now().minusSeconds(60));
      count.put(i, 0L);
    }
    for (int step = 0; step < 120; step++) {
      clock.advance(Duration.ofMillis(1 + random.nextInt(900)));
      if (from == null && step == 30) {
        from = now();
        baseline.clear();
        clock.advance(Duration.ofMillis(1));
      }
      int i = random.nextInt(3);
      FakeService s = services.get(i);
      switch (random.nextInt(8)) {
        case 0 -> {
          s.restart();
          born.put(i, now());
          count.put(i, 0L);
          baseline.remove(i);
          scrapedThisLife.remove(i);
        }
        case 1, 2, 3 -> {
          int n = random.nextInt(20);
          s.answer(n, "/", 200, QUICK);
          count.merge(i, (long) n, Long::sum);
        }
        case 4 -> seen.add(String.valueOf(i), new FailedScrape(now(), "none"));
        default -> {
          clock.advance(Duration.ofMillis(1));
          seen.add(String.valueOf(i), of(s));
          if (from != null) {
            boolean bornInside = !born.get(i).isBefore(from);
            long was = baseline.getOrDefault(i, bornInside ? 0 : count.get(i));
            expected += count.get(i) - was;
            baseline.put(i, count.get(i));
            if (bornInside && !scrapedThisLife.containsKey(i) && scrapedEver.containsKey(i)) {
              restarts++;
            }
          }
          scrapedThisLife.put(i, true);
          scrapedEver.put(i, true);
        }
      }
    }

    WorkloadMetrics read = seen.read(from).orElseThrow();
    assertThat(read.requests()).isEqualTo(expected);
    assertThat(read.restarts()).isEqualTo(restarts);
    assertThat(read.resets()).isZero();
  }

  @RepeatedTest(40)
  void whateverIsToldTheNumbersMakeSense(RepetitionInfo run) {
    Random random = new Random(run.getCurrentRepetition());
    Instant from = now().plusSeconds(random.nextInt(20));
    for (int i = 0; i < 60; i++) {
      clock.advance(Duration.ofMillis(random.nextInt(2000) - 200));
      window.add(
          String.valueOf(random.nextInt(3)),
          Scrape.of(now(), Exposition.parse(lies(random), Scrape.METRICS), UNCOUNTED));
      sane(read(from));
      sane(read(Instant.EPOCH));
      sane(read(Instant.MAX));
    }
  }

  private static String lies(Random random) {
    StringBuilder text = new StringBuilder("up 1\n");
    String[] statuses = {"200", "404", "500"};
    for (String metric : new String[] {Scrape.REQUESTS, Scrape.PROBES}) {
      for (String status : statuses) {
        text.append(metric + "{status_code=\"" + status + "\"} " + value(random) + "\n");
      }
    }
    for (String le : new String[] {"-1", "0", "0.005", "0.1", "0.5", "0.50", "1e9", "+Inf"}) {
      if (random.nextInt(8) > 0) {
        text.append(Scrape.DURATIONS + "{le=\"" + le + "\"} " + value(random) + "\n");
      }
    }
    return text + (random.nextBoolean() ? "app_uptime_seconds " + value(random) + "\n" : "");
  }

  private static String value(Random random) {
    return switch (random.nextInt(40)) {
      case 0 -> "NaN";
      case 1 -> "-5";
      case 2 -> "1e15";
      case 3 -> "1e-300";
      case 4 -> "0.1";
      case 5 -> "+Inf";
      case 6 -> "4503599627370496.5";
      default -> String.valueOf(random.nextInt(1000));
    };
  }

  private static void sane(WorkloadMetrics read) {
    for (Double number :
        new Double[] {
          read.requests(), read.syntheticRequests(), read.errors(), read.windowSeconds()
        }) {
      if (number != null) {
        assertThat(number).isFinite().isNotNegative();
      }
    }
    if (read.errorRate() != null) {
      assertThat(read.errorRate()).isBetween(0.0, 1.0);
      assertThat(read.errorRateUpper95()).isBetween(read.errorRate() - 1e-6, 1.0);
    }
    if (read.p99Ms() != null) {
      assertThat(read.p50Ms()).isFinite();
      assertThat(read.p95Ms()).isBetween(read.p50Ms(), read.p99Ms());
    }
    assertThat(read.restarts()).isNotNegative();
  }

  // ---- the bound of the error rate ----

  /**
   * Of the one-sided 95 % bound: closed forms, and those of R's binom.test(…, alternative="less").
   */
  @ParameterizedTest
  @CsvSource({
    "0, 1, 0.95",
    "0, 5, 0.450720",
    "0, 20, 0.139108",
    "0, 100, 0.029513",
    "0, 300, 0.009936",
    "1, 1, 1",
    "1, 2, 0.974679",
    "1, 10, 0.394163",
    "5, 20, 0.455582",
    "9, 10, 0.994884",
    "20, 20, 1"
  })
  void theErrorRateIsBoundAsByClopperAndPearson(int errors, int all, double upper) {
    assertThat(after(errors, all).errorRateUpper95()).isCloseTo(upper, within(2e-6));
  }

  /** At the bound, as few errors as were seen are seen in 5 % of all windows. */
  @ParameterizedTest
  @CsvSource({"1, 20", "2, 100", "7, 100", "3, 1000", "50, 1000", "500, 1000", "999, 1000"})
  void whatWasSeenIsSeenInFivePercentAtTheBound(int errors, int all) {
    double p = after(errors, all).errorRateUpper95();
    double cumulative = 0;
    double logTerm = all * Math.log1p(-p);
    for (int k = 0; k <= errors; k++) {
      cumulative += Math.exp(logTerm);
      logTerm += Math.log((double) (all - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
    }
    assertThat(cumulative).isCloseTo(0.05, within(1e-3));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1000000",
    "100, 1000000",
    "1000000, 100000000",
    "1, 4000000000",
    "2000000000, 4000000000",
    "1, 9000000000000000",
    "4500000000000000, 9000000000000000"
  })
  void theBoundHoldsForManyRequests(long errors, long all) {
    double rate = (double) errors / all;
    double sigma = Math.sqrt(Math.max(1, errors) * (1 - rate)) / all;
    assertThat(after(errors, all).errorRateUpper95())
        .isBetween(rate - 1e-6, rate + 5 * sigma + 3e-5);
  }

  private WorkloadMetrics after(long errors, long all) {
    String ok = "http_requests_total{status_code=\"200\"} ";
    String bad = "http_requests_total{status_code=\"500\"} ";
    say(ok + "0\n" + bad + "0");
    say(ok + (all - errors) + "\n" + bad + errors);
    return read();
  }

  // ---- helpers ----

  private Instant now() {
    return clock.instant();
  }

  private void pass(int seconds) {
    clock.advance(Duration.ofSeconds(seconds));
  }

  private void scrape() {
    scrape("0", service);
  }

  private void scrape(String instance, FakeService of) {
    window.add(instance, of(of));
  }

  private ScrapeResult of(FakeService of) {
    return Scrape.of(
        now(), Exposition.parse(of.metrics().orElseThrow(), Scrape.METRICS), UNCOUNTED);
  }

  /** A second later the instance says this. */
  private void say(String text) {
    pass(1);
    window.add("0", Scrape.of(now(), Exposition.parse(text, Scrape.METRICS), UNCOUNTED));
  }

  private void fail(String why) {
    window.add("0", new FailedScrape(now(), why));
  }

  /** Since the test began: services are older than that. */
  private WorkloadMetrics read() {
    return read(begin);
  }

  private WorkloadMetrics read(Instant from) {
    return window.read(from).orElseThrow();
  }
}
