package dev.swiftdeploy.local.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.OpaProgram;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicyBuilder;
import dev.swiftdeploy.adapters.policy.PolicySource;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A policy that nobody here wrote, dropped into the directory of a running engine; with a real opa:
 * seen without a restart, taken if it is sound, else told while the last one goes on.
 */
class DroppedPolicyIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Who evaluates. */
  enum Engine {
    EMBEDDED {
      @Override
      PolicyEngine open(Path policies, Path folder, PolicySource.Options source) {
        return new EmbeddedPolicyEngine(
            policies,
            EmbeddedPolicyEngine.Options.DEFAULTS
                .withDeadline(Duration.ofSeconds(30))
                .withLoadDeadline(PATIENCE)
                .withSource(source));
      }
    },
    OPA {
      @Override
      PolicyEngine open(Path policies, Path folder, PolicySource.Options source) {
        return new OwnOpaEngine(
            policies,
            new OpaProcesses(folder, System.getenv()),
            OpaWorld.PATIENT.withSource(source));
      }
    };

    abstract PolicyEngine open(Path policies, Path folder, PolicySource.Options source);
  }

  private static final String FOREIGN =
      """
      package swiftdeploy.admission

      decision := {"allow": allowed, "violations": [], "rollback": false, "grants": []}

      default allowed := false

      allowed if input.transition.kind == data.kind
      """;

  @TempDir Path temporary;
  private Path policies;
  private PolicyArchive archive;
  private final List<PolicyEngine> opened = new ArrayList<>();

  @BeforeEach
  void policies() throws IOException {
    policies = Files.createDirectory(temporary.resolve("policies"));
    archive = new PolicyArchive(temporary.resolve("archive"));
    write("admission.rego", FOREIGN);
    write("data.json", "{\"kind\": \"deploy\"}");
  }

  @AfterEach
  void close() {
    opened.forEach(PolicyEngine::close);
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(policies.resolve(name).getParent());
    Files.writeString(policies.resolve(name), text);
  }

  private PolicyEngine open(Engine engine, Optional<String> last) {
    PolicySource.Options source =
        PolicySource.Options.DEFAULTS
            .withArchive(archive)
            .withBuilder(DroppedPolicyIT::builder)
            .withLast(() -> last.flatMap(archive::read));
    PolicyEngine made = engine.open(policies, temporary.resolve("opa"), source);
    opened.add(made);
    return made;
  }

  private static Optional<PolicyBuilder> builder() {
    try {
      return Optional.of(new PolicyBuilder(OpaProgram.find(System.getenv())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(PolicyEngine engine) {
    await().atMost(PATIENCE).until(() -> engine.revision().digest().isPresent());
    return engine.revision().digest().orElseThrow();
  }

  private static String awaitOther(PolicyEngine engine, String than) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              PolicyRevision now = engine.revision();
              assertThat(now.digest())
                  .as("%s", now.problem())
                  .isPresent()
                  .isNotEqualTo(Optional.of(than));
            });
    assertThat(engine.revision().problem()).isEmpty();
    return digest(engine);
  }

  private static String awaitProblem(PolicyEngine engine, String containing) {
    await()
        .atMost(PATIENCE)
        .until(() -> engine.revision().problem().filter(p -> p.contains(containing)).isPresent());
    return engine.revision().problem().orElseThrow();
  }

  private static boolean allows(PolicyEngine engine, String kind) {
    ObjectNode input = JsonNodeFactory.instance.objectNode();
    input.putObject("transition").put("kind", kind);
    Answer answer = engine.evaluate("d-1", input);
    assertThat(answer).isInstanceOf(Answer.Document.class);
    return ((Answer.Document) answer).result().get("allow").asBoolean();
  }

  @ParameterizedTest
  @EnumSource
  void a_sound_one_is_taken_and_a_broken_one_is_told_while_the_last_goes_on(Engine kind)
      throws IOException {
    PolicyEngine engine = open(kind, Optional.empty());
    String first = digest(engine);
    assertThat(allows(engine, "deploy")).isTrue();
    assertThat(allows(engine, "teardown")).isFalse();
    assertThat(policies.resolve("bundle")).doesNotExist();

    // data alone needs no build
    write("data.json", "{\"kind\": \"teardown\"}");
    String second = awaitOther(engine, first);
    assertThat(allows(engine, "deploy")).isFalse();

    // a rule beside it, in a file of its own
    write(
        "more/canary.rego",
        "package swiftdeploy.admission\n\nallowed if input.transition.kind == \"canary\"\n");
    String third = awaitOther(engine, second);
    assertThat(allows(engine, "canary")).isTrue();

    String good = Files.readString(policies.resolve("more/canary.rego"));
    write("more/canary.rego", good + "allowed if {\n");
    assertThat(awaitProblem(engine, "rego_parse_error")).startsWith("policies/more/canary.rego:");
    write("more/canary.rego", good.replace("\"canary\"", "http.send({})"));
    awaitProblem(
        engine, "policies/more/canary.rego:3: rego_type_error: undefined function http.send");
    write("more/canary.rego", good.replace("\"canary\"", "\"advance\""));
    write(
        "canary_test.rego",
        "package canary_test\n\ntest_canary if data.swiftdeploy.admission.decision.allow with input as {\"transition\": {\"kind\": \"canary\"}}\n");
    awaitProblem(engine, "policies/canary_test.rego:3: test_canary fails");
    assertThat(engine.revision().digest()).contains(third);
    assertThat(allows(engine, "canary")).isTrue();
    assertThat(allows(engine, "advance")).isFalse();
    assertThat(archive.digests()).containsExactlyInAnyOrder(first, second, third);

    // the test was what is wrong
    Files.delete(policies.resolve("canary_test.rego"));
    String fourth = awaitOther(engine, third);
    assertThat(allows(engine, "advance")).isTrue();
    assertThat(fourth).isNotIn(first, second, third);
  }

  @ParameterizedTest
  @EnumSource
  void after_a_restart_the_last_one_goes_on_until_the_broken_one_is_mended(Engine kind)
      throws IOException {
    PolicyEngine before = open(kind, Optional.empty());
    String digest = digest(before);
    before.close();
    write("admission.rego", FOREIGN.replace("decision :=", "verdict :="));

    PolicyEngine engine = open(kind, Optional.of(digest));
    awaitProblem(engine, "policies has no data.swiftdeploy.admission.decision");
    assertThat(engine.revision().digest()).contains(digest);
    assertThat(allows(engine, "deploy")).isTrue();

    write("admission.rego", FOREIGN.replace("== data.kind", "!= data.kind"));
    awaitOther(engine, digest);
    assertThat(allows(engine, "deploy")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void a_whole_other_directory_in_its_place_is_taken(Engine kind) throws IOException {
    PolicyEngine engine = open(kind, Optional.empty());
    String foreign = digest(engine);
    Files.move(policies, temporary.resolve("aside"));
    OpaWorld.copyOfPolicies(policies);
    String ours = awaitOther(engine, foreign);
    assertThat(allows(engine, "deploy")).isFalse(); // its evidence is missing
    Files.move(policies, temporary.resolve("ours"));
    Files.move(temporary.resolve("aside"), policies);
    assertThat(awaitOther(engine, ours)).isEqualTo(foreign);
    assertThat(allows(engine, "deploy")).isTrue();
  }
}
