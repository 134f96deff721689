package dev.swiftdeploy.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
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
import org.junit.jupiter.params.provider.ValueSource;

class ExpositionTest {
  private static final String M = "http_requests_total";

  /** Where it is read otherwise than by Prometheus, and why. */
  private static final Map<String, String> DIFFERENT =
      Map.of(
          "CRLF", "read: hand-written services send it, and it can mean nothing else",
          "twice the same label", "a fault: which one is meant is not known",
          "a line feed in a label value", "a fault: the format wants it escaped",
          "a name inside the braces", "not read: never sent to a client that asks for 0.0.4",
          "blanks everywhere", "Prometheus makes the leading blanks part of the name",
          "negative timestamp", "read: timestamps are passed over",
          "fraction as a timestamp", "read: OpenMetrics has them",
          "the number 1e400", "read as infinite, which no counter can be: refused later",
          "the number -1e400", "likewise");

  @TestFactory
  Stream<DynamicTest> itIsReadAsByPrometheus() {
    return Golden.cases("expositions.json").stream()
        .filter(c -> !DIFFERENT.containsKey(c.get("name").textValue()))
        .map(c -> DynamicTest.dynamicTest(c.get("name").textValue(), () -> same(c)));
  }

  private static void same(JsonNode c) {
    Map<Series, Double> expected = new LinkedHashMap<>();
    c.get("samples")
        .forEach(s -> expected.put(series(s.get("labels")), Golden.number(s.get("value"))));
    Set<String> wanted =
        Set.of(M, "a:b", "a", "d_bucket", "d_count", "d_sum", "http_requests_created");

    Exposition read = Exposition.parse(c.get("text").textValue(), wanted);

    boolean refused = read.malformed() > 0;
    assertThat(refused).as("refused").isEqualTo(c.has("error"));
    if (!refused) {
      assertThat(read.samples()).isEqualTo(expected);
      assertThat(read.fault()).isEmpty();
    }
  }

  private static Series series(JsonNode labels) {
    TreeMap<String, String> map = new TreeMap<>();
    labels.properties().forEach(l -> map.put(l.getKey(), l.getValue().textValue()));
    return new Series(map.remove("__name__"), map);
  }

  @Test
  void theDifferencesAreThere() {
    assertThat(Golden.cases("expositions.json"))
        .extracting(c -> c.get("name").textValue())
        .containsAll(DIFFERENT.keySet());
    assertThat(parse(M + "{a=\"b\"} 1\r\n" + M + " 2\r\n\r\n# EOF\r\n").samples())
        .containsExactly(Map.entry(series("a", "b"), 1.0), Map.entry(series(), 2.0));
    assertThat(parse(M + "{a=\"b\",a=\"c\"} 1\n").fault())
        .contains("line 1: " + M + " can't be read");
    assertThat(parse("\n" + M + "{a=\"b\nc\"} 1\n").fault())
        .contains("line 2: " + M + " can't be read");
    assertThat(parse(" \t" + M + " 7\n").samples()).containsExactly(Map.entry(series(), 7.0));
    assertThat(parse(M + " 7 -1\n" + M + "{a=\"b\"} 7 1.5\n").samples()).hasSize(2);
    assertThat(parse(M + " 1e400\n").samples()).containsValue(Double.POSITIVE_INFINITY);
  }

  @Test
  void aLabelsOrderIsNoMatter() {
    Exposition read = parse(M + "{a=\"1\",b=\"2\"} 5\n" + M + "{b=\"2\",a=\"1\",} 6\n");

    assertThat(read.samples()).containsExactly(Map.entry(series("a", "1", "b", "2"), 5.0));
    assertThat(read.duplicates()).as("the first is taken").isEqualTo(1);
    assertThat(read.fault()).isEmpty();
  }

  @Test
  void whatNobodyAskedForMayBeBrokenAndIsNotKept() {
    Exposition read =
        parse("other{a=b} x\n<html>\nhttp_requests_total_more 5\n" + M + " 1\nanother 7\n");

    assertThat(read.samples()).containsExactly(Map.entry(series(), 1.0));
    assertThat(read.malformed()).isEqualTo(1);
    assertThat(read.fault()).isEmpty();
    assertThat(read.empty()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n\n",
        "# HELP http_requests_total x\n# EOF\n",
        "Not found",
        "<html>\n<body>no metrics</body>\n</html>",
        "{\"http_requests_total\": 5}",
        "http_requests_total",
        "{} 5"
      })
  void whatHoldsNoSampleIsEmpty(String text) {
    assertThat(parse(text).empty()).isTrue();
    assertThat(parse(text).samples()).isEmpty();
  }

