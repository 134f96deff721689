package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.DecisionParser;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real OPA that somebody else runs, with a policy that does everything wrong that a policy can:
 * each is its own answer, and none of them is a decision.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailingOpaIT {
  private static final String TOKEN = "s3cret";
  private static final int LARGEST_BODY = 100_000;

  private static final String AUTHORIZATION =
      """
      package system.authz

      default allow := false

      allow if input.identity == "%s"
      """
          .formatted(TOKEN);

  private static final String POLICY =
      """
      package swiftdeploy.admission

      good := {"allow": true, "violations": [], "rollback": false, "grants": []}

      decision := good if input.ask == "good"

      decision := null if input.ask == "null"

      decision := object.union(good, {"allow": "yes"}) if input.ask == "yes"

      decision := object.remove(good, ["allow"]) if input.ask == "no allow"

      decision := object.union(good, {"violations": numbers.range(1, 300000)}) if input.ask == "huge"

      decision := object.union(good, {"allow": (1 / input.zero) > 0}) if input.ask == "divide"

      decision := good if {
      	input.ask == "long"
      	count([x | some x in numbers.range(1, 100000); some y in numbers.range(1, 100000); x == y]) > 0
      }
      """;

  @TempDir static Path temporary;
  private Process opa;
  private String url;
  private Path token;

  @BeforeAll
  void start() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    url = "http://127.0.0.1:" + port;
    token = Files.writeString(temporary.resolve("token"), TOKEN);
    Path policies = Files.createDirectory(temporary.resolve("policies"));
    Files.writeString(policies.resolve("authz.rego"), AUTHORIZATION);
    Files.writeString(policies.resolve("admission.rego"), POLICY);
    opa =
        new ProcessBuilder(
                OpaProgram.find(System.getenv()).path().toString(),
                "run",
                "--server",
                "--disable-telemetry",
                "--addr=127.0.0.1:" + port,
                "--authentication=token",
                "--authorization=basic",
                "--set=server.decoding.max_length=" + LARGEST_BODY,
                policies.toString())
            .redirectErrorStream(true)
            .redirectOutput(temporary.resolve("opa.log").toFile())
            .start();
    await()
        .atMost(TestEngines.PATIENCE)
        .untilAsserted(
            () -> assertThat(ask(asking("good"))).as(log()).isInstanceOf(Answer.Document.class));
  }

  @AfterAll
  void stop() throws InterruptedException {
    opa.destroyForcibly().waitFor();
  }

  private String log() throws IOException {
    return Files.readString(temporary.resolve("opa.log"));
  }

  private static ObjectNode asking(String what) {
    return StrictJson.MAPPER.createObjectNode().put("ask", what);
  }

  private OpaConnection known() {
    return OpaConnection.to(url).withTokenFile(token).withDeadline(TestEngines.PATIENCE);
  }

  private Answer ask(ObjectNode input) {
    return ask(known(), input);
  }

  private static Answer ask(OpaConnection connection, ObjectNode input) {
    try (ForeignOpaEngine engine = new ForeignOpaEngine(connection)) {
      return engine.evaluate("d-1", input);
    }
  }

  private static void fails(Answer answer, Kind kind, String saying) {
    assertThat(answer).isInstanceOf(Answer.NoAnswer.class);
    Unavailability failure = ((Answer.NoAnswer) answer).unavailability();
    assertThat(failure.kind()).as(failure.message()).isEqualTo(kind);
    assertThat(failure.message()).contains(saying);
    assertThat(failure.nextStep()).isNotBlank();
  }

  /** What the reviewer tells as {@link Kind#MALFORMED}. */
  private static void isNoDecision(Answer answer, String why) {
    assertThat(answer).isInstanceOf(Answer.Document.class);
    assertThat(DecisionParser.parse(((Answer.Document) answer).result()))
        .isEqualTo(new DecisionParser.Malformed(why));
  }

  @TestFactory
  Stream<DynamicTest> a_document_that_is_no_decision_is_not_one() {
    return Stream.of(
        DynamicTest.dynamicTest(
            "null",
            () -> isNoDecision(ask(asking("null")), "the result is null, an object is expected")),
        DynamicTest.dynamicTest(
            "yes",
            () -> isNoDecision(ask(asking("yes")), "allow is a string, a boolean is expected")),
        DynamicTest.dynamicTest(
            "no allow", () -> isNoDecision(ask(asking("no allow")), "allow is missing")));
  }

  @Test
  void more_than_a_decision_can_be_is_malformed() {
    fails(ask(asking("huge")), Kind.MALFORMED, "answered with more than 1 MiB");
  }

  @Test
  void no_rule_for_an_input_is_undefined() {
    fails(ask(asking("what no rule knows")), Kind.UNDEFINED, "is undefined there");
  }

  @Test
  void a_built_in_that_fails_is_a_server_error() {
    fails(ask(asking("divide").put("zero", 0)), Kind.SERVER_ERROR, "divide by zero");
  }

  @Test
  void a_policy_that_takes_too_long_is_a_timeout() {
    OpaConnection hasty = known().withDeadline(Duration.ofMillis(1500));
    fails(ask(hasty, asking("long")), Kind.TIMEOUT, "gave no whole answer within 1s500ms");
  }

  @Test
  void who_has_no_token_or_another_is_unauthorized() throws IOException {
    OpaConnection unknown = OpaConnection.to(url).withDeadline(TestEngines.PATIENCE);
    fails(ask(unknown, asking("good")), Kind.UNAUTHORIZED, "answered 401");
    Path other = Files.writeString(temporary.resolve("other"), "another");
    fails(ask(unknown.withTokenFile(other), asking("good")), Kind.UNAUTHORIZED, "answered 401");
  }

  @Test
  void an_input_that_opa_does_not_take_is_an_input_warning() {
    fails(
        ask(asking("good").put("more", "x".repeat(LARGEST_BODY))),
        Kind.INPUT_WARNING,
        "answered 400");
  }
}
