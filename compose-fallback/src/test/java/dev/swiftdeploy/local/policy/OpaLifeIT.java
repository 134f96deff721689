package dev.swiftdeploy.local.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of an OPA of our own; with a real one. */
class OpaLifeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path temp;
  private Path policies;
  private Path servers;

  @BeforeEach
  void policies() throws IOException {
    policies = OpaWorld.copyOfPolicies(temp.resolve("policies"));
    servers = temp.resolve("opa");
  }

  @AfterEach
  void nothing_is_left() {
    new OpaProcesses(servers, System.getenv()).close();
  }

  private OwnOpaEngine open(OwnOpaEngine.Options options) {
    return open(options, System.getenv());
  }

  private OwnOpaEngine open(OwnOpaEngine.Options options, Map<String, String> environment) {
    return new OwnOpaEngine(policies, new OpaProcesses(servers, environment), options);
  }

  private static ObjectNode input() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static void awaitDecision(OwnOpaEngine engine) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(engine.evaluate("d-1", input())).isInstanceOf(Answer.Document.class));
  }

  private List<Path> pidFiles() throws IOException {
    if (!Files.exists(servers)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(servers, 2)) {
      return all.filter(p -> p.endsWith("opa.pid")).toList();
    }
  }

  private DetachedProcess running() throws IOException {
    List<Path> files = pidFiles();
    assertThat(files).hasSize(1);
    return DetachedProcess.find(files.get(0)).orElseThrow();
  }

  @Test
  void one_that_was_killed_is_started_again() throws IOException {
    try (OwnOpaEngine engine = open(OpaWorld.PATIENT)) {
      awaitDecision(engine);
      long before = running().pid();
      running().signal(DetachedProcess.Signal.KILL);
      await().atMost(PATIENCE).until(() -> DetachedProcess.find(pidFiles().get(0)).isEmpty());
      awaitDecision(engine);
      assertThat(running().pid()).isNotEqualTo(before);
      assertThat(engine.revision().problem()).isEmpty();
    }
    assertThat(pidFiles()).isEmpty();
  }

  @Test
  void the_next_daemon_finds_it_and_one_that_stops_ends_it() throws IOException {
    OwnOpaEngine killed = open(OpaWorld.PATIENT); // never closed, as of a daemon that was killed
    awaitDecision(killed);
    DetachedProcess first = running();
    try (OwnOpaEngine next = open(OpaWorld.PATIENT)) {
      awaitDecision(next);
      assertThat(running().pid()).isEqualTo(first.pid());
    }
    assertThat(first.running()).isFalse();
    assertThat(pidFiles()).isEmpty();
  }

  @Test
  void a_stopped_one_is_a_timeout() throws Exception {
    OwnOpaEngine.Options hasty =
        OwnOpaEngine.Options.DEFAULTS.withDeadline(Duration.ofMillis(1500));
    try (OwnOpaEngine engine = open(hasty)) {
      awaitDecision(engine);
      send("STOP");
      Answer answer = engine.evaluate("d-1", input());
      assertThat(answer).isInstanceOf(Answer.NoAnswer.class);
      assertThat(((Answer.NoAnswer) answer).unavailability().kind()).isEqualTo(Kind.TIMEOUT);
      send("CONT");
      awaitDecision(engine);
    }
  }

  private void send(String signal) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(running().pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  @Test
  void with_its_token_health_and_the_decision_can_be_read_and_without_it_nothing()
      throws Exception {
    try (OwnOpaEngine engine = open(OpaWorld.PATIENT)) {
      awaitDecision(engine);
      Path folder = pidFiles().get(0).getParent();
      String base = "http://127.0.0.1:" + Files.readString(folder.resolve("port"));
      String token = Files.readString(folder.resolve("token"));
      assertThat(Files.getPosixFilePermissions(folder.resolve("token")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      String decision = "/v1/data/swiftdeploy/admission/decision";
      assertThat(status("GET", base + "/health", token)).isEqualTo(200);
      assertThat(status("POST", base + decision, token)).isEqualTo(200);
      assertThat(status("GET", base + "/health", "")).isEqualTo(401);
      assertThat(status("POST", base + decision, "")).isEqualTo(401);
      assertThat(status("POST", base + decision, token + "x")).isEqualTo(401);
      for (String path :
          List.of("/v1/data", "/v1/policies", "/v1/config", "/metrics", "/", decision + "/allow")) {
        assertThat(status("GET", base + path, token)).as(path).isEqualTo(401);
      }
      assertThat(status("PUT", base + "/v1/data/swiftdeploy/thresholds", token)).isEqualTo(401);
      assertThat(status("PUT", base + "/v1/policies/mine", token)).isEqualTo(401);
    }
  }

  private static int status(String method, String url, String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .method(
                method,
                method.equals("GET")
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString("{\"input\":{}}"));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void a_policy_that_opa_does_not_take_is_told_and_the_last_good_one_goes_on() throws IOException {
    try (OwnOpaEngine engine = open(OpaWorld.PATIENT)) {
      awaitDecision(engine);
      Optional<String> before = engine.revision().digest();
      long pid = running().pid();
      Path data = policies.resolve("data.json");
      String good = Files.readString(data);
      // valid JSON, but what a rule of that name already is
      Files.writeString(data, "{\"swiftdeploy\":{\"admission\":{\"decision\":{\"allow\":true}}}}");
      await().atMost(PATIENCE).until(() -> engine.revision().problem().isPresent());
      assertThat(engine.revision().problem().get()).contains("OPA does not take the policy");
      assertThat(engine.revision().digest()).isEqualTo(before);
      assertThat(engine.evaluate("d-1", input())).isInstanceOf(Answer.Document.class);
      Files.writeString(data, good);
      await().atMost(PATIENCE).until(() -> engine.revision().problem().isEmpty());
      assertThat(running().pid()).isEqualTo(pid);
    }
  }

  @Test
  void without_an_opa_it_says_what_to_do() {
    Map<String, String> environment = new TreeMap<>(System.getenv());
    environment.remove(OpaProcesses.PROGRAM);
    environment.put("PATH", temp.toString());
    try (OwnOpaEngine engine = open(OpaWorld.PATIENT, environment)) {
      await().atMost(PATIENCE).until(() -> engine.revision().problem().isPresent());
      assertThat(engine.revision().problem().get()).contains("there is no opa on the PATH");
      Answer answer = engine.evaluate("d-1", input());
      assertThat(((Answer.NoAnswer) answer).unavailability().kind()).isEqualTo(Kind.UNREACHABLE);
    }
  }
}
