package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Manifests that mean harm, or come from an editor that did: one clear error each, and quickly. */
class HostileManifestTest {
  /** The bombs took minutes; processor time, so that a busy machine is no failure. */
  private static final Duration MOST_WORK = Duration.ofSeconds(8);

  private static final Duration SOON = Duration.ofMinutes(2);

  private static final String GOOD =
      """
      apiVersion: swiftdeploy.dev/v1alpha1
      kind: SwiftDeploy
      metadata:
        name: demo
      spec:
        services:
          image: demo:1.0.0
          command: [serve]
          port: 3000
          version: "1.0.0"
          replicas: 1
          env: [{name: A, value: b}]
        nginx:
          port: 8080
          proxyTimeout: 30s
          contact: ops@example.com
        network:
          name: shop-net
        canary:
          header: X-Mode
      """;

  private static ManifestResult read(byte[] content) {
    return assertTimeoutPreemptively(
        SOON,
        () -> {
          ThreadMXBean threads = ManagementFactory.getThreadMXBean();
          long before = threads.getCurrentThreadCpuTime();
          ManifestResult result = ManifestReader.read(content, "manifest.yaml", "folder");
          assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - before))
              .isLessThan(MOST_WORK);
          return result;
        });
  }

  private static ManifestResult read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String problems(ManifestResult result) {
    return result.problems().stream().map(Problem::text).collect(Collectors.joining("\n"));
  }

  private static Problem onlyProblem(String text) {
    ManifestResult result = read(text);
    assertThat(result).as(text).isInstanceOf(ManifestResult.Invalid.class);
    assertThat(result.problems()).as(text).hasSize(1);
    return result.problems().get(0);
  }

  // values

  /** In YAML: what breaks out of a shell, a configuration, a URL, a path, a log, a terminal. */
  private static final List<String> DANGEROUS =
      List.of(
          "\";\"",
          "a;b",
          "'a\"b'",
          "\"a'b\"",
          "\"a}b{\"",
          "$x",
          "\"${HOME}\"",
          "\"$(id)\"",
          "\"`id`\"",
          "\"a|b\"",
          "\"a&b\"",
          "\"a>b\"",
          "\"a\\nb\"",
          "\"a\\rb\"",
          "\"a\\0b\"",
          "\"a\\eb\"",
          "größe",
          "\"a\\u202Eb\"",
          "\"a\\u200Bb\"",
          "\"a\\uFEFFb\"",
          "\"\\u0430pp\"",
          "\"\\ud800\"",
          "\"\\U0001F680\"",
          "../../etc/passwd",
          "\"a\\\\b\"",
          "\"%s%n\"",
          "--help",
          "\" \"",
          "\"\"",
          "\"" + "a".repeat(100_000) + "\"");

  private static final Map<String, String> FIELDS =
      new TreeMap<>(
          Map.of(
              "spec.nginx.contact", "ops@example.com",
              "spec.services.image", "demo:1.0.0",
              "metadata.name", "demo\n",
              "spec.services.version", "\"1.0.0\"",
              "spec.network.name", "shop-net",
              "spec.canary.header", "X-Mode",
              "spec.services.env[0].name", "A,",
              "spec.services.port", "3000",
              "spec.services.replicas", "1\n",
              "spec.nginx.proxyTimeout", "30s"));

  static Stream<Arguments> dangerousValues() {
    return FIELDS.entrySet().stream()
        .flatMap(
            field ->
                DANGEROUS.stream().map(v -> Arguments.of(field.getKey(), field.getValue(), v)));
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("dangerousValues")
  void aDangerousValueIsRefusedWhereItStands(String path, String safe, String dangerous) {
    int at = GOOD.indexOf(": " + safe) + 2;
    String rest = safe.endsWith("\n") ? "\n" : safe.endsWith(",") ? "," : "";
    String text = GOOD.substring(0, at) + dangerous + rest + GOOD.substring(at + safe.length());
    Problem problem = onlyProblem(text);
    assertThat(problem.path()).isEqualTo(path);
    assertThat(problem.line()).isEqualTo((int) GOOD.substring(0, at).lines().count());
    assertThat(problem.column()).isEqualTo(at - GOOD.lastIndexOf('\n', at));
    assertThat(problem.fix()).isNotEmpty();
    assertThat(problem.text()).matches("[ -~…]{20,400}");
  }

  /** Nothing but a process sees these, each as one word of its own. */
  @Test
  void wordsOfACommandAndEnvironmentValuesAreKeptAsTheyAre() {
    String words =
        "[serve, \"a;b\", \"$x\", \"`id`\", \"a\\nb\", \"größe \\u202E\", \"--help\", \"\"]";
    String text = GOOD.replace("[serve]", words).replace("value: b", "value: \"x;\\n`id`\"");
    ManifestResult.Manifest manifest = (ManifestResult.Manifest) read(text);
    var services = manifest.resources().get(0).spec().services();
    assertThat(services.command())
        .containsExactly("serve", "a;b", "$x", "`id`", "a\nb", "größe \u202E", "--help", "");
    assertThat(services.env().values()).containsExactly("x;\n`id`");
  }

  @Test
  void whatNoProcessCanBeGivenIsRefused() {
    assertThat(onlyProblem(GOOD.replace("[serve]", "[serve, \"a\\0b\"]")).text())
        .isEqualTo(
            "manifest.yaml:8:22: spec.services.command[1]: \"a\\u0000b\" holds a character that no process can be given. Fix: write one word");
    assertThat(onlyProblem(GOOD.replace("value: b", "value: \"s3cret\\0\"")).text())
        .isEqualTo(
            "manifest.yaml:12:28: spec.services.env[0].value: is too long, or holds a character that no process can be given. Fix: write up to 16384 characters, without NUL");
  }

  // numbers

  static Stream<Arguments> badNumbers() {
    List<Arguments> all = new ArrayList<>();
    for (String bad :
        List.of(
            "0",
            "-1",
            "+80",
            "65536",
            "99999999999999999999",
            "3000.0",
            "0777",
            "0x1F",
            "0o17",
            "1e3",
            "1_000",
            "080",
            "22:22",
            ".nan",
            ".inf",
            "true",
            "~",
            "[80]",
            "{a: 1}")) {
      all.add(Arguments.of("spec.services.port", "3000", bad));
      all.add(Arguments.of("spec.nginx.port", "8080", bad));
      all.add(Arguments.of("spec.services.replicas", "1\n", bad));
    }
    for (String bad :
        List.of(
            "-1s",
            "0s",
            "0",
            "30",
            "1e9s",
            "99999999999999999999s",
            "25h",
            "1d",
            ".5s",
            "1.5s",
            "86400001ms",
            "1m 30s",
            "s",
            "1s1h",
            "\"\"",
            "~",
            "[1s]")) {
      all.add(Arguments.of("spec.nginx.proxyTimeout", "30s", bad));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("badNumbers")
  void aNumberOutOfRangeOrOfAnotherSpellingIsRefused(String path, String safe, String bad) {
    int at = GOOD.indexOf(": " + safe) + 2;
    String rest = safe.endsWith("\n") ? "\n" : "";
    Problem problem =
        onlyProblem(GOOD.substring(0, at) + bad + rest + GOOD.substring(at + safe.length()));
    assertThat(problem.path()).isEqualTo(path);
    assertThat(problem.column()).isEqualTo(at - GOOD.lastIndexOf('\n', at));
    assertThat(problem.fix()).isNotEmpty();
  }

  static Stream<Arguments> badSteps() {
    return Stream.of(
        Arguments.of("[{weight: 0}]", "[0].weight: 0 is not a weight"),
        Arguments.of("[{weight: 101}]", "[0].weight: 101 is not a weight"),
        Arguments.of("[{weight: -5}]", "[0].weight: \"-5\" is not a whole number"),
        Arguments.of("[{weight: 1.5}]", "[0].weight: \"1.5\" is not a whole number"),
        Arguments.of("[{weight: .nan}]", "[0].weight: \".nan\" is not a whole number"),
        Arguments.of("[{weight: 50}, {weight: 10}]", ": weights must rise"),
        Arguments.of("[{weight: 10}, {weight: 10}]", ": weights must rise"),
        Arguments.of("[{hold: 1s}]", "[0].weight: is missing"),
        Arguments.of("[{weight: 10, hold: -1s}]", "[0].hold: \"-1s\" is not a duration"),
        Arguments.of("[{weight: 1, weight: 2}]", "[0].weight: is given twice"),
        Arguments.of("[10]", "[0]: is a single value, not a mapping"),
        Arguments.of("{weight: 10}", ": is a mapping, not a list"),
        Arguments.of(
            IntStream.rangeClosed(1, 101)
                .mapToObj(w -> "{weight: " + w + "}")
                .collect(Collectors.joining(", ", "[", "]")),
            "[100].weight: 101 is not a weight"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badSteps")
  void stepsThatMakeNoSenseAreRefused(String steps, String said) {
    Problem problem = onlyProblem(GOOD.replace("header: X-Mode", "steps: " + steps));
    assertThat(problem.text()).contains("spec.canary.steps" + said).contains(". Fix: ");
    assertThat(problem.line()).isEqualTo(20);
  }

  // bombs

  /** Each line repeats the one before several times. */
  private static String laughs(String first, int lines, int times, String before, boolean list) {
    StringBuilder out = new StringBuilder(before).append("  a0: &a0 ").append(first).append('\n');
    for (int i = 1; i <= lines; i++) {
      int last = i - 1;
      String repeated =
          IntStream.range(0, times)
              .mapToObj(k -> list ? "*a" + last : "k" + k + ": *a" + last)
              .collect(Collectors.joining(", ", list ? "[" : "{", list ? "]" : "}"));
      out.append("  a" + i + ": &a" + i + " ").append(repeated).append('\n');
    }
    return out.toString();
  }

  static Stream<Arguments> bombs() {
    String flat = "services: {image: demo, version: '1'}\n";
    String repeated =
        "is repeated by aliases until there are more than 10000 values. Fix: write out what is meant";
    return Stream.of(
        Arguments.of(
            "billion laughs",
            laughs("[lol, lol]", 9, 9, "lol:\n", true),
            ": not YAML: Number of aliases for non-scalar nodes exceeds the specified…. Fix: use at most 50 aliases"),
        Arguments.of(
            "doubled in a section that is searched",
            laughs("{x: 1, y: 2}", 22, 2, flat + "policy:\n", false),
            "policy.a11.k0: " + repeated),
        Arguments.of(
            "wide in a section that is searched",
            laughs("{b: 1, c: 2, d: 3, e: 4}", 6, 8, flat + "policy:\n", false),
            "policy.a4.k2: " + repeated),
        Arguments.of(
            "doubled where nothing is read",
            laughs("[x]", 24, 2, flat + "other:\n", true),
            "other.a11[1]: " + repeated),
        Arguments.of("deep in brackets", "a: " + "[".repeat(5000), "Fix: nest at most 32 levels"),
        Arguments.of("deep in braces", "a: " + "{a: ".repeat(5000), "Fix: nest at most 32 levels"),
        Arguments.of(
            "deep by indentation",
            IntStream.range(0, 600)
                .mapToObj(i -> " ".repeat(i) + "a:\n")
                .collect(Collectors.joining()),
            "Fix: nest at most 32 levels"),
        Arguments.of(
            "contains itself",
            "services: &s\n  image: demo\n  self: *s\n",
            "manifest.yaml:1:11: services.self: contains itself by an alias. Fix: write the value out"),
        Arguments.of(
            "a word of another language",
            "services: !!javax.script.ScriptEngineManager [x]\n",
            ":1:11: not YAML: Global tag is not allowed: tag:yaml.org,2002:javax.script.Sc…. Fix: remove the tag"),
        Arguments.of(
            "a file to be included",
            "services: {image: !include /etc/passwd}\n",
            ":1:19: services.image: the tag \"!include\" is not read. Fix: remove the tag"),
        Arguments.of(
            "merge keys",
            "base: &b {port: 3000}\nservices:\n  <<: *b\n  image: demo\n",
            ":3:3: services.\"<<\": merge keys are not read. Fix: write the keys out"),
        Arguments.of(
            "a long key",
            flat + "k".repeat(200_000) + ": 1\n",
            ":2:200001: not YAML: could not find expected ':'. Fix: check indentation, quotes and brackets there"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bombs")
  void aBombIsDefused(String name, String text, String said) {
    Problem problem = onlyProblem(text);
    assertThat(problem.text()).endsWith(said);
    assertThat(problem.text()).hasSizeLessThan(300);
    assertThat(problem.line()).isBetween(1, (int) text.lines().count());
  }

  @Test
  void aMebibyteOfUnknownKeysIsReadInTimeAndNotToldInFull() {
    StringBuilder text = new StringBuilder("services: {image: demo, version: '1'}\n");
    for (int i = 0; text.length() < ManifestText.MOST_BYTES - 20; i++) {
      text.append("key").append(i).append(": x\n");
    }
    assertThat(read(text.toString()).problems()).hasSize(Problems.MOST + 1); // and a notice
    String resource = GOOD + text.substring(text.indexOf("\n") + 1).replace("key", "  k");
    ManifestResult result = read(resource.substring(0, ManifestText.MOST_BYTES - 20) + "\n");
    assertThat(result.problems()).hasSize(Problems.MOST + 1);
    assertThat(problems(result)).matches("(?s).*: and [0-9]{5,} more");
  }

  // encodings and files of editors

  @Test
  void anEncodingOtherThanUtf8IsNamed() {
    String utf16 = "manifest.yaml:1:1: the file is UTF-16. Fix: save it as UTF-8";
    assertThat(problems(read(GOOD.getBytes(StandardCharsets.UTF_16)))).isEqualTo(utf16);
    assertThat(problems(read(GOOD.getBytes(StandardCharsets.UTF_16LE)))).isEqualTo(utf16);
    assertThat(problems(read(GOOD.getBytes(StandardCharsets.UTF_16BE)))).isEqualTo(utf16);
    String latin = GOOD.replace("image: demo", "image: d\u00e9mo");
    assertThat(problems(read(latin.getBytes(StandardCharsets.ISO_8859_1))))
        .isEqualTo("manifest.yaml:7:13: the file is not UTF-8. Fix: save it as UTF-8");
  }

  @Test
  void whatEditorsAddOrLeaveOutIsTaken() {
    for (String text :
        List.of(
            "\uFEFF" + GOOD,
            GOOD.replace("\n", "\r\n"),
            GOOD.replace("\n", "\r"),
            GOOD.strip(),
            GOOD + "\n\n...\n",
            "---\n" + GOOD,
            "%YAML 1.2\n---\n" + GOOD,
            "# – “quotes” {braces}\n" + GOOD)) {
      assertThat(problems(read(text))).as(text).isEmpty();
    }
  }

  @Test
  void whatHoldsNothingDeclaresNothing() {
    for (String text : List.of("", "\n\n", "# only\n# comments\n", "---\n---\n...\n", "\uFEFF")) {
      assertThat(problems(read(text)))
          .as(text)
          .isEqualTo(
              "manifest.yaml:1:1: the file declares nothing. Fix: swiftdeploy init writes one to start from");
    }
  }

  @Test
  void whatIsNoYamlIsToldWhereItBegins() {
    Map<String, String> cases =
        Map.of(
            "services: {image: demo\n",
            "1:11: not YAML: expected ',' or '}', but got <stream end>; what begins here is not closed. Fix: check indentation, quotes and brackets there",
            "a: b\nservices: {image: \"demo}\n",
            "2:19: not YAML: found unexpected end of stream; what begins here is not closed. Fix: check indentation, quotes and brackets there",
            "services:\n\timage: demo\n",
            "2:1: not YAML: found character '\\\\t(TAB)' that cannot start any token. (Do n…. Fix: indent with spaces, not with tabs",
            "services: {image: @a}\n",
            "1:19: not YAML: found character '@' that cannot start any token. (Do not use…. Fix: put a value that starts so in quotes",
            "services: {image: \"\\UFFFFFFFF\"}\n",
            "1:22: not YAML: For input string: \\\"FFFFFFFF\\\" under radix 16. Fix: check the quotes and escapes there",
            "hello\n",
            "1:1: this is neither a SwiftDeploy resource nor a manifest that starts at services:. Fix: swiftdeploy init writes one to start from");
    cases.forEach(
        (text, said) -> assertThat(problems(read(text))).isEqualTo("manifest.yaml:" + said));
  }

  // several documents

  @Test
  void twoResourcesOfOneNameAreOneErrorThatNamesBothPlaces() {
    assertThat(problems(read(GOOD + "---\n" + GOOD)))
        .isEqualTo(
            "manifest.yaml:25:9: metadata.name: there is another resource demo, at 4:9. Fix: give each a name of its own");
  }

  @Test
  void twoResourcesOnOnePortAreOneErrorThatNamesBoth() {
    assertThat(problems(read(GOOD + "---\n" + GOOD.replace("name: demo", "name: other"))))
        .isEqualTo(
            "manifest.yaml:35:11: spec.nginx.port: 8080 is published by demo too, at 14:11. Fix: give each a port of its own");
  }

  @Test
  void oneBadDocumentLeavesNoneTaken() {
    ManifestResult result = read(GOOD + "---\nfoo: bar\n");
    assertThat(result).isInstanceOf(ManifestResult.Invalid.class);
    assertThat(problems(result)).startsWith("manifest.yaml:22:1: this is neither");
  }
}