  @Test
  void oneSampleOfAnyMetricIsNotEmpty() {
    assertThat(parse("up 1").empty()).isFalse();
    assertThat(parse("Not found\nup 1\n").empty()).isFalse();
  }

  @Test
  void everyTruncationOfALineIsAFaultOrAnotherNumber() {
    String line = M + "{method=\"GET\",path=\"/a\\\"b\",status_code=\"200\",} 12.5e1";

    for (int end = 0; end < line.length(); end++) {
      Exposition read = parse(line.substring(0, end));
      boolean name = end < M.length(); // of another metric, as far as one can tell
      boolean number = end > line.indexOf("} ") + 2;
      if (!name && !number) {
        assertThat(read.fault()).as(line.substring(0, end)).isPresent();
        assertThat(read.samples()).isEmpty();
      }
    }
  }

  @Test
  void aLabelOfAMegabyteIsReadOnce() {
    String label = "x".repeat(1 << 20);

    Exposition read = parse(M + "{path=\"" + label + "\"} 1\nother{path=\"" + label + "\"} 1\n");

    assertThat(read.samples()).containsExactly(Map.entry(series("path", label), 1.0));
  }

  @Test
  void moreSeriesThanAreReadIsAFault() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Exposition.MOST_SERIES; i++) {
      text.append(M).append("{i=\"").append(i).append("\"} 1\n");
    }
    assertThat(parse(text.toString()).fault()).isEmpty();
    assertThat(parse(text.toString()).samples()).hasSize(Exposition.MOST_SERIES);

    text.append(M).append("{i=\"0\"} 1\n"); // again: no more series
    assertThat(parse(text.toString()).fault()).isEmpty();

    text.append(M).append("{i=\"-1\"} 1\n");
    assertThat(parse(text.toString()).fault()).contains("line 20002: more than 20000 series");
  }

  @RepeatedTest(20)
  void whateverComesItIsReadWithoutFailing(RepetitionInfo run) {
    Random random = new Random(run.getCurrentRepetition());
    for (int i = 0; i < 500; i++) {
      String text = random.nextBoolean() ? noise(random) : damaged(random);

      Exposition read = parse(text);

      assertThat(read.samples().size()).isLessThanOrEqualTo(text.length());
      assertThat(read.samples().keySet()).allMatch(s -> s.metric().equals(M));
      if (read.fault().isPresent()) {
        assertThat(read.fault().get()).matches("line \\d+: http_requests_total can't be read");
        assertThat(read.malformed()).isPositive();
      }
      ScrapeResult scrape = Scrape.of(java.time.Instant.EPOCH, read, Set.of());
      if (scrape instanceof Scrape good) {
        assertThat(good.counters().values()).allMatch(v -> v >= 0 && v < 0x1p53);
      }
    }
  }

  private static String noise(Random random) {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    return M + new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** A good text with some characters replaced, dropped or doubled. */
  private static String damaged(Random random) {
    StringBuilder text =
        new StringBuilder(
            M + "{method=\"GET\",path=\"/\\n\",status_code=\"200\",} 12.0 17 # {} 1\n");
    text.append(text).append("# EOF\n");
    String with = "{}\"\\,=# \t\n\r0eE+-.NaInf\u0000é\uD83D";
    for (int n = random.nextInt(6); n >= 0; n--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(3)) {
        case 0 -> text.setCharAt(at, with.charAt(random.nextInt(with.length())));
        case 1 -> text.deleteCharAt(at);
        default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 5)));
      }
    }
    return text.toString();
  }

  private static Exposition parse(String text) {
    return Exposition.parse(text, Set.of(M));
  }

  private static Series series(String... labels) {
    TreeMap<String, String> map = new TreeMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      map.put(labels[i], labels[i + 1]);
    }
    return new Series(M, map);
  }
}
