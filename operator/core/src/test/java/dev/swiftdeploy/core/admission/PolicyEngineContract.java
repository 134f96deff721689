package dev.swiftdeploy.core.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link PolicyEngine} has to be: with the project's policies each case of {@code
 * policies/testdata} gives exactly the document that it expects, so any two engines agree.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class PolicyEngineContract {
  /** Numbers keep all that was written. */
  protected static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(5000).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** 1.0 and 1 are the same number; nothing else is lenient. */
  protected static final Comparator<JsonNode> BY_VALUE =
      (a, b) ->
          a.isNumber() && b.isNumber()
              ? a.decimalValue().compareTo(b.decimalValue())
              : a.equals(b) ? 0 : 1;

  protected static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * One case of {@code policies/testdata}.
   *
   * @param data in place of {@code data.json}; missing: as it is shipped
   */
  protected record Case(String name, JsonNode input, JsonNode data, JsonNode expected) {
    boolean shipped() {
      return data.isMissingNode();
    }

    boolean allows() {
      return expected.path("allow").asBoolean();
    }

    String kind() {
      return input.path("transition").path("kind").asText();
    }
  }

  @TempDir protected Path temporary;

  /** For the adapters' tests. */
  protected PolicyEngineContract() {}

  /** An engine that judges by the policies in this directory; they may be edited under it. */
  protected abstract PolicyEngine open(Path policies);

  /** Ends it. */
  protected abstract void close(PolicyEngine engine);

  // ---- the cases ------------------------------------------------------------------------

  @TestFactory
  Stream<DynamicTest> every_case_gives_exactly_what_it_expects() {
    PolicyEngine engine = open(repositoryPolicies());
    String digest = awaitDigest(engine);
    return cases().stream()
        .filter(Case::shipped)
        .map(
            each ->
                DynamicTest.dynamicTest(each.name(), () -> assertExpected(engine, digest, each)))
        .onClose(() -> close(engine));
  }

  @TestFactory
  Stream<DynamicTest> every_case_with_other_data_gives_exactly_what_it_expects()
      throws IOException {
    Path policies = copyOfPolicies();
    PolicyEngine engine = open(policies);
    String digest = awaitDigest(engine);
    return cases().stream()
        .filter(each -> !each.shipped())
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.name(),
                    () -> {
                      Files.writeString(policies.resolve("data.json"), each.data().toString());
                      await()
                          .atMost(PATIENCE)
                          .until(
                              () ->
                                  !engine.revision().digest().equals(Optional.of(digest))
                                      && engine.revision().problem().isEmpty());
                      assertExpected(engine, engine.revision().digest().orElseThrow(), each);
                      Files.copy(
                          repositoryPolicies().resolve("data.json"),
                          policies.resolve("data.json"),
                          StandardCopyOption.REPLACE_EXISTING);
                      await()
                          .atMost(PATIENCE)
                          .until(() -> engine.revision().digest().equals(Optional.of(digest)));
                    }))
        .onClose(() -> close(engine));
  }

  private static void assertExpected(PolicyEngine engine, String digest, Case each) {
    Answer answer = engine.evaluate("decision-1", (ObjectNode) each.input());
    assertThat(answer).isInstanceOf(Answer.Document.class);
    Answer.Document document = (Answer.Document) answer;
    assertThat(document.policyDigest()).isEqualTo(digest);
    assertThat(document.result().equals(BY_VALUE, each.expected()))
        .as("expected %s%n but got %s", each.expected(), document.result())
        .isTrue();
    assertThat(DecisionParser.parse(document.result())).isInstanceOf(DecisionParser.Parsed.class);
  }

  @Test
  void many_threads_at_once_get_each_their_own_answer() throws Exception {
    PolicyEngine engine = open(repositoryPolicies());
    String digest = awaitDigest(engine);
    List<Case> cases = cases().stream().filter(Case::shipped).toList();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Random random = new Random(i);
        work.add(
            () -> {
              for (int n = 0; n < 40; n++) {
                assertExpected(engine, digest, cases.get(random.nextInt(cases.size())));
              }
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
      close(engine);
    }
  }

  // ---- odd input --------------------------------------------------------------------------

  @TestFactory
  Stream<DynamicTest> whatever_comes_in_a_well_formed_decision_or_a_named_failure_comes_out() {
    PolicyEngine engine = open(repositoryPolicies());
    awaitDigest(engine);
    return oddValues().stream()
        .flatMap(
            value ->
                Stream.of(
                        "",
                        "/transition",
                        "/transition/kind",
                        "/transition/to",
                        "/transition/weight",
                        "/resource",
                        "/resource/name",
                        "/resource/labels",
                        "/host",
                        "/host/disk_free_bytes",
                        "/host/cpus",
                        "/host/cpu_load_1m",
                        "/metrics",
                        "/history",
                        "/time")
                    .map(
                        pointer ->
                            DynamicTest.dynamicTest(
                                pointer + " = " + brief(value),
                                () -> assertSane(engine, with(base(), pointer, value)))))
        .onClose(() -> close(engine));
  }

  private static void assertSane(PolicyEngine engine, ObjectNode input) {
    Answer answer = engine.evaluate("decision-1", input);
    if (answer instanceof Answer.Document document) {
      assertThat(DecisionParser.parse(document.result())).isInstanceOf(DecisionParser.Parsed.class);
    } else if (answer instanceof Answer.NoAnswer none) {
      assertThat(none.unavailability().kind())
          .isIn(
              Unavailability.Kind.INPUT_WARNING,
              Unavailability.Kind.SERVER_ERROR,
              Unavailability.Kind.TIMEOUT);
      assertThat(none.unavailability().message()).isNotBlank();
      assertThat(none.unavailability().nextStep()).isNotBlank();
    }
  }

  private static List<JsonNode> oddValues() {
    JsonNodeFactory f = JsonNodeFactory.instance;
    JsonNode deep = f.numberNode(1);
    for (int i = 0; i < 150; i++) {
      deep = f.objectNode().set("d", deep);
    }
    JsonNode tooDeep = deep;
    for (int i = 0; i < 900; i++) {
      tooDeep = f.arrayNode().add(tooDeep);
    }
    ObjectNode wide = f.objectNode();
    for (int i = 0; i < 3000; i++) {
      wide.put("key " + i, i);
    }
    return List.of(
        f.nullNode(),
        f.booleanNode(true),
        f.textNode(""),
        f.textNode("Überprüfung 日本語 😀 \u0000 \u2028 \"\\"),
        f.textNode("x".repeat(300_000)),
        f.textNode("1e308"),
        f.numberNode(0),
        f.numberNode(-1),
        f.numberNode(-0.0),
        f.numberNode(new BigDecimal("1e308")),
        f.numberNode(new BigDecimal("1e-308")),
        f.numberNode(Double.MIN_VALUE),
        f.numberNode((1L << 53) + 1),
        f.numberNode(Long.MIN_VALUE),
        f.numberNode(BigInteger.TWO.pow(200)),
        f.numberNode(new BigDecimal("0.1000000000000000055511151231257827")),
        f.arrayNode(),
        f.arrayNode().add("a").addNull().add(true),
        f.objectNode(),
        wide,
        deep,
        tooDeep);
  }

  // ---- changes ----------------------------------------------------------------------------

  @Test
  void a_changed_threshold_decides_without_a_restart() throws IOException {
    Path policies = copyOfPolicies();
    PolicyEngine engine = open(policies);
    try {
      String before = awaitDigest(engine);
      Case allowed = allowedDeploy();
      assertThat(allow(engine, allowed)).isTrue();

      Path data = policies.resolve("data.json");
      String text = Files.readString(data);
      ObjectNode edited = (ObjectNode) JSON.readTree(text);
      ObjectNode thresholds = (ObjectNode) edited.at("/swiftdeploy/thresholds");
      thresholds.put("min_disk_free_gb", 1_000_000_000);
      Files.writeString(data, edited.toPrettyString());
      await()
          .atMost(PATIENCE)
          .until(() -> engine.revision().digest().filter(d -> !d.equals(before)).isPresent());
      assertThat(allow(engine, allowed)).isFalse();

      Files.writeString(data, text);
      await()
          .atMost(PATIENCE)
          .until(() -> engine.revision().digest().filter(d -> d.equals(before)).isPresent());
      assertThat(allow(engine, allowed)).isTrue();
      assertThat(engine.revision().problem()).isEmpty();
    } finally {
      close(engine);
    }
  }

  @Test
  void a_broken_change_is_told_and_the_last_good_policy_goes_on() throws IOException {
    Path policies = copyOfPolicies();
    PolicyEngine engine = open(policies);
    try {
      String digest = awaitDigest(engine);
      Path data = policies.resolve("data.json");
      String good = Files.readString(data);
      Files.writeString(data, good.substring(0, good.length() / 2));
      await().atMost(PATIENCE).until(() -> engine.revision().problem().isPresent());
      assertThat(engine.revision().problem().get()).contains("data.json");
      assertThat(engine.revision().digest()).contains(digest);
      assertThat(allow(engine, allowedDeploy())).isTrue();

      Files.writeString(data, good);
      await().atMost(PATIENCE).until(() -> engine.revision().problem().isEmpty());

      Path rego = policies.resolve("admission.rego");
      Files.writeString(rego, Files.readString(rego) + "\n# edited\n");
      await().atMost(PATIENCE).until(() -> engine.revision().problem().isPresent());
      assertThat(engine.revision().problem().get())
          .contains("admission.rego was edited after the bundle was built")
          .contains("swiftdeploy policy build");
      assertThat(engine.revision().digest()).contains(digest);
      assertThat(allow(engine, allowedDeploy())).isTrue();
    } finally {
      close(engine);
    }
  }

  @Test
  void without_any_policy_there_is_no_decision_and_it_is_taken_once_it_is_there()
      throws IOException {
    Path policies = Files.createDirectory(temporary.resolve("policies"));
    PolicyEngine engine = open(policies);
    try {
      await().atMost(PATIENCE).until(() -> engine.revision().problem().isPresent());
      assertThat(engine.revision().digest()).isEmpty();
      Answer answer = engine.evaluate("decision-1", (ObjectNode) allowedDeploy().input());
      assertThat(answer).isInstanceOf(Answer.NoAnswer.class);
      assertThat(((Answer.NoAnswer) answer).unavailability().kind())
          .isEqualTo(Unavailability.Kind.NO_POLICY);

      copy(repositoryPolicies(), policies);
      awaitDigest(engine);
      assertThat(allow(engine, allowedDeploy())).isTrue();
    } finally {
      close(engine);
    }
  }

  // ---- for the tests here and those of adapters -----------------------------------------

  /** The digest, once there is one. */
  protected static String awaitDigest(PolicyEngine engine) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              PolicyRevision revision = engine.revision();
              assertThat(revision.digest()).as("%s", revision.problem()).isPresent();
            });
    return engine.revision().digest().orElseThrow();
  }

  /** The policies of this repository. */
  protected static Path repositoryPolicies() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("policies/bundle/bundle.json"))) {
        return at.resolve("policies");
      }
    }
    throw new IllegalStateException("no policies/bundle above " + Path.of("").toAbsolutePath());
  }

  /** All cases of {@code policies/testdata}: each file is an object of cases by their names. */
  protected static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    try (Stream<Path> files = Files.walk(repositoryPolicies().resolve("testdata"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        for (JsonNode each : JSON.readTree(Files.readString(file))) {
          if (!each.get("input").isObject()) {
            continue; // the port takes no such input
          }
          cases.add(
              new Case(
                  each.get("name").asText(),
                  each.get("input"),
                  each.path("data"),
                  each.get("expected")));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(cases).isNotEmpty();
    return cases;
  }

  /** A copy that a test may edit. */
  protected Path copyOfPolicies() throws IOException {
    return copy(repositoryPolicies(), temporary.resolve("policies"));
  }

  /** Copies a folder with all that is in it. */
  protected static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
    return to;
  }

  private static Case allowedDeploy() {
    return cases().stream()
        .filter(c -> c.shipped() && c.allows() && c.kind().equals("deploy"))
        .findFirst()
        .orElseThrow();
  }

  private static ObjectNode base() {
    return (ObjectNode) allowedDeploy().input().deepCopy();
  }

  private static boolean allow(PolicyEngine engine, Case each) {
    Answer answer = engine.evaluate("decision-1", (ObjectNode) each.input());
    assertThat(answer).isInstanceOf(Answer.Document.class);
    return ((Answer.Document) answer).result().get("allow").booleanValue();
  }

  private static ObjectNode with(ObjectNode input, String pointer, JsonNode value) {
    if (pointer.isEmpty()) {
      return value instanceof ObjectNode object ? object : input.set("extra", value);
    }
    int cut = pointer.lastIndexOf('/');
    if (input.at(pointer.substring(0, cut)) instanceof ObjectNode parent) {
      parent.set(pointer.substring(cut + 1), value);
    }
    return input;
  }

  private static String brief(JsonNode value) {
    try {
      String text = JSON.writeValueAsString(value);
      return text.length() > 40 ? text.substring(0, 40) + "… (" + text.length() + ")" : text;
    } catch (IOException e) {
      return value.getNodeType() + " that can't be written";
    }
  }
}
