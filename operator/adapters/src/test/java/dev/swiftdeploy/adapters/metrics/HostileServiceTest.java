package dev.swiftdeploy.adapters.metrics;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.evidence.FakeService;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a service sends or does not send, a scrape is over in bounded time and memory. */
@Timeout(120)
class HostileServiceTest {
  private static final Workload CANARY = Workload.of("canary-00aa11bb22cc");
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String GOOD = "http_requests_total{status_code=\"200\"} 12\n";
  private static final String LATE = "no whole answer within 2000 ms";
  private static final long MB = 1 << 20;

  /** As in production, but for the pause between scrapes. */
  private static final Limits LIMITS =
      new Limits(
          Duration.ofMillis(100),
          Duration.ofMillis(100),
          Duration.ofMillis(100),
          Limits.DEFAULT.scrape(),
          Limits.DEFAULT.body(),
          Limits.DEFAULT.probe(),
          Limits.DEFAULT.probesInFlight());

  /** With all the time that a busy machine may need, where it is not time that ends a request. */
  private static final Limits PATIENT =
      new Limits(
          LIMITS.fastest(),
          LIMITS.everAt(),
          LIMITS.slowest(),
          Duration.ofMinutes(2),
          LIMITS.body(),
          Duration.ofMinutes(2),
          LIMITS.probesInFlight());

  private final HttpWorld world = new HttpWorld();
  private HttpMetricsSource source = new HttpMetricsSource(Clock.systemUTC(), LIMITS);
  private final List<RawServer> servers = new ArrayList<>();

  @AfterEach
  void close() {
    source.close();
    servers.forEach(RawServer::close);
    world.close();
  }

