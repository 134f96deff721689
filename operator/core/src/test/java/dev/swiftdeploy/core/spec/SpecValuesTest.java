package dev.swiftdeploy.core.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Numbers, durations, words and the parts of a spec: the last that is taken, the first that is not.
 */
class SpecValuesTest {

  // ports

  @ParameterizedTest
  @CsvSource({"1, 1", "80, 80", "65535, 65535"})
  void aPort(String text, int number) {
    assertThat(Port.parse(text).number()).isEqualTo(number);
    assertThat(Port.of(number)).isEqualTo(Port.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "65536",
        "-1",
        "+80",
        "080",
        "0x50",
        "8e1",
        "80.0",
        "8_0",
        " 80",
        "80 ",
        "80\n",
        "99999999999999999999",
        "1234567890",
        "\u0668\u0660",
        "http"
      })
  void noPort(String text) {
    assertThatThrownBy(() -> Port.parse(text))
        .isInstanceOf(InvalidValue.class)
        .hasMessageContaining("is not a port: 1 to 65535");
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 65536, Integer.MAX_VALUE})
  void noPortAsANumber(int number) {
    assertThatThrownBy(() -> Port.of(number)).isInstanceOf(InvalidValue.class);
  }

  // durations

  @ParameterizedTest
  @CsvSource({
    "0s, 0, 0s",
    "1ms, 1, 1ms",
    "999ms, 999, 999ms",
    "1500ms, 1500, 1s500ms",
    "30s, 30000, 30s",
    "90s, 90000, 1m30s",
    "1m30s, 90000, 1m30s",
    "60m, 3600000, 1h",
    "1h1m1s1ms, 3661001, 1h1m1s1ms",
    "24h, 86400000, 24h",
    "86400s, 86400000, 24h",
    "86400000ms, 86400000, 24h",
  })
  void aDuration(String text, long millis, String written) {
    Duration duration = Durations.parse(text);
    assertThat(duration).isEqualTo(Duration.ofMillis(millis));
    assertThat(Durations.format(duration)).isEqualTo(written);
    assertThat(Durations.parse(written)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s",
        "30",
        "-1s",
        "+1s",
        "1.5s",
        ".5s",
        "1e9s",
        "1 s",
        "1s ",
        "1s1h",
        "1s1s",
        "1d",
        "1S",
        "24h1ms",
        "25h",
        "86401s",
        "86400001ms",
        "99999999999999999999s",
        "999999999999h",
        "1m 30s",
        "\u0661s",
        "1s\n",
        "inf"
      })
  void noDuration(String text) {
    assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(InvalidValue.class);
  }

  // words

  @Test
  void modesAndRestartPoliciesAreTheirWords() {
    for (Mode mode : Mode.values()) {
      assertThat(Mode.of(mode.word())).isEqualTo(mode).hasToString(mode.word());
    }
    for (RestartPolicy policy : RestartPolicy.values()) {
      assertThat(RestartPolicy.of(policy.word())).isEqualTo(policy).hasToString(policy.word());
    }
    for (String other : List.of("", "Stable", "CANARY", " stable", "blue")) {
      assertThatThrownBy(() -> Mode.of(other)).isInstanceOf(InvalidValue.class);
      assertThatThrownBy(() -> RestartPolicy.of(other)).isInstanceOf(InvalidValue.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cpu, 1",
    "cpu, 500m",
    "cpu, 0.5",
    "cpu, 999999",
    "memory, 1",
    "memory, 256Mi",
    "memory, 1.5Gi",
    "memory, 999999999999999",
  })
  void aResourceAmount(String name, String amount) {
    assertThat(Spec.Services.checkedResource(name, amount)).isEqualTo(amount);
  }

  @ParameterizedTest
  @CsvSource({
    "cpu, 1000000",
    "cpu, 1e3",
    "cpu, -1",
    "cpu, 1Mi",
    "cpu, 0.0001",
    "cpu, ''",
    "memory, 1MB",
    "memory, 256 Mi",
    "memory, 1000000000000000",
    "memory, 1m",
    "gpu, 1",
    "CPU, 1",
  })
  void noResourceAmount(String name, String amount) {
    assertThatThrownBy(() -> Spec.Services.checkedResource(name, amount))
        .isInstanceOf(InvalidValue.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:8181",
        "https://opa.example.com",
        "http://[::1]:8181/",
        "http://opa/v1/data"
      })
  void anOpaServer(String url) {
    assertThat(Spec.Policy.checkedUrl(url)).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "opa:8181",
        "ftp://opa",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@opa",
        "http://opa?x=1",
        "http://opa#x",
        "http://opa:123456",
        "http://opa//x",
        "http://o;pa",
        "http://opa\n",
        "HTTP://opa"
      })
  void noOpaServer(String url) {
    assertThatThrownBy(() -> Spec.Policy.checkedUrl(url)).isInstanceOf(InvalidValue.class);
  }

  // what is counted

  @Test
  void replicas() {
    assertThat(Spec.Services.checkedReplicas(1)).isEqualTo(1);
    assertThat(Spec.Services.checkedReplicas(100)).isEqualTo(100);
    for (int bad : List.of(0, -1, 101, Integer.MAX_VALUE, Integer.MIN_VALUE)) {
      assertThatThrownBy(() -> Spec.Services.checkedReplicas(bad))
          .isInstanceOf(InvalidValue.class)
          .hasMessage(bad + " is not a number of replicas: 1 to 100");
    }
  }

  @Test
  void commands() {
    List<String> longest = Collections.nCopies(256, "w");
    assertThat(Spec.Services.checkedCommand(longest)).isEqualTo(longest);
    assertThat(Spec.Services.checkedCommand(List.of())).isEmpty();
    assertThat(Spec.Services.checkedCommand(List.of("a", "", ";", "größe \u202e"))).hasSize(4);
    for (List<String> bad :
        List.of(
            Collections.nCopies(257, "w"), List.of(""), List.of(" ", "a"), List.of("a", "\0"))) {
      assertThatThrownBy(() -> Spec.Services.checkedCommand(bad)).isInstanceOf(InvalidValue.class);
    }
  }

  @Test
  void wordsForAProcess() {
    String longest = "w".repeat(16_384);
    assertThat(Spec.Services.checkedWord(longest)).isEqualTo(longest);
    assertThat(Spec.Services.checkedWord("\ud83d\ude80")).hasSize(2);
    for (String bad : List.of(longest + "w", "a\0", "\ud83d", "\ude80\ud83d")) {
      assertThatThrownBy(() -> Spec.Services.checkedWord(bad)).isInstanceOf(InvalidValue.class);
    }
  }

  private static Spec.Services services(int variables, Map<EnvName, String> more) {
    SortedMap<EnvName, String> env = new TreeMap<>(more);
    IntStream.range(0, variables).forEach(i -> env.put(EnvName.of("V" + i), "x"));
    return new Spec.Services(
        ImageReference.of("demo"),
        List.of("serve"),
        Port.of(3000),
        Mode.STABLE,
        Version.of("1"),
        1,
        env,
        new TreeMap<>(),
        Spec.Defaults.HEALTH,
        RestartPolicy.NO);
  }

  @Test
  void variables() {
    assertThat(services(500, Map.of()).env()).hasSize(500);
    assertThatThrownBy(() -> services(501, Map.of()))
        .isInstanceOf(InvalidValue.class)
        .hasMessage("501 environment variables: at most 500");
    for (EnvName reserved : Spec.Services.RESERVED_ENV.keySet()) {
      assertThatThrownBy(() -> services(0, Map.of(reserved, "x")))
          .isInstanceOf(InvalidValue.class)
          .hasMessageContaining("is set by SwiftDeploy");
    }
    assertThatThrownBy(() -> services(0, Map.of(EnvName.of("A"), "\0")))
        .isInstanceOf(InvalidValue.class);
  }

  @Test
  void labels() {
    Spec spec = SpecOf.release("1.0.0").spec();
    SortedMap<String, String> labels = new TreeMap<>();
    IntStream.range(0, 64).forEach(i -> labels.put("l" + i, ""));
    assertThat(new Resource(ResourceName.of("demo"), labels, spec).labels()).hasSize(64);
    labels.put("one-more", "");
    assertThatThrownBy(() -> new Resource(ResourceName.of("demo"), labels, spec))
        .isInstanceOf(InvalidValue.class);
  }

  // canaries

  private static Spec.Canary canary(Duration interval, Duration window, int... weights) {
    return new Spec.Canary(
        IntStream.of(weights).mapToObj(w -> new Spec.CanaryStep(w, Duration.ZERO)).toList(),
        interval,
        window,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void steps() {
    Duration second = Duration.ofSeconds(1);
    assertThatCode(() -> canary(second, second)).doesNotThrowAnyException();
    assertThatCode(() -> canary(second, second, 1, 2, 99, 100)).doesNotThrowAnyException();
    assertThatCode(() -> canary(second, second, IntStream.rangeClosed(1, 100).toArray()))
        .doesNotThrowAnyException();
    for (int[] bad : List.of(new int[] {2, 1}, new int[] {1, 1}, new int[] {0}, new int[] {101})) {
      assertThatThrownBy(() -> canary(second, second, bad)).isInstanceOf(InvalidValue.class);
    }
  }

  @Test
  void windows() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> canary(second, Duration.ofMillis(999)))
        .isInstanceOf(InvalidValue.class)
        .hasMessage("an analysis window of 999ms is shorter than the interval of 1s");
    assertThatThrownBy(() -> canary(Duration.ZERO, second)).isInstanceOf(InvalidValue.class);
    assertThatThrownBy(() -> canary(second.negated(), second)).isInstanceOf(InvalidValue.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 1, 100})
  void probes(double rate) {
    assertThat(new Spec.Probe(HttpPath.of("/"), rate).requestsPerSecond()).isEqualTo(rate);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {0, -1, 100.001, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void noProbes(double rate) {
    assertThatThrownBy(() -> new Spec.Probe(HttpPath.of("/"), rate))
        .isInstanceOf(InvalidValue.class);
  }

  @Test
  void whatMustTakeTime() {
    Duration second = Duration.ofSeconds(1);
    HttpPath path = HttpPath.of("/");
    assertThatCode(() -> new Spec.Health(path, Duration.ofMillis(1), Duration.ofMillis(1)))
        .doesNotThrowAnyException();
    for (Duration bad : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
      assertThatThrownBy(() -> new Spec.Health(path, bad, second)).isInstanceOf(InvalidValue.class);
      assertThatThrownBy(() -> new Spec.Health(path, second, bad)).isInstanceOf(InvalidValue.class);
      assertThatThrownBy(
              () ->
                  new Spec.Nginx(
                      ImageReference.of("nginx"), Port.of(80), bad, second, Optional.empty()))
          .isInstanceOf(InvalidValue.class);
    }
  }

  // what is said

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a | \"a\"",
        "a\"b\\c | \"a\\\"b\\\\c\"",
        "größe | \"gr\\u00f6\\u00dfe\"",
        "\u202e\u200b | \"\\u202e\\u200b\"",
        "\ud83d\ude80 | \"\\U0001f680\""
      })
  void whatWasGivenIsQuotedInAscii(String given, String quoted) {
    assertThat(InvalidValue.quote(given)).isEqualTo(quoted);
  }

  @Test
  void whatWasGivenIsShortened() {
    assertThat(InvalidValue.quote("\ud83d\ude80".repeat(60)))
        .isEqualTo("\"" + "\\U0001f680".repeat(60) + "\"");
    assertThat(InvalidValue.quote("a".repeat(61))).isEqualTo("\"" + "a".repeat(60) + "…\"");
    assertThat(InvalidValue.quote("\n\r\t\0\u001b[31m"))
        .isEqualTo("\"\\u000a\\u000d\\u0009\\u0000\\u001b[31m\"");
    assertThat(InvalidValue.quote("")).isEqualTo("\"\"");
  }
}
