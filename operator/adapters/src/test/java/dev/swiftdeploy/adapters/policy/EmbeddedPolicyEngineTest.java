package dev.swiftdeploy.adapters.policy;

import static dev.swiftdeploy.adapters.policy.TestEngines.OPTIONS;
import static dev.swiftdeploy.adapters.policy.TestEngines.PROBES;
import static dev.swiftdeploy.adapters.policy.TestEngines.copy;
import static dev.swiftdeploy.adapters.policy.TestEngines.probe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.util.RawValue;
import com.styra.opa.wasm.OpaWasm;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import dev.swiftdeploy.core.release.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class EmbeddedPolicyEngineTest {
  @TempDir Path temporary;
  private final List<EmbeddedPolicyEngine> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(EmbeddedPolicyEngine::close);
  }

  // ---- answers ----------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "\"\"",
        "0",
        "-1",
        "1.0",
        "0.1",
        "-0.0",
        "1e308",
        "1e-308",
        "1e400",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775809",
        "123456789012345678901234567890.000000000000000001",
        "\"Überprüfung 日本語 😀\"",
        "\"\\u0000\\u001f\\u007f\\u2028\\\\\\\"/\"",
        "[]",
        "{}",
        "[[],{},[{\"a\":[null]}]]",
        "{\"\":{\"a b\":1,\"é\":2}}"
      })
  void a_value_comes_back_as_it_went_in(String json) throws IOException {
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS);
    ObjectNode input = probe("echo").set("echo", StrictJson.read(json));
    assertThat(document(engine, input).toString()).isEqualTo(StrictJson.read(json).toString());
  }

  @Test
  void whole_numbers_beyond_the_doubles_are_computed_exactly() throws IOException {
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS);
    ObjectNode input = probe("plus").put("a", (1L << 53) + 1).put("b", 1L);
    assertThat(document(engine, input).bigIntegerValue()).isEqualTo("9007199254740994");
    assertThat(document(engine, probe("less").put("a", 1L << 53).put("b", (1L << 53) + 1)))
        .hasToString("true");
  }

  @Test
  void an_undefined_result_is_its_own_answer() {
    Unavailability none = noAnswer(open(PROBES, OPTIONS), probe("nothing"));
    assertThat(none.kind()).isEqualTo(Kind.UNDEFINED);
    assertThat(none.nextStep()).contains("defined for every input");
  }

  @Test
  void a_result_of_another_shape_is_passed_on_for_the_core_to_judge() {
    JsonNode result = document(open(PROBES, OPTIONS), probe("echo").put("echo", "yes"));
    assertThat(result.textValue()).isEqualTo("yes");
  }

  @Test
  void an_answer_that_is_far_too_large_is_malformed() {
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS);
    assertThat(document(engine, probe("long text").put("times", 2_000)).textValue())
        .hasSize(20_000);
    Unavailability none = noAnswer(engine, probe("long text").put("times", 150_000));
    assertThat(none.kind()).isEqualTo(Kind.MALFORMED);
    assertThat(none.message()).contains("larger than 1 MiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"en-US", "tr-TR", "de-DE", "ar-EG", "th-TH-u-nu-thai"})
  void text_reads_the_same_whatever_the_default_locale(String locale) throws IOException {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag(locale));
      EmbeddedPolicyEngine engine = open(PROBES, OPTIONS);
      int asked = 0;
      for (JsonNode each : GoFormatTest.cases()) {
        ObjectNode input = probe("sprintf");
        input.set("format", each.get("format"));
        input.putRawValue("args", new RawValue(each.get("args").textValue()));
        Answer answer = engine.evaluate("decision-1", input);
        if (answer instanceof Answer.Document document) {
          assertThat(document.result()).as("%s", each).isEqualTo(each.get("expected"));
          asked++;
        } else {
          assertThat(((Answer.NoAnswer) answer).unavailability().message())
              .contains("which the embedded engine lacks");
        }
      }
      assertThat(asked).isGreaterThan(900);
      ObjectNode set = probe("sprintf of a set");
      set.putArray("args").add("b").add("a").add("b");
      assertThat(document(engine, set).textValue()).isEqualTo("{\"a\", \"b\"}");
      set.putArray("args");
      assertThat(document(engine, set).textValue()).isEqualTo("set()");
    } finally {
      Locale.setDefault(before);
    }
  }

  // ---- input that is none -------------------------------------------------------------------

  @Test
  void raw_text_never_reaches_the_policy() {
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS);
    for (RawValue raw :
        List.of(
            new RawValue("1,\"probe\":\"runaway\""),
            new RawValue("}{"),
            new RawValue("nul"),
            new RawValue(""))) {
      ObjectNode input = probe("echo").putRawValue("echo", raw);
      assertThat(noAnswer(engine, input).kind()).isEqualTo(Kind.INPUT_WARNING);
    }
    assertThat(document(engine, probe("echo").set("echo", new POJONode(List.of(1)))).toString())
        .isEqualTo("[1]");
  }

  @Test
  void input_that_cannot_be_written_or_is_too_large_is_refused() {
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS);
    assertThat(noAnswer(engine, probe("echo").put("echo", "x".repeat(1 << 20))).message())
        .contains("larger than 1 MiB");
    assertThat(noAnswer(engine, probe("echo").put("echo", "half of a pair: \ud800")))
        .satisfies(n -> assertThat(n.kind()).as(n.message()).isEqualTo(Kind.INPUT_WARNING));
    assertThat(document(engine, probe("echo").set("echo", DoubleNode.valueOf(Double.NaN))))
        .as("no number any more")
        .hasToString("\"NaN\"");
  }

  // ---- bounds -------------------------------------------------------------------------------

  @Test
  void a_runaway_evaluation_ends_at_the_deadline_and_the_next_one_works() {
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS.withDeadline(Duration.ofMillis(500)));
    awaitDigest(engine);
    Unavailability none = noAnswer(engine, probe("runaway"));
    assertThat(none.kind()).isEqualTo(Kind.TIMEOUT);
    assertThat(none.message()).isEqualTo("the policy took longer than 500ms");
    await()
        .atMost(TestEngines.PATIENCE)
        .untilAsserted(() -> assertThat(evaluating()).as("interrupted").isEmpty());
    await()
        .atMost(TestEngines.PATIENCE)
        .untilAsserted(
            () -> assertThat(document(engine, probe("echo").put("echo", 1))).hasToString("1"));
  }

  @Test
  void as_many_runaways_as_may_run_leave_nothing_behind() {
    EmbeddedPolicyEngine engine =
        open(PROBES, OPTIONS.withDeadline(Duration.ofMillis(500)).withConcurrency(2));
    awaitDigest(engine);
    Queue<Unavailability> answers = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < 6; i++) {
      new Thread(() -> answers.add(noAnswer(engine, probe("runaway")))).start();
    }
    await().atMost(TestEngines.PATIENCE).untilAsserted(() -> assertThat(answers).hasSize(6));
    assertThat(answers).extracting(Unavailability::kind).containsOnly(Kind.TIMEOUT);
    await()
        .atMost(TestEngines.PATIENCE)
        .untilAsserted(
            () -> assertThat(document(engine, probe("echo").put("echo", 1))).hasToString("1"));
    await().atMost(TestEngines.PATIENCE).untilAsserted(() -> assertThat(evaluating()).isEmpty());
  }

  @Test
  void a_policy_that_takes_all_memory_fails_and_the_next_evaluation_works() {
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS);
    Unavailability none = noAnswer(engine, probe("hog"));
    assertThat(none.kind()).isEqualTo(Kind.SERVER_ERROR);
    assertThat(none.message()).isEqualTo("the policy failed: opa_malloc: failed");
    assertThat(document(engine, probe("echo").put("echo", 1))).hasToString("1");
  }

  @Test
  void one_who_is_interrupted_gets_an_answer_and_stays_interrupted() throws InterruptedException {
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS);
    awaitDigest(engine);
    AtomicReference<Kind> kind = new AtomicReference<>();
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread asking =
        new Thread(
            () -> {
              kind.set(noAnswer(engine, probe("runaway")).kind());
              if (Thread.currentThread().isInterrupted()) {
                interrupted.countDown();
              }
            });
    asking.start();
    await().atMost(TestEngines.PATIENCE).until(() -> !evaluating().isEmpty());
    asking.interrupt();
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(kind).hasValue(Kind.TIMEOUT);
    await().atMost(TestEngines.PATIENCE).untilAsserted(() -> assertThat(evaluating()).isEmpty());
  }

  // ---- loading --------------------------------------------------------------------------------

  @Test
  void opening_returns_at_once_and_whoever_cannot_wait_is_told_that_it_loads() throws IOException {
    Path policies = neverTranslated(copy(PROBES, temporary.resolve("policies")));
    EmbeddedPolicyEngine engine =
        new EmbeddedPolicyEngine(
            policies, EmbeddedPolicyEngine.Options.DEFAULTS.withLoadDeadline(Duration.ofMillis(1)));
    opened.add(engine);
    Unavailability none = noAnswer(engine, probe("echo").put("echo", 1));
    assertThat(none.kind()).isEqualTo(Kind.TIMEOUT);
    assertThat(none.message()).isEqualTo("the policy was not loaded within 1ms");
    awaitDigest(engine);
    assertThat(document(engine, probe("echo").put("echo", 1))).hasToString("1");
  }

  /**
   * The same policy in other bytes: WebAssembly with an empty section of no meaning. What another
   * test translated would be there at once.
   */
  private static Path neverTranslated(Path policies) throws IOException {
    Path wasm = policies.resolve("bundle/policy.wasm");
    String before = Digests.sha256(Files.readAllBytes(wasm));
    Files.write(wasm, new byte[] {0, 2, 1, 'x'}, StandardOpenOption.APPEND);
    Path description = policies.resolve("bundle/bundle.json");
    String after = Digests.sha256(Files.readAllBytes(wasm));
    Files.writeString(description, Files.readString(description).replace(before, after));
    return policies;
  }

  @Test
  void data_is_taken_at_once_and_its_format_does_not_matter() throws IOException {
    Path policies = copy(PROBES, temporary.resolve("policies"));
    EmbeddedPolicyEngine engine = open(policies, OPTIONS);
    String first = awaitDigest(engine);
    assertThat(document(engine, probe("limit"))).hasToString("10");

    Path data = policies.resolve("data.json");
    Files.writeString(
        data, "{\r\n \"swiftdeploy\" : {\"thresholds\":{\"max_p99_ms\":500.0}},\n\t\"limit\":10}");
    assertThat(engine.revision().digest()).contains(first);
    assertThat(engine.revision().problem()).isEmpty();

    for (int limit = 11; limit < 61; limit++) {
      Files.writeString(data, "{\"limit\":" + limit + "}");
      assertThat(document(engine, probe("limit"))).as("quick edits").hasToString("" + limit);
    }
    assertThat(engine.revision().digest()).isNotEqualTo(first);
  }

  @Test
  void a_rebuilt_bundle_is_taken_without_a_restart() throws IOException {
    Path policies = copy(PROBES, temporary.resolve("policies"));
    EmbeddedPolicyEngine engine = open(policies, OPTIONS);
    String first = awaitDigest(engine);
    Path other = Path.of("../../policies").toAbsolutePath();
    try (Stream<Path> all = Files.walk(policies)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
    Unavailability.Kind still = noAnswer(engine, probe("nothing")).kind();
    assertThat(still).isEqualTo(Kind.UNDEFINED);
    assertThat(engine.revision().digest()).contains(first);
    assertThat(engine.revision().problem().orElseThrow()).contains("policy.wasm is missing");

    copyOver(other, policies);
    JsonNode result = document(engine, probe("nothing"));
    assertThat(result.get("allow").booleanValue()).isFalse();
    assertThat(engine.revision().digest()).isPresent().isNotEqualTo(first);
    assertThat(engine.revision().problem()).isEmpty();
  }

  @Test
  void a_bundle_that_cannot_run_is_refused_and_the_last_good_one_goes_on() throws IOException {
    Path policies = copy(PROBES, temporary.resolve("policies"));
    EmbeddedPolicyEngine engine = open(policies, OPTIONS);
    String first = awaitDigest(engine);
    Path wasm = policies.resolve(PolicyFiles.WASM);
    byte[] good = Files.readAllBytes(wasm);
    byte[] foreign;
    try (InputStream in = OpaWasm.class.getResourceAsStream("/demo-policy.wasm")) {
      foreign = in.readAllBytes();
    }
    replaceWasm(policies, foreign);
    assertThat(document(engine, probe("limit"))).hasToString("10");
    assertThat(engine.revision().digest()).contains(first);
    assertThat(engine.revision().problem().orElseThrow())
        .contains("policies/bundle/policy.wasm can't be used")
        .contains("run swiftdeploy policy build");

    byte[] torn = Arrays.copyOf(good, good.length / 2);
    replaceWasm(policies, torn);
    assertThat(document(engine, probe("limit"))).hasToString("10");
    assertThat(engine.revision().problem().orElseThrow()).contains("can't be used");

    replaceWasm(policies, good);
    assertThat(document(engine, probe("limit"))).hasToString("10");
    assertThat(engine.revision()).satisfies(r -> assertThat(r.problem()).isEmpty());
    assertThat(engine.revision().digest()).contains(first);
  }

  // ---- the cache and the interpreter ------------------------------------------------------------

  @Test
  void a_translated_policy_is_kept_for_the_next_run_and_a_torn_one_translated_anew()
      throws IOException {
    byte[] wasm = Files.readAllBytes(PROBES.resolve(PolicyFiles.WASM));
    Path folder = temporary.resolve("cache");
    Optional<BytecodeCache> cache = Optional.of(new BytecodeCache(folder));
    assertThat(limit(PolicyModule.compile(wasm, cache))).isEqualTo("[{\"result\":7}]");
    Path file = onlyFile(folder);
    byte[] kept = Files.readAllBytes(file);
    assertThat(limit(PolicyModule.compile(wasm, cache))).isEqualTo("[{\"result\":7}]");
    assertThat(file).as("used as it is").hasBinaryContent(kept);

    Files.write(file, Arrays.copyOf(kept, kept.length / 2));
    assertThat(limit(PolicyModule.compile(wasm, cache))).isEqualTo("[{\"result\":7}]");
    assertThat(Files.size(onlyFile(folder))).isCloseTo(kept.length, withinPercent(5));
  }

  private static String limit(PolicyModule module) {
    return new PolicyInstance(module, "{\"limit\":7}".getBytes(StandardCharsets.UTF_8))
        .evaluate("{\"probe\":\"limit\"}".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_cache_that_others_can_write_is_not_used() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("cache"));
    BytecodeCache cache = new BytecodeCache(folder);
    cache.put("ab", new byte[] {1});
    assertThat(cache.get("ab")).isPresent();

    Path file = onlyFile(folder);
    for (Path shared : List.of(file, folder)) {
      Set<PosixFilePermission> mine = Files.getPosixFilePermissions(shared);
      Set<PosixFilePermission> ours = new HashSet<>(mine);
      ours.add(PosixFilePermission.GROUP_WRITE);
      Files.setPosixFilePermissions(shared, ours);
      assertThat(cache.get("ab")).isEmpty();
      Files.setPosixFilePermissions(shared, mine);
    }
    Path elsewhere = Files.move(file, temporary.resolve("elsewhere.jar"));
    Files.createSymbolicLink(file, elsewhere);
    assertThat(cache.get("ab")).isEmpty();
  }

  @Test
  void interpreted_and_translated_policies_agree() throws IOException {
    byte[] wasm = Files.readAllBytes(PROBES.resolve(PolicyFiles.WASM));
    byte[] data = "{\"limit\":7}".getBytes(StandardCharsets.UTF_8);
    PolicyInstance interpreted = new PolicyInstance(PolicyModule.interpret(wasm), data);
    PolicyInstance translated =
        new PolicyInstance(PolicyModule.compile(wasm, Optional.empty()), data);
    for (ObjectNode input :
        List.of(
            probe("limit"),
            probe("nothing"),
            probe("plus").put("a", 0.1).put("b", 0.2),
            probe("long text").put("times", 10))) {
      byte[] json = StrictJson.validated(input);
      assertThat(interpreted.evaluate(json)).isEqualTo(translated.evaluate(json));
    }
  }

  // ---- the archive -----------------------------------------------------------------------------

  @Test
  void what_was_used_is_archived_and_opens_again_under_its_digest() throws IOException {
    PolicyArchive archive = new PolicyArchive(temporary.resolve("archive"));
    Path policies = copy(PROBES, temporary.resolve("policies"));
    EmbeddedPolicyEngine engine = open(policies, OPTIONS.withArchive(archive));
    String first = awaitDigest(engine);
    Files.writeString(policies.resolve("data.json"), "{\"limit\": 20}");
    assertThat(document(engine, probe("limit"))).hasToString("20");
    String second = engine.revision().digest().orElseThrow();

    assertThat(archive.digests()).containsExactlyInAnyOrder(first, second);
    EmbeddedPolicyEngine replayed = archived(archive, first);
    assertThat(document(replayed, probe("limit"))).hasToString("10");
    assertThat(replayed.revision().digest()).contains(first);
    assertThat(archive.read(first).orElseThrow().files()).containsKey("lib/probes.rego");
    assertThat(archive.read("0".repeat(64))).isEmpty();
    assertThat(archive.read("../policies")).isEmpty();
  }

  @Test
  void an_archived_policy_that_was_changed_is_not_taken() throws IOException {
    PolicyArchive archive = new PolicyArchive(temporary.resolve("archive"));
    String digest = awaitDigest(open(PROBES, OPTIONS.withArchive(archive)));
    change(digest);
    assertThat(archive.read(digest)).isEmpty();

    // Whoever uses that policy again puts the damaged one aside.
    awaitDigest(open(PROBES, OPTIONS.withArchive(archive)));
    assertThat(document(archived(archive, digest), probe("limit"))).hasToString("10");
    assertThat(temporary.resolve("archive").resolve(digest + ".zip.damaged-1")).exists();
  }

  @Test
  void the_policy_that_decided_last_goes_on_where_the_directory_cant_be_used() throws IOException {
    PolicyArchive archive = new PolicyArchive(temporary.resolve("archive"));
    Path policies = copy(PROBES, temporary.resolve("policies"));
    String digest = awaitDigest(open(policies, OPTIONS.withArchive(archive)));
    Path rego = policies.resolve("lib/probes.rego");
    String good = Files.readString(rego);
    Files.writeString(rego, good + "broken {");

    // as after a restart of the daemon
    PolicySource.Options source =
        PolicySource.Options.DEFAULTS.withArchive(archive).withLast(() -> archive.read(digest));
    EmbeddedPolicyEngine next = open(policies, OPTIONS.withSource(source));
    assertThat(awaitDigest(next)).isEqualTo(digest);
    assertThat(document(next, probe("limit"))).hasToString("10");
    assertThat(next.revision().problem().orElseThrow()).contains("lib/probes.rego was edited");

    Files.writeString(rego, good);
    Files.writeString(policies.resolve("data.json"), "{\"limit\": 11}");
    assertThat(document(next, probe("limit"))).hasToString("11");
    assertThat(next.revision().problem()).isEmpty();

    // what is not archived as it was doesn't go on
    change(digest);
    Files.writeString(rego, good + "broken {");
    assertThat(noAnswer(open(policies, OPTIONS.withSource(source)), probe("limit")).kind())
        .isEqualTo(Kind.NO_POLICY);
  }

  /** Files of a moment ago may have changed since and look the same: each look reads them again. */
  @Test
  void that_the_directory_cant_be_used_is_told_again_and_the_last_one_is_loaded_all_the_same()
      throws IOException {
    PolicyArchive archive = new PolicyArchive(temporary.resolve("archive"));
    Path policies = neverTranslated(copy(PROBES, temporary.resolve("policies")));
    PolicyBundle last = ((PolicyBundle.Good) PolicyBundle.read(policies)).bundle();
    archive.keep(last);
    Path data = Files.writeString(policies.resolve("data.json"), "{");
    Files.setLastModifiedTime(data, FileTime.from(Instant.now().plus(Duration.ofHours(1))));

    EmbeddedPolicyEngine engine =
        open(
            policies,
            EmbeddedPolicyEngine.Options.DEFAULTS.withSource(
                PolicySource.Options.DEFAULTS.withLast(() -> archive.read(last.digest()))));
    await()
        .atMost(TestEngines.PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> engine.revision().problem().isPresent());
    assertThat(engine.revision().problem().orElseThrow()).contains("data.json can't be taken");
    assertThat(awaitDigest(engine)).isEqualTo(last.digest());
    assertThat(engine.revision().problem()).isPresent();
  }

  @Test
  void a_policy_that_cannot_be_archived_is_not_used() throws IOException {
    Path blocked = Files.writeString(temporary.resolve("archive"), "a file, no folder");
    EmbeddedPolicyEngine engine = open(PROBES, OPTIONS.withArchive(new PolicyArchive(blocked)));
    Unavailability none = noAnswer(engine, probe("limit"));
    assertThat(none.kind()).isEqualTo(Kind.NO_POLICY);
    assertThat(none.message()).contains("can't be archived");

    Files.delete(blocked);
    assertThat(document(engine, probe("limit"))).hasToString("10");
  }

  // ---- for the tests
  // -----------------------------------------------------------------------------

  private EmbeddedPolicyEngine open(Path policies, EmbeddedPolicyEngine.Options options) {
    EmbeddedPolicyEngine engine = new EmbeddedPolicyEngine(policies, options);
    opened.add(engine);
    return engine;
  }

  private EmbeddedPolicyEngine archived(PolicyArchive archive, String digest) {
    EmbeddedPolicyEngine engine =
        EmbeddedPolicyEngine.of(archive.read(digest).orElseThrow(), OPTIONS);
    opened.add(engine);
    return engine;
  }

  /** Puts another policy into the archive under this digest. */
  private void change(String digest) throws IOException {
    Path other = copy(PROBES, temporary.resolve("other-" + System.nanoTime()));
    Files.writeString(other.resolve("data.json"), "{\"limit\": 99}");
    PolicyBundle changed = ((PolicyBundle.Good) PolicyBundle.read(other)).bundle();
    Files.write(temporary.resolve("archive").resolve(digest + ".zip"), PackedPolicy.pack(changed));
  }

  private static String awaitDigest(EmbeddedPolicyEngine engine) {
    await().atMost(Duration.ofMinutes(1)).until(() -> engine.revision().digest().isPresent());
    return engine.revision().digest().orElseThrow();
  }

  private static JsonNode document(EmbeddedPolicyEngine engine, ObjectNode input) {
    Answer answer = engine.evaluate("decision-1", input);
    assertThat(answer).isInstanceOf(Answer.Document.class);
    return ((Answer.Document) answer).result();
  }

  private static Unavailability noAnswer(EmbeddedPolicyEngine engine, ObjectNode input) {
    Answer answer = engine.evaluate("decision-1", input);
    assertThat(answer).isInstanceOf(Answer.NoAnswer.class);
    return ((Answer.NoAnswer) answer).unavailability();
  }

  private static List<Thread> evaluating() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().equals("swiftdeploy-policy"))
        .toList();
  }

  private static Path onlyFile(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }

  private static Percentage withinPercent(int percent) {
    return Percentage.withPercentage(percent);
  }

  private static void replaceWasm(Path policies, byte[] wasm) throws IOException {
    Path description = policies.resolve(PolicyFiles.DESCRIPTION);
    ObjectNode json = (ObjectNode) StrictJson.read(Files.readAllBytes(description));
    json.put("wasm_sha256", Digests.sha256(wasm));
    Files.write(policies.resolve(PolicyFiles.WASM), wasm);
    Files.writeString(description, json.toString());
  }

  private static void copyOver(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        Files.createDirectories(target.getParent());
        Files.copy(path, target);
      }
    }
  }
}