  static Stream<Arguments> bodiesThatFail() throws IOException {
    byte[] noise = new byte[10_000];
    new Random(1).nextBytes(noise);
    return Stream.of(
        bad("ten million lines", "more than 4 MB", chunked(HostileServiceTest::tenMillionLines)),
        bad("a line without an end", "more than 4 MB", chunked(out -> endless(out, "a"))),
        bad("comments without an end", "more than 4 MB", untilClosed(out -> endless(out, "# a\n"))),
        bad("a length of 8 EB", "more than 4 MB", length("9000000000000000000", "# a\n")),
        bad("a gzip bomb of 1 GB", "more than 4 MB", gzipped(bomb())),
        bad("no gzip", "the answer broke off", gzipped("no gzip".getBytes(US_ASCII))),
        bad("half of a gzip", "the answer broke off", gzipped(half(gzip(GOOD.repeat(100))))),
        bad("a byte per second", LATE, chunkedRaw((s, out) -> drip(s, out, GOOD, "1\r\n%c\r\n"))),
        bad("a header's byte per second", LATE, (s, out) -> drip(s, out, OK, "%c")),
        bad("no answer", LATE, (s, out) -> out.untilGone()),
        bad(
            "no end",
            LATE,
            chunkedRaw(
                (s, out) -> {
                  chunk(out, GOOD);
                  out.untilGone();
                })),
        bad(
            "headers without an end",
            "the answer broke off",
            (s, out) -> {
              out.write(OK.getBytes(US_ASCII));
              endless(out, "X-A: " + "a".repeat(1000) + "\r\n");
            }),
        bad("nothing at all", "the answer broke off", (s, out) -> {}),
        bad(
            "no HTTP",
            "the answer broke off",
            (s, out) -> out.write("SSH-2.0-x\r\n".getBytes(US_ASCII))),
        bad("less than its length", "the answer broke off", length("1000", GOOD)),
        bad(
            "a chunk that is none",
            "the answer broke off",
            (s, out) ->
                out.write((OK + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n").getBytes(US_ASCII))),
        bad(
            "half a line",
            "it ends in the middle of a line",
            untilClosed(out -> out.write((GOOD + "http_requests_total 1").getBytes(US_ASCII)))),
        bad("a 500", "GET /metrics: 500", status("500 Internal Server Error")),
        bad("a 404", "GET /metrics: 404", status("404 Not Found")),
        bad(
            "a 204",
            "GET /metrics: 204",
            (s, out) -> out.write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(US_ASCII))),
        bad("HTML", "no metrics in what it sent", whole("<html>\n<body>Hello</body>\n</html>\n")),
        bad("JSON", "no metrics in what it sent", whole("{\"http_requests_total\": 5}")),
        bad("noise", "no metrics in what it sent", wholeBytes(noise)),
        bad("nothing in 200", "no metrics in what it sent", whole("")),
        bad("too many series", "line 20001: more than 20000 series", whole(series(20_001))),
        bad(
            "NaN",
            "http_requests_total is not a number",
            whole("http_requests_total{status_code=\"500\"} NaN\n")),
        bad("negative", "http_requests_total is negative", whole("http_requests_total -4\n")),
        bad(
            "no number",
            "line 1: http_requests_total can't be read",
            whole("http_requests_total{a=\"b\"} many\n")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bodiesThatFail")
  void whatCanNotBeReadIsAFailedScrape(String name, String why, RawServer.Behaviour behaviour) {
    patient(!why.equals(LATE));
    RawServer server = server(behaviour);
    FakeService good = world.service();

    Instant begun = Instant.now();
    source.watch(List.of(at(server.address(), world.listen(good))), spec(Optional.empty()));

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(read().scrapeFailure()).isEqualTo(why));
    assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(30));
    await().atMost(Duration.ofSeconds(30)).until(() -> good.scrapes() > 3); // others go on
    assertThat(read().instances()).isEqualTo(1);
    assertThat(server.most()).as("one scrape at a time").isLessThanOrEqualTo(2);
    assertThat(server.written() / Math.max(1, server.asked()))
        .as("bytes that were taken of an answer, with those in buffers")
        .isLessThan(16 * MB);
  }

  static Stream<Arguments> bodiesThatAreFine() throws IOException {
    String label = "x".repeat((int) MB);
    return Stream.of(
        good("plain", whole(GOOD)),
        good("no line feed at the end", whole(GOOD.strip())),
        good("CRLF", whole(GOOD.replace("\n", "\r\n"))),
        good("gzip", gzipped(gzip(GOOD))),
        good("chunked", chunked(out -> out.write(GOOD.getBytes(US_ASCII)))),
        good("until it closes", untilClosed(out -> out.write(GOOD.getBytes(US_ASCII)))),
        good("as many series as may be", whole(series(20_000))),
        good("a label of a megabyte", whole("http_requests_total{path=\"" + label + "\"} 1\n")),
        good("many lines of others", whole("other_metric 1\n".repeat(250_000) + GOOD)),
        good(
            "OpenMetrics though it was not asked for",
            whole(
                "# TYPE http_requests counter\nhttp_requests_total{status_code=\"200\"} 5 1700000000.1"
                    + " # {trace_id=\"a\"} 1\n# EOF\n")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bodiesThatAreFine")
  void whatCanBeReadIsRead(String name, RawServer.Behaviour behaviour) {
    patient(true);
    source.watch(List.of(at(server(behaviour).address())), spec(Optional.empty()));

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(read().instances()).isEqualTo(1));
  }

  @Test
  void nobodyIsSentElsewhere() {
    RawServer other = server(whole(GOOD));
    RawServer server =
        server(
            (s, out) ->
                out.write(
                    ("HTTP/1.1 302 Found\r\nLocation: http://"
                            + other.address()
                            + "/metrics\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(US_ASCII)));
    source.watch(
        List.of(at(server.address())), spec(Optional.of(new Spec.Probe(HttpPath.of("/"), 50))));

    await().atMost(Duration.ofSeconds(30)).until(() -> server.asked() > 20 && failures() > 3);

    assertThat(read().scrapeFailure()).isEqualTo("GET /metrics: 302");
    assertThat(other.asked()).isZero();
  }

  @Test
  void probesDoNotPileUpOnASlowInstanceAndEndAtOnce() {
    patient(true); // none is given up, and so none takes its place
    RawServer slow = server((s, out) -> out.untilGone());
    FakeService good = world.service();
    List<ObservedWorkload> both = List.of(at(slow.address(), world.listen(good)));
    source.watch(both, spec(Optional.of(new Spec.Probe(HttpPath.of("/"), 100))));

    await().atMost(Duration.ofSeconds(30)).until(() -> good.probes() > 200);
    assertThat(slow.most()).as("ten probes and a scrape").isLessThanOrEqualTo(11 + 1);

    source.watch(List.of(), spec(Optional.empty()));
    await().atMost(Duration.ofSeconds(30)).until(() -> slow.open() == 0);
  }

  @Test
  void probesThatGetNoAnswerAreCountedHere() {
    RawServer server = server((s, out) -> out.untilGone());
    List<ObservedWorkload> workload = List.of(at(server.address()));
    Limits quick =
        new Limits(
            LIMITS.fastest(),
            LIMITS.everAt(),
            LIMITS.slowest(),
            LIMITS.scrape(),
            LIMITS.body(),
            Duration.ofMillis(500),
            LIMITS.probesInFlight());
    try (HttpMetricsSource impatient = new HttpMetricsSource(Clock.systemUTC(), quick)) {
      impatient.watch(workload, spec(Optional.of(new Spec.Probe(HttpPath.of("/"), 20))));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  impatient.read(CANARY, Instant.EPOCH).map(m -> m.unansweredProbes()).orElse(0)
                      > 5);
    }
  }

  @Test
  void manyInstancesThatHangDelayTheOthersByBoundedTime() {
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      addresses.add(server((s, out) -> out.untilGone()).address());
    }
    FakeService good = world.service();
    addresses.add(world.listen(good));
    source.watch(List.of(at(addresses.toArray(String[]::new))), spec(Optional.empty()));

    await().atMost(Duration.ofSeconds(60)).until(() -> good.scrapes() >= 3);
    await().atMost(Duration.ofSeconds(60)).until(() -> failures() >= 30);
  }

  @Test
  void closingEndsAllThatIsUnderWay() throws IOException {
    RawServer hanging = server((s, out) -> out.untilGone());
    source.watch(
        List.of(at(hanging.address())), spec(Optional.of(new Spec.Probe(HttpPath.of("/"), 50))));
    await().atMost(Duration.ofSeconds(30)).until(() -> hanging.open() > 3);

    source.close();

    hanging.catchUp(); // one of its connections may not have been accepted yet
    await().atMost(Duration.ofSeconds(30)).until(() -> hanging.open() == 0);
    int asked = hanging.asked();
    source.watch(List.of(at(hanging.address())), spec(Optional.empty()));
    assertThat(source.read(CANARY, Instant.EPOCH)).isEmpty();
    await()
        .during(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(30))
        .until(() -> hanging.asked() == asked);
    source.close();
  }

  @Test
  void noThreadKeepsTheProcessAlive() {
    RawServer hanging = server((s, out) -> out.untilGone());
    source.watch(
        List.of(at(hanging.address())), spec(Optional.of(new Spec.Probe(HttpPath.of("/"), 50))));
    await().atMost(Duration.ofSeconds(30)).until(() -> hanging.open() > 3);

    assertThat(ours()).isNotEmpty().allMatch(Thread::isDaemon);
  }

  private static List<Thread> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("swiftdeploy-") || t.getName().startsWith("OkHttp"))
        .toList();
  }

  // ---- helpers ----

  private void patient(boolean so) {
    if (so) {
      source.close();
      source = new HttpMetricsSource(Clock.systemUTC(), PATIENT);
    }
  }

  /** Failed scrapes; none before the first. */
  private int failures() {
    return source.read(CANARY, Instant.EPOCH).map(WorkloadMetrics::scrapeFailures).orElse(0);
  }

  private WorkloadMetrics read() {
    return source
        .read(CANARY, Instant.EPOCH)
        .orElseThrow(() -> new AssertionError("nothing was read yet"));
  }

  private RawServer server(RawServer.Behaviour behaviour) {
    RawServer server = new RawServer(behaviour);
    servers.add(server);
    return server;
  }

  private static Spec spec(Optional<Spec.Probe> probe) {
    return Specs.probed(probe);
  }

  private static ObservedWorkload at(String... addresses) {
    List<Instance> instances = new ArrayList<>();
    for (int slot = 0; slot < addresses.length; slot++) {
      instances.add(
          new Instance(
              slot,
              Instance.State.HEALTHY,
              Optional.of(addresses[slot]),
              0,
              Optional.empty(),
              Optional.empty()));
    }
    return new ObservedWorkload(CANARY, instances);
  }

  private static Arguments bad(String name, String why, RawServer.Behaviour behaviour) {
    return Arguments.of(name, why, behaviour);
  }

  private static Arguments good(String name, RawServer.Behaviour behaviour) {
    return Arguments.of(name, behaviour);
  }

  /** Writes a body. */
  private interface Body {
    void to(OutputStream out) throws IOException;
  }

  private static RawServer.Behaviour whole(String body) {
    return wholeBytes(body.getBytes(UTF_8));
  }

  private static RawServer.Behaviour wholeBytes(byte[] body) {
    return (s, out) -> {
      out.write((OK + "Content-Length: " + body.length + "\r\n\r\n").getBytes(US_ASCII));
      out.write(body);
    };
  }

  private static RawServer.Behaviour length(String length, String repeated) {
    return (s, out) -> {
      out.write((OK + "Content-Length: " + length + "\r\n\r\n").getBytes(US_ASCII));
      if (length.length() > 9) {
        endless(out, repeated);
      }
      out.write(repeated.getBytes(US_ASCII));
    };
  }

  private static RawServer.Behaviour status(String status) {
    return (s, out) ->
        out.write(
            ("HTTP/1.1 " + status + "\r\nContent-Length: " + GOOD.length() + "\r\n\r\n" + GOOD)
                .getBytes(US_ASCII));
  }

  private static RawServer.Behaviour untilClosed(Body body) {
    return (s, out) -> {
      out.write((OK + "Connection: close\r\n\r\n").getBytes(US_ASCII));
      body.to(out);
    };
  }

  private static RawServer.Behaviour gzipped(byte[] body) {
    return (s, out) -> {
      out.write(
          (OK + "Content-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n")
              .getBytes(US_ASCII));
      out.write(body);
    };
  }

  private static RawServer.Behaviour chunkedRaw(RawServer.Behaviour body) {
    return (s, out) -> {
      out.write((OK + "Transfer-Encoding: chunked\r\n\r\n").getBytes(US_ASCII));
      body.answer(s, out);
    };
  }

  private static RawServer.Behaviour chunked(Body body) {
    return chunkedRaw(
        (s, out) -> {
          body.to(
              new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                  write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] b, int off, int len) throws IOException {
                  out.write((Integer.toHexString(len) + "\r\n").getBytes(US_ASCII));
                  out.write(b, off, len);
                  out.write("\r\n".getBytes(US_ASCII));
                }
              });
          out.write("0\r\n\r\n".getBytes(US_ASCII));
        });
  }

  private static void chunk(OutputStream out, String text) throws IOException {
    out.write((Integer.toHexString(text.length()) + "\r\n" + text + "\r\n").getBytes(US_ASCII));
  }

  private static void tenMillionLines(OutputStream out) throws IOException {
    for (int i = 0; i < 10_000_000 / 1000; i++) {
      StringBuilder lines = new StringBuilder();
      for (int j = 0; j < 1000; j++) {
        lines.append("http_requests_total{i=\"").append(i * 1000 + j).append("\"} 1\n");
      }
      out.write(lines.toString().getBytes(US_ASCII));
    }
  }

  /** Until the client has had enough. */
  private static void endless(OutputStream out, String text) throws IOException {
    byte[] block = text.repeat(1 + 10_000 / text.length()).getBytes(US_ASCII);
    while (true) {
      out.write(block);
    }
  }

  private static void drip(RawServer server, OutputStream out, String text, String form)
      throws IOException, InterruptedException {
    for (char c : text.toCharArray()) {
      out.write(form.formatted(c).getBytes(US_ASCII));
      if (!server.rest(1000)) {
        return;
      }
    }
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] half(byte[] all) {
    return java.util.Arrays.copyOf(all, all.length / 2);
  }

  private static byte[] bomb() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] block = "# nothing\n".repeat(100_000).getBytes(US_ASCII);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      for (int i = 0; i < 1000; i++) {
        gzip.write(block);
      }
    }
    return bytes.toByteArray();
  }

  private static String series(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("http_requests_total{i=\"").append(i).append("\",status_code=\"200\"} 1\n");
    }
    return text.toString();
  }
}
