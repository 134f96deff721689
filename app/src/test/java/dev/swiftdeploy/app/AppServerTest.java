package dev.swiftdeploy.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service over real HTTP, on a free port of the loopback address. */
@Timeout(60)
class AppServerTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private DoubleSupplier dice = () -> 0.5;
  private AppServer server;

  private void start(Mode mode) throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Service service =
        new Service(
            new AppConfig(mode, "1.2.3", anyPort),
            Clock.fixed(NOW, ZoneOffset.UTC),
            () -> dice.getAsDouble(),
            log::add);
    server = AppServer.start(anyPort, service);
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.stop(Duration.ZERO);
    }
  }

  // what it serves

  @Test
  void homeTellsModeVersionAndTime() throws Exception {
    start(Mode.STABLE);

    HttpResponse<String> home = get("/");

    assertThat(home.statusCode()).isEqualTo(200);
    assertThat(home.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(json(home))
        .isEqualTo(
            Json.object()
                .put("message", "Hello from a service delivered by SwiftDeploy")
                .put("mode", "stable")
                .put("version", "1.2.3")
                .put("timestamp", "2026-01-02T03:04:05.678Z"));
  }

  @Test
  void healthTellsStatusAndUptime() throws Exception {
    start(Mode.STABLE);

    JsonNode health = json(get("/healthz"));

    assertThat(health.path("status").textValue()).isEqualTo("ok");
    assertThat(health.path("uptime_seconds").isNumber()).isTrue();
  }

  @Test
  void canaryMarksEveryAnswerAndStableNone() throws Exception {
    start(Mode.CANARY);
    for (String path : List.of("/", "/healthz", "/metrics", "/nowhere", "/chaos")) {
      assertThat(get(path).headers().firstValue("X-Mode")).as(path).contains("canary");
    }
    chaos("{\"mode\":\"error\",\"rate\":1}");
    assertThat(get("/").headers().firstValue("X-Mode")).contains("canary");
    server.stop(Duration.ZERO);

    start(Mode.STABLE);
    assertThat(get("/").headers().firstValue("X-Mode")).isEmpty();
  }

  @Test
  void anUnknownPathIs404WhateverTheMethod() throws Exception {
    start(Mode.STABLE);

    assertThat(get("/nowhere").statusCode()).isEqualTo(404);
    assertThat(json(get("/healthz/")).path("error").textValue()).isEqualTo("not found");
    assertThat(send(to("/nowhere").DELETE()).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/healthz", "/metrics"})
  void aWrongMethodIs405WithTheRightOnes(String path) throws Exception {
    start(Mode.STABLE);

    HttpResponse<String> answer = send(to(path).POST(BodyPublishers.ofString("x")));

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    assertThat(get("/chaos").headers().firstValue("Allow")).contains("POST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/healthz", "/metrics"})
  void headIsGetWithoutTheBody(String path) throws Exception {
    start(Mode.STABLE);

    HttpResponse<String> head = send(to(path).method("HEAD", BodyPublishers.noBody()));

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValueAsLong("Content-Length").orElse(0)).isPositive();
  }

  // metrics

  @Test
  void metricsCountByMethodPathAndStatus() throws Exception {
    start(Mode.CANARY);
    get("/");
    get("/");
    get("/healthz");
    get("/no/such/path");
    get("/another");
    send(to("/").method("BREW", BodyPublishers.noBody()));

    assertThat(metrics())
        .contains("# TYPE http_requests_total counter")
        .contains("# TYPE http_request_duration_seconds histogram")
        .contains(
            "http_requests_total{method=\"GET\",path=\"/\",status_code=\"200\",} 2.0",
            "http_requests_total{method=\"GET\",path=\"/healthz\",status_code=\"200\",} 1.0",
            "http_requests_total{method=\"GET\",path=\"other\",status_code=\"404\",} 2.0",
            "http_requests_total{method=\"other\",path=\"/\",status_code=\"405\",} 1.0",
            "http_request_duration_seconds_bucket{method=\"GET\",path=\"/\",le=\"0.5\",} 2.0",
            "http_request_duration_seconds_count{method=\"GET\",path=\"/\",} 2.0",
            "app_mode 1.0",
            "chaos_active 0.0")
        .anyMatch(line -> line.matches("app_uptime_seconds [0-9.E-]+"));
  }

  @Test
  void theSeriesOfHomeStartAtZero() throws Exception {
    start(Mode.STABLE);

    assertThat(metrics())
        .contains(
            "app_mode 0.0",
            "http_requests_total{method=\"GET\",path=\"/\",status_code=\"200\",} 0.0",
            "http_requests_total{method=\"GET\",path=\"/\",status_code=\"500\",} 0.0",
            "http_request_duration_seconds_bucket{method=\"GET\",path=\"/\",le=\"0.5\",} 0.0",
            "http_probe_requests_total{method=\"GET\",path=\"/\",status_code=\"200\",} 0.0");
  }

  @Test
  void probesAreCountedApart() throws Exception {
    start(Mode.CANARY);
    get("/");
    send(to("/").header("X-SwiftDeploy-Probe", "1"));
    send(to("/").header("X-SwiftDeploy-Probe", "1"));
    send(to("/").header("X-SwiftDeploy-Probe", "yes"));

    assertThat(metrics())
        .contains(
            "http_requests_total{method=\"GET\",path=\"/\",status_code=\"200\",} 2.0",
            "http_request_duration_seconds_count{method=\"GET\",path=\"/\",} 2.0",
            "http_probe_requests_total{method=\"GET\",path=\"/\",status_code=\"200\",} 2.0",
            "http_probe_request_duration_seconds_bucket{method=\"GET\",path=\"/\",le=\"0.5\",} 2.0");
  }

  @Test
  void probesAreHurtLikeUsers() throws Exception {
    start(Mode.CANARY);
    chaos("{\"mode\":\"error\",\"rate\":1}");

    assertThat(send(to("/").header("X-SwiftDeploy-Probe", "1")).statusCode()).isEqualTo(500);

    assertThat(metrics())
        .contains("http_probe_requests_total{method=\"GET\",path=\"/\",status_code=\"500\",} 1.0");
  }

  @Test
  void openMetricsIsServedToThoseWhoAccept() throws Exception {
    start(Mode.STABLE);

    HttpResponse<String> answer =
        send(to("/metrics").header("Accept", "application/openmetrics-text;version=1.0.0"));

    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(answer.body())
        .contains("http_requests_total{method=\"GET\",path=\"/\",status_code=\"200\"} ")
        .endsWith("# EOF\n");
    assertThat(get("/metrics").headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/plain; version=0.0.4");
  }

  // chaos

  @Test
  void stableTakesNoChaos() throws Exception {
    start(Mode.STABLE);

    HttpResponse<String> answer = chaos("{\"mode\":\"error\",\"rate\":1}");

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(json(answer).path("reason").textValue()).contains("canary mode only");
    assertThat(get("/").statusCode()).isEqualTo(200);
    assertThat(log).isEmpty();
  }

  @Test
  void errorFailsTheShareThatWasOrderedUntilRecovered() throws Exception {
    start(Mode.CANARY);
    assertThat(chaos("{\"mode\":\"error\",\"rate\":0.3}").statusCode()).isEqualTo(200);

    dice = () -> 0.2999;
    assertThat(get("/").statusCode()).isEqualTo(500);
    assertThat(get("/nowhere").statusCode()).isEqualTo(500);
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(metrics())
        .contains(
            "chaos_active 2.0",
            "http_requests_total{method=\"GET\",path=\"/\",status_code=\"500\",} 1.0");
    dice = () -> 0.3;
    assertThat(get("/").statusCode()).isEqualTo(200);

    dice = () -> 0;
    assertThat(chaos("{\"mode\":\"recover\"}").statusCode()).isEqualTo(200);
    assertThat(get("/").statusCode()).isEqualTo(200);
    assertThat(metrics()).contains("chaos_active 0.0");
    assertThat(log)
        .containsExactly(
            "chaos error: a share of 0.3 of the requests gets a 500",
            "chaos recovered: requests are answered as usual");
  }

  @Test
  void slowHoldsEachAnswerBackAndShowsInTheHistogram() throws Exception {
    start(Mode.CANARY);
    chaos("{\"mode\":\"slow\",\"duration\":0.6}");

    long before = System.nanoTime();
    assertThat(get("/").statusCode()).isEqualTo(200);

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(600));
    assertThat(metrics())
        .contains(
            "chaos_active 1.0",
            "http_request_duration_seconds_bucket{method=\"GET\",path=\"/\",le=\"0.5\",} 0.0",
            "http_request_duration_seconds_count{method=\"GET\",path=\"/\",} 1.0");
  }

  @Test
  void aHundredRequestsThatHangLeaveHealthMetricsAndChaosQuick() throws Exception {
    start(Mode.CANARY);
    chaos("{\"mode\":\"slow\",\"duration\":60}");
    List<CompletableFuture<?>> hanging = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      hanging.add(client.sendAsync(to("/").build(), BodyHandlers.ofString()));
    }

    for (int i = 0; i < 20; i++) {
      assertThat(timed(to("/healthz"))).isLessThan(Duration.ofSeconds(10));
      assertThat(timed(to("/metrics"))).isLessThan(Duration.ofSeconds(10));
    }
    chaos("{\"mode\":\"recover\"}");
    assertThat(get("/").statusCode()).isEqualTo(200);

    assertThat(hanging).noneMatch(CompletableFuture::isDone);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"mode\":\"burn\"}", "{\"mode\":\"slow\",\"duration\":61}"})
  void aBadOrderIs400WithAReasonAndChangesNothing(String body) throws Exception {
    start(Mode.CANARY);

    HttpResponse<String> answer = chaos(body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).path("reason").textValue()).isNotBlank();
    assertThat(metrics()).contains("chaos_active 0.0");
  }

  @Test
  void aBodyOf64KibIsReadAndALargerOneIs400() throws Exception {
    start(Mode.CANARY);
    String order = "{\"mode\":\"recover\"}";

    assertThat(chaos(order + " ".repeat(Wire.BODY_MAX - order.length())).statusCode())
        .isEqualTo(200);
    for (int size : new int[] {Wire.BODY_MAX + 1, 900_000}) {
      HttpResponse<String> answer = chaos(order + " ".repeat(size - order.length()));
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(json(answer).path("reason").textValue())
          .isEqualTo("the body is larger than 65536 bytes");
    }
  }

  @Test
  void aBodyWithoutEndIsNotReadToTheEnd() throws Exception {
    start(Mode.CANARY);
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.getOutputStream().write(head("POST /chaos", "Content-Length: 1000000000000"));
      socket.getOutputStream().write(new byte[Wire.BODY_MAX + 1024 * 1024 + 1]);

      assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
          .isEqualTo("HTTP/1.1 400");
    }
  }

  @Test
  void aBodyOnASlowRequestDoesNotBreakIt() throws Exception {
    start(Mode.CANARY);
    chaos("{\"mode\":\"slow\",\"duration\":0.1}");

    assertThat(send(to("/").method("GET", BodyPublishers.ofString("x".repeat(1000)))).statusCode())
        .isEqualTo(200);
  }

  // stop

  @Test
  void aStopWaitsForWhatIsInFlightAndTakesNothingNew() throws Exception {
    start(Mode.CANARY);
    InetSocketAddress address = server.address();
    chaos("{\"mode\":\"slow\",\"duration\":4}");
    CompletableFuture<HttpResponse<String>> inFlight = getOnceArrived("/");

    CompletableFuture<Integer> cut =
        CompletableFuture.supplyAsync(() -> server.stop(Duration.ofSeconds(30)));

    await().atMost(3, SECONDS).until(() -> refuses(address));
    assertThat(inFlight).isNotDone();
    HttpResponse<String> answer = inFlight.get(20, SECONDS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Connection")).contains("close");
    assertThat(cut.get(20, SECONDS)).isZero();
  }

  @Test
  void duringAStopAConnectionThatWasKeptOpenGetsOneMoreAnswer() throws Exception {
    start(Mode.CANARY);
    InetSocketAddress address = server.address();
    chaos("{\"mode\":\"slow\",\"duration\":4}");
    try (Socket kept = new Socket(address.getAddress(), address.getPort())) {
      kept.getOutputStream().write(head("GET /healthz"));
      assertThat(new String(kept.getInputStream().readNBytes(12), UTF_8)).isEqualTo("HTTP/1.1 200");
      CompletableFuture<HttpResponse<String>> inFlight = getOnceArrived("/");
      CompletableFuture<Integer> cut =
          CompletableFuture.supplyAsync(() -> server.stop(Duration.ofSeconds(30)));
      await().atMost(3, SECONDS).until(() -> refuses(address));

      kept.getOutputStream().write(head("GET /healthz"));

      assertThat(new String(kept.getInputStream().readAllBytes(), UTF_8))
          .contains("HTTP/1.1 200", "Connection: close");
      assertThat(inFlight.get(20, SECONDS).statusCode()).isEqualTo(200);
      assertThat(cut.get(10, SECONDS)).isZero();
    }
  }

  @Test
  void anIdleServerStopsSoon() throws Exception {
    start(Mode.STABLE);
    get("/"); // leaves an idle connection in the client's pool

    long before = System.nanoTime();
    assertThat(server.stop(Duration.ofSeconds(30))).isZero();

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    assertThatThrownBy(() -> get("/")).isInstanceOf(IOException.class);
  }

  @Test
  void aStopEndsWithItsGraceAndTellsHowManyWereCutOff() throws Exception {
    start(Mode.CANARY);
    chaos("{\"mode\":\"slow\",\"duration\":60}");
    CompletableFuture<HttpResponse<String>> inFlight = getOnceArrived("/");

    assertThat(server.stop(Duration.ofMillis(100))).isEqualTo(1);

    await().atMost(10, SECONDS).until(inFlight::isCompletedExceptionally);
  }

  /** A request that the server is known to work on when this returns. */
  private CompletableFuture<HttpResponse<String>> getOnceArrived(String path) {
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(to(path).build(), BodyHandlers.ofString());
    await().atMost(10, SECONDS).until(() -> server.heldBack() == 1);
    return answer;
  }

  private boolean refuses(InetSocketAddress address) throws IOException {
    try {
      new Socket(address.getAddress(), address.getPort()).close();
      return false;
    } catch (ConnectException refused) {
      return true;
    }
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.address().getPort() + path))
        .version(HttpClient.Version.HTTP_1_1)
        .timeout(Duration.ofSeconds(90));
  }

  private byte[] head(String... lines) {
    String[] request = lines.clone();
    request[0] = request[0] + " HTTP/1.1\r\nHost: localhost";
    return (String.join("\r\n", request) + "\r\n\r\n").getBytes(UTF_8);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(to(path));
  }

  private HttpResponse<String> chaos(String body) throws Exception {
    return send(to("/chaos").POST(BodyPublishers.ofString(body)));
  }

  private Duration timed(HttpRequest.Builder request) throws Exception {
    long before = System.nanoTime();
    assertThat(send(request).statusCode()).isEqualTo(200);
    return Duration.ofNanos(System.nanoTime() - before);
  }

  private List<String> metrics() throws Exception {
    return get("/metrics").body().lines().toList();
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    return Json.MAPPER.readTree(answer.body());
  }
}
