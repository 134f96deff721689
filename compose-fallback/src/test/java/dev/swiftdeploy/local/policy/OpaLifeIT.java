package dev.swiftdeploy.local.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.OpaBundle;
import dev.swiftdeploy.adapters.policy.OpaConnection;
import dev.swiftdeploy.adapters.policy.OpaHost;
import dev.swiftdeploy.adapters.policy.OpaProgram;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
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

  @Test
  void one_that_hangs_is_told_and_replaced() throws Exception {
    OwnOpaEngine.Options hasty =
        OwnOpaEngine.Options.DEFAULTS
            .withDeadline(Duration.ofMillis(1500))
            .withHungAfter(Duration.ofSeconds(4));
    try (OwnOpaEngine engine = open(hasty)) {
      awaitDecision(engine);
      DetachedProcess hung = running();
      send("STOP");
      assertThat(engine.evaluate("d-1", input())).isInstanceOf(Answer.NoAnswer.class);
      assertThat(engine.revision().problem().orElseThrow())
          .isEqualTo("OPA gives no answer: wait: after 4s without one it is replaced");
      await().atMost(PATIENCE).until(() -> !hung.running());
      awaitDecision(engine);
      assertThat(running().pid()).isNotEqualTo(hung.pid());
      assertThat(engine.revision().problem()).isEmpty();
    }
  }

  /** What is asked at one port is answered by whichever server stands behind it. */
  private static final class Switch implements OpaHost, AutoCloseable {
    private final OpaProcesses processes;
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger behind = new AtomicInteger();
    private final Path token;

    Switch(OpaProcesses processes, Path token) throws IOException {
      this.processes = processes;
      this.token = token;
      Thread thread = new Thread(this::forward);
      thread.setDaemon(true);
      thread.start();
    }

    private void forward() {
      try {
        while (true) {
          connect(socket.accept());
        }
      } catch (IOException e) {
        // closed: the test is over
      }
    }

    private void connect(Socket asking) throws IOException {
      try {
        Socket answering = new Socket(InetAddress.getLoopbackAddress(), behind.get());
        pump(asking, answering);
        pump(answering, asking);
      } catch (ConnectException e) {
        asking.close(); // it does not listen yet
      }
    }

    private static void pump(Socket from, Socket to) {
      Thread thread =
          new Thread(
              () -> {
                try (from;
                    to) {
                  from.getInputStream().transferTo(to.getOutputStream());
                } catch (IOException e) {
                  // one of them hung up
                }
              });
      thread.setDaemon(true);
      thread.start();
    }

    /** From now on the server with this bundle answers. */
    Server turnTo(String revision, OpaBundle bundle) throws IOException {
      Server server = processes.serve(revision, bundle);
      behind.set(URI.create(server.connection().url()).getPort());
      Files.writeString(token, Files.readString(server.connection().tokenFile().orElseThrow()));
      return server;
    }

    @Override
    public Server serve(String revision, OpaBundle bundle) throws IOException {
      Server server = turnTo(revision, bundle);
      String url = "http://127.0.0.1:" + socket.getLocalPort();
      return new Server() {
        @Override
        public boolean running() {
          return server.running();
        }

        @Override
        public OptionalInt exitCode() {
          return server.exitCode();
        }

        @Override
        public OpaConnection connection() {
          return OpaConnection.to(url).withTokenFile(token);
        }

        @Override
        public String lastWords() {
          return server.lastWords();
        }
      };
    }

    @Override
    public void end(String revision) {
      processes.end(revision);
    }

    @Override
    public void keepOnly(String revision) {
      // the other one is to answer
    }

    @Override
    public void close() {
      processes.close();
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void one_that_answers_with_another_policy_is_a_revision_mismatch() throws Exception {
    PolicyBundle ours = policy(policies);
    Path others = OpaWorld.copyOfPolicies(temp.resolve("others"));
    Files.writeString(others.resolve("data.json"), "{}");
    PolicyBundle other = policy(others);
    Switch host = new Switch(new OpaProcesses(servers, System.getenv()), temp.resolve("token"));
    try (OwnOpaEngine engine = new OwnOpaEngine(policies, host, OpaWorld.PATIENT)) {
      awaitDecision(engine);
      host.turnTo(other.digest(), OpaBundle.of(other));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                Answer answer = engine.evaluate("d-1", input());
                assertThat(answer).isInstanceOf(Answer.NoAnswer.class);
                Unavailability none = ((Answer.NoAnswer) answer).unavailability();
                assertThat(none.kind()).as(none.message()).isEqualTo(Kind.REVISION_MISMATCH);
                assertThat(none.message()).contains(other.digest()).contains(ours.digest());
              });
    }
  }

  private static PolicyBundle policy(Path directory) {
    return ((PolicyBundle.Good) PolicyBundle.read(directory)).bundle();
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
    environment.remove(OpaProgram.VARIABLE);
    environment.put("PATH", temp.toString());
    try (OwnOpaEngine engine = open(OpaWorld.PATIENT, environment)) {
      await().atMost(PATIENCE).until(() -> engine.revision().problem().isPresent());
      assertThat(engine.revision().problem().get()).contains("there is no opa on the PATH");
      Answer answer = engine.evaluate("d-1", input());
      assertThat(((Answer.NoAnswer) answer).unavailability().kind()).isEqualTo(Kind.UNREACHABLE);
    }
  }
}
