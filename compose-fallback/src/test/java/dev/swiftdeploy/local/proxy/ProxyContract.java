package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.Port;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link Proxy} does with requests and configurations, shown on one that runs on. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ProxyContract extends ProxyFixture {
  private static final String LOG_LINE =
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d \\| \\d{3} \\| \\d+\\.\\d{3}"
          + " \\| (-|[0-9a-z.:]+(, [0-9a-z.:]+)*) \\| [ -~]*";

  private int logged;

  ProxyContract(ProxyKind kind) {
    super(kind);
  }

  @BeforeAll
  void start(@TempDir Path temporary) {
    openIn(temporary);
  }

  @BeforeEach
  void rememberTheLog() throws IOException {
    logged = allOfTheLog().size();
  }

  @AfterAll
  void stop() {
    removed();
    threads.shutdownNow();
  }

  // ---- routing

  @Test
  void routesWhatItIsTold() throws IOException {
    proxy.apply(allTo(stable));

    assertThat(RawHttp.get(port, "/").text()).isEqualTo("stable");
    assertThat(proxy.observe())
        .isEqualTo(new Proxy.Observed(true, Optional.of(allTo(stable)), false, Optional.empty()));
  }

  @Test
  void weightsAreKeptPerRequest() throws Exception {
    proxy.apply(config(10));

    int requests = 4500;
    long toCanary = count(requests, "canary");

    // so far off once in some hundred million times
    double bound = 6 * Math.sqrt(requests * 0.10 * 0.90);
    assertThat((double) toCanary).isBetween(450 - bound, 450 + bound);
  }

  @Test
  void weightZeroGetsNothing() throws Exception {
    proxy.apply(withHeader(config(0)));

    assertThat(count(200, "canary", "X-SwiftDeploy-Mode: canary")).isZero();
  }

  @Test
  void theHeaderPicksTheCandidate() throws Exception {
    proxy.apply(withHeader(config(10)));

    assertThat(count(100, "canary", "X-SwiftDeploy-Mode: canary")).isEqualTo(100);
    assertThat(count(300, "canary", "X-SwiftDeploy-Mode: stable")).isLessThan(150);
  }

  @Test
  void withoutTheHeaderNamedNoHeaderPicks() throws Exception {
    proxy.apply(config(1));

    assertThat(count(200, "canary", "X-SwiftDeploy-Mode: canary")).isLessThan(50);
  }

  @Test
  void theInstancesOfAWorkloadTakeTurns() throws Exception {
    FakeService second = service("stable");
    proxy.apply(allTo(stable, second));

    count(40, "stable");

    assertThat(stable.requests.get()).isBetween(10, 30);
    assertThat(second.requests.get()).isBetween(10, 30);
  }

  // ---- what passes

  @Test
  void theRequestPassesAsItIs() throws IOException {
    proxy.apply(allTo(stable));

    RawHttp.get(
        port,
        "/a%2Fb/%7Ec//d;e?q=%20+&r=/..",
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-Proto: https",
        "X-Real-IP: 192.0.2.7",
        "X-Request-ID: from-the-client",
        "Cookie: a=b; c=d");

    assertThat(stable.lastTarget).isEqualTo("/a%2Fb/%7Ec//d;e?q=%20+&r=/..");
    assertThat(stable.lastHeaders)
        .containsEntry("Host", List.of("service.example"))
        .containsEntry("Cookie", List.of("a=b; c=d"))
        .containsEntry("X-request-id", List.of("from-the-client"))
        .containsEntry("X-real-ip", List.of("127.0.0.1"))
        .containsEntry("X-forwarded-proto", List.of("http"))
        .hasEntrySatisfying(
            "X-forwarded-for",
            list -> assertThat(list.get(0).replace(" ", "")).isEqualTo("192.0.2.7,127.0.0.1"));
  }

  @Test
  void aRequestGetsAnId() throws IOException {
    proxy.apply(allTo(stable));

    RawHttp.get(port, "/");

    assertThat(stable.lastHeaders.get("X-request-id").get(0)).matches("[0-9a-f]{32}");
  }

  @Test
  void bodiesPassBothWays() throws IOException {
    proxy.apply(allTo(stable));
    byte[] body = new byte[5_000_000];
    new Random(7).nextBytes(body);

    RawHttp.Response response = RawHttp.send(port, "POST", "/echo", body);

    assertThat(response.status()).isEqualTo(200);
    assertThat(Arrays.equals(response.body(), body)).isTrue();
  }

  @Test
  void whatIsSentArrivesWhenItIsSent() throws Exception {
    proxy.apply(allTo(stable));

    try (Socket socket = RawHttp.connect(port)) {
      socket.getOutputStream().write(RawHttp.request("GET", "/stream", new byte[0], "close"));
      InputStream in = socket.getInputStream();
      skipTo("first", in);
      stable.release(); // not before the first part has arrived
      skipTo("second", in);
    }
  }

  private static void skipTo(String wanted, InputStream in) throws IOException {
    String line = RawHttp.line(in);
    while (!line.equals(wanted)) {
      line = RawHttp.line(in);
    }
  }

  @Test
  void aHeadHasNoBody() throws IOException {
    proxy.apply(allTo(stable));

    RawHttp.Response response = RawHttp.send(port, "HEAD", "/", new byte[0]);

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Length")).contains("6");
  }

  @Test
  void anUpgradedConnectionPassesBothWaysAndGoesOnAfterAChange() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Future<?> service = threads.submit(() -> upgradeAndEcho(server));
      proxy.apply(config(List.of(local(server.getLocalPort()))));

      try (Socket socket = upgrade()) {
        socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(RawHttp.line(socket.getInputStream())).isEqualTo("hello");

        proxy.apply(config(List.of(local(silent.getLocalPort()))));
        assertThat(proxy.observe().draining()).isTrue();
        socket.getOutputStream().write("again\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(RawHttp.line(socket.getInputStream())).isEqualTo("again");
      }
      service.get(20, TimeUnit.SECONDS);
      await().atMost(SOON).until(() -> !proxy.observe().draining());
    }
  }

  @Test
  void anUpgradedConnectionIsCutAfterTheDrainTimeout() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Future<?> service = threads.submit(() -> upgradeAndEcho(server));
      ProxyConfig config = config(List.of(local(server.getLocalPort())));
      proxy.apply(with(config, Duration.ofMillis(3000), Duration.ofMillis(3100)));

      try (Socket socket = upgrade()) {
        proxy.apply(allTo(stable));
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
      service.get(20, TimeUnit.SECONDS);
      await().atMost(SOON).until(() -> !proxy.observe().draining());
    }
  }

  private Socket upgrade() throws IOException {
    Socket socket = RawHttp.connect(port);
    socket
        .getOutputStream()
        .write(RawHttp.request("GET", "/", new byte[0], "Upgrade", "Upgrade: websocket"));
    assertThat(RawHttp.read(socket.getInputStream(), "GET").status()).isEqualTo(101);
    return socket;
  }

  private static Void upgradeAndEcho(ServerSocket server) throws IOException {
    try (Socket socket = server.accept()) {
      String line = RawHttp.line(socket.getInputStream());
      while (!line.isEmpty()) {
        line = RawHttp.line(socket.getInputStream());
      }
      socket
          .getOutputStream()
          .write(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().transferTo(socket.getOutputStream());
      return null;
    }
  }

  @Test
  void theServicesOwnErrorsPass() throws IOException {
    proxy.apply(allTo(stable));

    RawHttp.Response busy = RawHttp.get(port, "/busy");
    assertThat(busy.status()).isEqualTo(503);
    assertThat(busy.text()).isEqualTo("the service's own words");
    assertThat(busy.header("Content-Type")).contains("text/plain");

    RawHttp.Response empty = RawHttp.get(port, "/empty503");
    assertThat(empty.status()).isEqualTo(503);
    assertThat(empty.text()).isEmpty();
  }

  @Test
  void saysWhoDeployedAndLeavesTheServicesHeaders() throws IOException {
    proxy.apply(allTo(stable));

    for (String target : List.of("/", "/busy", "/echo")) {
      RawHttp.Response response = RawHttp.get(port, target);
      assertThat(response.all("X-Deployed-By")).containsExactly("swiftdeploy");
      assertThat(response.all("X-Mode")).containsExactly("canary");
    }
  }

  // ---- the proxy's own errors

  @Test
  void aDeadBackendIs502() throws IOException {
    proxy.apply(config(List.of(local(freePort()), local(freePort()))));

    assertOwnError(RawHttp.get(port, "/"), 502, "Bad Gateway");
    assertOwnError(RawHttp.send(port, "POST", "/", new byte[10]), 502, "Bad Gateway");
  }

  @Test
  void aBackendThatBreaksOffIs502() throws IOException {
    proxy.apply(allTo(stable));

    assertOwnError(RawHttp.get(port, "/broken"), 502, "Bad Gateway");
  }

  @Test
  void aSlowBackendIs504AndIsAskedOnce() throws IOException {
    FakeService second = service("stable");
    proxy.apply(with(allTo(stable, second), Duration.ofSeconds(2), Duration.ofSeconds(5)));

    assertOwnError(RawHttp.get(port, "/held"), 504, "Gateway Timeout");
    assertThat(stable.held.get() + second.held.get()).isEqualTo(1);
  }

  @Test
  void oneDeadInstanceIsNotSeen() throws Exception {
    proxy.apply(config(List.of(local(freePort()), stable.endpoint(), local(freePort()))));

    assertThat(count(60, "stable")).isEqualTo(60);
    for (int i = 0; i < 20; i++) {
      assertThat(
              RawHttp.send(port, "POST", "/echo", "order".getBytes(StandardCharsets.UTF_8)).text())
          .isEqualTo("order");
    }
  }

  @Test
  void aBackendThatStallsIsCut() throws IOException {
    proxy.apply(with(allTo(stable), Duration.ofSeconds(2), Duration.ofSeconds(5)));

    assertThatThrownBy(() -> RawHttp.get(port, "/stream"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broke off");
  }

  @Test
  void aWorkloadThatWasAwayIsServedAtOnceWhenItIsBack() throws IOException {
    int backendPort = freePort();
    proxy.apply(config(List.of(local(backendPort), local(backendPort))));
    assertThat(RawHttp.get(port, "/").status()).isEqualTo(502);

    try (ServerSocket server = new ServerSocket(backendPort, 5, InetAddress.getLoopbackAddress())) {
      threads.submit(
          () -> {
            try (Socket socket = server.accept()) {
              socket
                  .getOutputStream()
                  .write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nback".getBytes());
              socket.getInputStream().readAllBytes();
            }
            return null;
          });
      assertThat(RawHttp.get(port, "/").text()).isEqualTo("back");
    }
  }

  @Test
  void tooLargeABodyIsRefused() throws IOException {
    proxy.apply(allTo(stable));

    String answer =
        RawHttp.exchange(
            port,
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));

    assertThat(answer).startsWith("HTTP/1.1 413 ");
    assertThat(stable.requests.get()).isZero();
  }

  private static void assertOwnError(RawHttp.Response response, int status, String error) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.header("Content-Type")).contains("application/json");
    assertThat(response.all("X-Deployed-By")).containsExactly("swiftdeploy");
    assertThat(response.text())
        .isEqualTo(
            "{\"error\":\"%s\",\"code\":%d,\"service\":\"demo\",\"contact\":\"ops@example.com\"}"
                .formatted(error, status));
  }

  // ---- the log

  @Test
  void eachRequestIsOneLineInTheLog() throws IOException {
    proxy.apply(allTo(stable));

    RawHttp.get(port, "/one?two=three");

    await().atMost(SOON).until(() -> log().size() == 1);
    assertThat(log().get(0)).matches(LOG_LINE);
    assertThat(log().get(0).split(" \\| ", 5)[1]).isEqualTo("200");
    assertThat(log().get(0)).endsWith(" | " + stable.endpoint() + " | GET /one?two=three HTTP/1.1");
  }

  @Test
  void failuresAreLoggedWithWhatWasTried() throws IOException {
    Endpoint dead = local(freePort());
    proxy.apply(config(List.of(dead)));

    RawHttp.get(port, "/");

    await().atMost(SOON).until(() -> log().size() == 1);
    assertThat(log().get(0)).contains(" | 502 | ").endsWith(" | " + dead + " | GET / HTTP/1.1");
  }

  @Test
  void noClientForgesALogLine() throws IOException {
    proxy.apply(allTo(stable));
    List<String> hostile =
        List.of(
            "GET /a%0A2026-01-01T00:00:00+00:00%20|%20200 HTTP/1.1",
            "GET /\n2026-01-01T00:00:00+00:00 | 200 | 0.001 | - | GET /forged HTTP/1.1",
            "GET /\r2026-01-01T00:00:00+00:00 HTTP/1.1",
            "GET /\"\\x|\u0001\u007f\u00e9 HTTP/1.1",
            "GET / | 200 | HTTP/1.1",
            "G\"ET / HTTP/1.1",
            "GET / HTTP/9.9",
            "\u0000\u0001\u0002",
            "GET http://evil.example/abs HTTP/1.1",
            "GET /" + "y".repeat(200_000) + " HTTP/1.1",
            "OPTIONS * HTTP/1.1",
            "CONNECT evil.example:443 HTTP/1.1",
            "TRACE / HTTP/1.1");
    for (String line : hostile) {
      RawHttp.exchange(
          port,
          (line + "\r\nHost: service.example\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
    }
    RawHttp.get(port, "/last");

    await().atMost(SOON).until(() -> log().stream().anyMatch(line -> line.contains("/last")));
    assertThat(log()).allMatch(line -> line.matches(LOG_LINE));
    assertThat(log()).noneMatch(line -> line.startsWith("2026-01-01"));
  }

  // ---- change

  @Test
  void aChangeUnderLoadLosesNothing() throws Exception {
    proxy.apply(config(10));
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    List<Future<List<String>>> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.add(threads.submit(load(over, answered, this::freshRequest)));
    }
    clients.add(threads.submit(load(over, answered, keptConnection())));

    for (int i = 1; i <= 20; i++) {
      int inBetween = answered.get() + 20;
      await().atMost(SOON).until(() -> answered.get() >= inBetween);
      proxy.apply(i % 3 == 0 ? allTo(stable) : config(i * 4));
    }
    over.set(true);

    for (Future<List<String>> client : clients) {
      assertThat(client.get(30, TimeUnit.SECONDS)).isEmpty();
    }
  }

  private Callable<List<String>> load(
      AtomicBoolean over, AtomicInteger answered, Callable<Integer> request) {
    return () -> {
      List<String> failures = new ArrayList<>();
      while (!over.get()) {
        try {
          int status = request.call();
          if (status != 200) {
            failures.add("status " + status);
          }
          answered.incrementAndGet();
        } catch (Exception e) {
          failures.add(e.toString());
        }
      }
      return failures;
    };
  }

  private int freshRequest() throws IOException {
    return RawHttp.send(port, "POST", "/echo", new byte[] {1, 2, 3}).status();
  }

  /** Keeps its connection as long as the proxy does not say that it will close it. */
  private Callable<Integer> keptConnection() {
    Socket[] kept = new Socket[1];
    return () -> {
      if (kept[0] == null) {
        kept[0] = RawHttp.connect(port);
      }
      kept[0].getOutputStream().write(RawHttp.request("GET", "/", new byte[0], "keep-alive"));
      RawHttp.Response response = RawHttp.read(kept[0].getInputStream(), "GET");
      if (response.header("Connection").filter("close"::equalsIgnoreCase).isPresent()) {
        kept[0].close();
        kept[0] = null;
      }
      return response.status();
    };
  }

  @Test
  void afterAChangeOnlyTheNewOneServes() throws Exception {
    for (int i = 0; i < 6; i++) {
      proxy.apply(config(100));
      assertThat(count(20, "canary")).isEqualTo(20);
      proxy.apply(allTo(stable));
      assertThat(count(20, "canary")).isZero();
    }
  }

  @Test
  void aRequestInFlightSurvivesAChangeAndIsDraining() throws Exception {
    proxy.apply(allTo(stable));
    Future<RawHttp.Response> slow = threads.submit(() -> RawHttp.get(port, "/held"));
    await().atMost(SOON).until(() -> stable.held.get() == 1);

    proxy.apply(config(100));

    assertThat(proxy.observe().draining()).isTrue();
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("canary");
    stable.release();
    assertThat(slow.get(20, TimeUnit.SECONDS).text()).isEqualTo("stable");
    await().atMost(SOON).until(() -> !proxy.observe().draining());
  }

  @Test
  void aRequestInFlightIsCutAfterTheDrainTimeout() throws Exception {
    proxy.apply(with(allTo(stable), Duration.ofSeconds(30), Duration.ofSeconds(4)));
    Future<RawHttp.Response> slow = threads.submit(() -> RawHttp.get(port, "/held"));
    await().atMost(SOON).until(() -> stable.held.get() == 1);

    proxy.apply(config(100));

    assertThat(proxy.observe().draining()).isTrue();
    await().atMost(SOON).until(() -> !proxy.observe().draining());
    assertThatThrownBy(() -> slow.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
  }

  @Test
  void theSameAgainIsNoChange() {
    proxy.apply(config(10));
    Object before = generation();

    proxy.apply(config(10));
    assertThat(generation()).isEqualTo(before);

    proxy.apply(config(20));
    assertThat(generation()).isNotEqualTo(before);
  }

  @Test
  void thePortCanBeChanged() throws Exception {
    proxy.apply(allTo(stable));
    int old = port;
    port = freePort();

    proxy.apply(allTo(stable));

    assertThat(RawHttp.get(port, "/").text()).isEqualTo("stable");
    assertThatThrownBy(() -> RawHttp.get(old, "/")).isInstanceOf(IOException.class);
  }

  // ---- refusals

  @Test
  void itsOwnPortIsFreeForIt() {
    proxy.apply(allTo(stable));

    proxy.requireFree(new Port(port));
    open(directory, CrashPoints.NONE).requireFree(new Port(port));
  }

  @Test
  void aCheckChangesNothing() {
    proxy.apply(allTo(stable));
    Proxy.Observed before = proxy.observe();
    Object generation = generation();

    proxy.check(config(50));
    ProxyConfig unfit = config(List.of(new Endpoint("no-such-host.invalid", new Port(80))));
    assertThatThrownBy(() -> proxy.check(unfit))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("host not found");

    assertThat(proxy.observe()).isEqualTo(before);
    assertThat(generation()).isEqualTo(generation);
  }

  @Test
  void aTakenPortLeavesTheRunningOneAsItIs() throws Exception {
    proxy.apply(allTo(stable));
    Proxy.Observed before = proxy.observe();
    Object generation = generation();
    int old = port;
    try (ServerSocket holder = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      port = holder.getLocalPort();
      assertThatThrownBy(() -> proxy.apply(allTo(stable)))
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("port " + port + " is taken");
    }
    port = old;
    assertThat(proxy.observe()).isEqualTo(before);
    assertThat(generation()).isEqualTo(generation);
    assertThat(RawHttp.get(old, "/").text()).isEqualTo("stable");
  }

  @Test
  void aRefusedConfigurationLeavesTheLastOne() throws Exception {
    proxy.apply(allTo(stable));
    Proxy.Observed before = proxy.observe();
    Object generation = generation();

    assertThatThrownBy(
            () -> proxy.apply(config(List.of(new Endpoint("no-such-host.invalid", new Port(80))))))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("host not found")
        .hasMessageContaining("no-such-host.invalid");

    assertThat(proxy.observe()).isEqualTo(before);
    assertThat(generation()).isEqualTo(generation);
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("stable");
  }

  @Test
  void aConfigurationEditedByHandIsNoticedAndUndone() throws Exception {
    proxy.apply(config(10));
    String rendered = Files.readString(file());
    Files.writeString(file(), rendered.replace(STABLE.name(), CANARY.name()));

    assertThat(proxy.observe().running()).isTrue();
    assertThat(proxy.observe().config()).isEmpty();
    assertThat(proxy.observe().detail()).isPresent();

    proxy.apply(config(10));
    assertThat(proxy.observe().config()).contains(config(10));
    assertThat(file()).content().isEqualTo(rendered);
  }

  private List<String> log() throws IOException {
    List<String> all = allOfTheLog();
    return all.subList(logged, all.size());
  }

  private List<String> allOfTheLog() throws IOException {
    Path log = directory.resolve("access.log");
    return Files.exists(log) ? Files.readAllLines(log, StandardCharsets.ISO_8859_1) : List.of();
  }
}
