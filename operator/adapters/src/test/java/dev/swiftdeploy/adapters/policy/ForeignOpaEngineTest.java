package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Protocol;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Each way to fail is its own answer, and none of them is a decision. */
class ForeignOpaEngineTest {
  private static final Duration SHORT = Duration.ofMillis(700);
  private static final String DIGEST = "ab".repeat(32);

  @TempDir Path temp;

  private static ObjectNode input() {
    return StrictJson.MAPPER.createObjectNode().put("version", "a question");
  }

  private static OpaConnection patient(String url) {
    return OpaConnection.to(url).withDeadline(TestEngines.PATIENCE);
  }

  private static Answer ask(OpaConnection connection) {
    try (ForeignOpaEngine engine = new ForeignOpaEngine(connection)) {
      return engine.evaluate("d-1", input());
    }
  }

  private static Unavailability failure(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.NoAnswer.class);
    Unavailability failure = ((Answer.NoAnswer) answer).unavailability();
    assertThat(failure.message()).isNotBlank();
    assertThat(failure.nextStep()).isNotBlank();
    return failure;
  }

  private record Reply(int status, String body, Kind kind, String says) {}

  @TestFactory
  Stream<DynamicTest> what_is_no_document_is_a_failure_by_its_own_name() {
    String big = "\"" + "x".repeat(10 << 20) + "\"";
    return Stream.of(
            new Reply(200, "{}", Kind.UNDEFINED, "undefined there"),
            new Reply(200, "{\"provenance\":{}}", Kind.UNDEFINED, "undefined there"),
            new Reply(200, "", Kind.MALFORMED, "not JSON"),
            new Reply(200, "{\"result\":", Kind.MALFORMED, "not JSON"),
            new Reply(200, "{\"result\":1,\"result\":2}", Kind.MALFORMED, "not JSON"),
            new Reply(200, "[]", Kind.MALFORMED, "no object"),
            new Reply(200, "<html>hello</html>", Kind.MALFORMED, "not JSON"),
            new Reply(200, "{\"result\":" + big + "}", Kind.MALFORMED, "more than 1 MiB"),
            new Reply(
                200,
                "{\"result\":{},\"warning\":{\"code\":\"api_usage_warning\",\"message\":\"'input'"
                    + " key missing from the request\"}}",
                Kind.INPUT_WARNING,
                "'input' key missing"),
            new Reply(400, "{\"message\":\"bad input\"}", Kind.INPUT_WARNING, "400: bad input"),
            new Reply(401, "{\"message\":\"who?\"}", Kind.UNAUTHORIZED, "answered 401: who?"),
            new Reply(403, "", Kind.UNAUTHORIZED, "answered 403"),
            new Reply(302, "", Kind.SERVER_ERROR, "answered 302, and redirects are not followed"),
            new Reply(404, "not here", Kind.SERVER_ERROR, "answered 404"),
            new Reply(
                500,
                "{\"code\":\"internal_error\",\"message\":\"error(s) occurred\",\"errors\":"
                    + "[{\"message\":\"div: divide by zero\"}]}",
                Kind.SERVER_ERROR,
                "answered 500: error(s) occurred: div: divide by zero"),
            new Reply(503, "", Kind.SERVER_ERROR, "answered 503"))
        .map(
            reply ->
                DynamicTest.dynamicTest(
                    reply.status()
                        + " "
                        + reply.body().substring(0, Math.min(40, reply.body().length())),
                    () -> {
                      try (SmallServer server =
                          SmallServer.answering(
                              exchange -> {
                                exchange.getResponseHeaders().set("Location", "/elsewhere");
                                SmallServer.with(reply.status(), reply.body()).answer(exchange);
                              })) {
                        Unavailability failure = failure(ask(patient(server.url())));
                        assertThat(failure.kind()).isEqualTo(reply.kind());
                        assertThat(failure.message()).contains(server.url()).contains(reply.says());
                        assertThat(server.asked()).hasSize(1);
                      }
                    }));
  }

  /** What is a document but no decision is for the reviewer to judge: it reaches it unchanged. */
  @Test
  void any_result_is_handed_on_as_it_came() {
    for (String result : List.of("null", "{\"allow\":\"yes\"}", "[]", "0.10", "{}")) {
      try (SmallServer server =
          SmallServer.answering(SmallServer.with(200, "{\"result\":" + result + "}"))) {
        Answer answer = ask(patient(server.url()));
        assertThat(answer).isInstanceOf(Answer.Document.class);
        assertThat(((Answer.Document) answer).result()).hasToString(result);
      }
    }
  }

  @Test
  void the_question_is_asked_with_strict_errors_provenance_and_the_token() throws IOException {
    Path token = Files.writeString(temp.resolve("token"), "s3cret\n");
    try (SmallServer server = SmallServer.answering(SmallServer.with(200, "{\"result\":{}}"))) {
      ask(patient(server.url() + "/opa/").withTokenFile(token));
      Files.writeString(token, "another");
      ask(patient(server.url()).withTokenFile(token));
      assertThat(server.asked().get(0))
          .isEqualTo(
              new SmallServer.Asked(
                  "POST",
                  "/opa/v1/data/swiftdeploy/admission/decision"
                      + "?provenance=true&strict-builtin-errors=true",
                  "Bearer s3cret",
                  "{\"input\":{\"version\":\"a question\"}}"));
      assertThat(server.asked().get(1).authorization()).isEqualTo("Bearer another");
    }
  }

  @Test
  void a_token_that_cant_be_sent_safely_is_not_sent() throws IOException {
    Path token = Files.writeString(temp.resolve("token"), "s3cret");
    assertThat(failure(ask(patient("http://192.0.2.1:1").withTokenFile(token))))
        .satisfies(f -> assertThat(f.kind()).isEqualTo(Kind.UNAUTHORIZED))
        .satisfies(f -> assertThat(f.message()).contains("unencrypted"));
    Path missing = temp.resolve("missing");
    try (SmallServer server = SmallServer.answering(SmallServer.with(200, "{\"result\":{}}"))) {
      assertThat(failure(ask(patient(server.url()).withTokenFile(missing))).kind())
          .isEqualTo(Kind.UNAUTHORIZED);
      assertThat(server.asked()).isEmpty();
    }
  }

  /** As with the embedded engine: what it would not take is not sent. */
  @Test
  void an_input_that_is_no_json_or_too_large_is_not_sent() {
    List<ObjectNode> inputs = new ArrayList<>();
    for (String raw : List.of("1,\"version\":2", "}{", "nul", "")) {
      inputs.add(input().putRawValue("raw", new RawValue(raw)));
    }
    inputs.add(input().put("half", "of a pair: \ud800"));
    inputs.add(input().put("large", "x".repeat(1 << 20)));
    try (SmallServer server = SmallServer.answering(SmallServer.with(200, "{\"result\":{}}"));
        ForeignOpaEngine engine = new ForeignOpaEngine(patient(server.url()))) {
      for (ObjectNode each : inputs) {
        assertThat(failure(engine.evaluate("d-1", each)).kind()).isEqualTo(Kind.INPUT_WARNING);
      }
      assertThat(server.asked()).isEmpty();
    }
  }

  @Test
  void nobody_there_is_unreachable() throws IOException {
    try (Socket kept = keptPort()) {
      Unavailability failure = failure(ask(patient("http://127.0.0.1:" + kept.getLocalPort())));
      assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(failure.message()).contains("can't be reached");
    }
    assertThat(failure(ask(patient("http://nobody.invalid"))).kind()).isEqualTo(Kind.UNREACHABLE);
  }

  @Test
  void who_takes_the_question_and_hangs_up_is_unreachable_and_is_asked_once() throws Exception {
    ServerSocket server = new ServerSocket(0);
    CompletableFuture<Integer> connections = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              int count = 0;
              try {
                while (true) {
                  Socket socket = server.accept();
                  count++;
                  socket.getInputStream().read();
                  socket.close();
                }
              } catch (IOException e) {
                connections.complete(count);
              }
            });
    thread.start();
    Unavailability failure = failure(ask(patient("http://127.0.0.1:" + server.getLocalPort())));
    assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
    server.close();
    assertThat(connections.get()).isEqualTo(1);
  }

  @Test
  void a_server_that_does_not_answer_in_time_is_a_timeout() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (SmallServer server =
        SmallServer.answering(
            exchange -> {
              try {
                over.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            })) {
      assertTimeout(server.url());
      over.countDown();
    }
  }

  @Test
  void a_byte_now_and_then_does_not_prolong_it() {
    CountDownLatch over = new CountDownLatch(1);
    try (SmallServer server =
        SmallServer.answering(
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              OutputStream out = exchange.getResponseBody();
              try {
                do {
                  out.write(' ');
                  out.flush();
                } while (!over.await(50, TimeUnit.MILLISECONDS));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            })) {
      assertTimeout(server.url());
      over.countDown();
    }
  }

  private static void assertTimeout(String url) {
    Instant began = Instant.now();
    Unavailability failure = failure(ask(OpaConnection.to(url).withDeadline(SHORT)));
    assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
    assertThat(failure.message()).contains("700ms");
    assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(20));
  }

  /** Counts failed tries to connect; after the first, somebody listens there. */
  private static final class Late extends EventListener implements AutoCloseable {
    private final Socket kept = keptPort();
    private final int port = kept.getLocalPort();
    private final boolean comes;
    private int failed;
    private Optional<SmallServer> server = Optional.empty();

    Late(boolean comes) {
      this.comes = comes;
    }

    @Override
    public void connectFailed(
        Call call, InetSocketAddress address, Proxy proxy, Protocol protocol, IOException e) {
      failed++;
      if (comes && server.isEmpty()) {
        try {
          kept.close();
          InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
          server =
              Optional.of(
                  SmallServer.of(
                      HttpServer.create(here, 0), SmallServer.with(200, "{\"result\":{}}")));
        } catch (IOException taken) {
          throw new UncheckedIOException(taken);
        }
      }
    }

    OpaClient.Outcome asked() {
      ObjectNode input = StrictJson.MAPPER.createObjectNode();
      input.putObject("transition").put("id", "d-7");
      try (OpaClient client = new OpaClient(patient("http://127.0.0.1:" + port), this)) {
        return client.ask(input);
      }
    }

    @Override
    public void close() throws IOException {
      kept.close();
      server.ifPresent(SmallServer::close);
    }
  }

  /** A port on which nobody listens, and nobody else can. */
  private static Socket keptPort() {
    try {
      Socket kept = new Socket();
      kept.bind(SmallServer.loopback());
      return kept;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_connection_that_fails_is_tried_once_more_with_the_same_decision_id() throws IOException {
    try (Late late = new Late(true)) {
      assertThat(late.asked()).isInstanceOf(OpaClient.Said.class);
      assertThat(late.failed).isEqualTo(1);
      List<SmallServer.Asked> asked = late.server.orElseThrow().asked();
      assertThat(asked).hasSize(1);
      assertThat(asked.get(0).body()).isEqualTo("{\"input\":{\"transition\":{\"id\":\"d-7\"}}}");
    }
  }

  @Test
  void three_tries_to_connect_are_all() throws IOException {
    try (Late late = new Late(false)) {
      OpaClient.Failed failed = (OpaClient.Failed) late.asked();
      assertThat(failed.unavailability().kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(late.failed).isEqualTo(3);
    }
  }

  @Test
  void tls_believes_the_named_authority_and_no_other() throws Exception {
    Path keys = temp.resolve("keys.p12");
    Path pem = temp.resolve("ca.pem");
    keytool(
        "-genkeypair",
        "-alias",
        "opa",
        "-keyalg",
        "EC",
        "-dname",
        "CN=opa",
        "-ext",
        "san=ip:127.0.0.1",
        "-keystore",
        keys.toString());
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "opa",
        "-file",
        pem.toString(),
        "-keystore",
        keys.toString());
    HttpsServer https = HttpsServer.create(SmallServer.loopback(), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    try (SmallServer server = SmallServer.of(https, SmallServer.with(200, "{\"result\":{}}"))) {
      String url = "https://127.0.0.1:" + server.port();
      assertThat(ask(patient(url).withCaFile(pem))).isInstanceOf(Answer.Document.class);
      Unavailability failure = failure(ask(patient(url)));
      assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(failure.message()).contains("not believed");
      assertThat(failure(ask(patient(url).withCaFile(keys))).message()).contains("can't be read");
    }
  }

  private static void keytool(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-storepass", "changeit"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static SSLContext context(Path keys) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void its_digest_is_what_it_says_and_never_verified() {
    String reply = "{\"result\":{},\"provenance\":{\"bundles\":{\"b\":{\"revision\":\"%s\"}}}}";
    try (SmallServer server =
            SmallServer.answering(SmallServer.with(200, reply.formatted(DIGEST)));
        ForeignOpaEngine engine = new ForeignOpaEngine(patient(server.url()))) {
      await().atMost(TestEngines.PATIENCE).until(() -> engine.revision().digest().isPresent());
      assertThat(engine.revision().digest()).contains(DIGEST);
      assertThat(engine.revision().verified()).isFalse();
      assertThat(((Answer.Document) engine.evaluate("d-1", input())).policyDigest())
          .isEqualTo(DIGEST);
    }
    try (SmallServer one = SmallServer.answering(SmallServer.with(200, reply.formatted("v1")));
        SmallServer two = SmallServer.answering(SmallServer.with(200, reply.formatted("v2")))) {
      String first = ((Answer.Document) ask(patient(one.url()))).policyDigest();
      String second = ((Answer.Document) ask(patient(two.url()))).policyDigest();
      assertThat(first).hasSize(64).isNotEqualTo(second);
    }
  }

  @Test
  void before_its_first_answer_the_reason_is_told() {
    try (SmallServer server = SmallServer.answering(SmallServer.with(500, ""));
        ForeignOpaEngine engine = new ForeignOpaEngine(patient(server.url()))) {
      await().atMost(TestEngines.PATIENCE).until(() -> engine.revision().problem().isPresent());
      assertThat(engine.revision().problem().get()).contains("answered 500");
      assertThat(engine.revision().digest()).isEqualTo(Optional.empty());
    }
  }
}
