package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.swiftdeploy.core.evidence.NodeStats;
import dev.swiftdeploy.core.platform.VirtualClock;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What kubelets say, and what is made of a kubelet that says nothing, or nonsense. */
class KubeletStatsTest {
  /** As a kubelet 1.34 answers, with less of it. */
  private static final String SUMMARY =
      """
      {"node": {"nodeName": "w", "systemContainers": [{"name": "pods", "cpu": {"usageNanoCores": 7}}],
        "cpu": {"usageNanoCores": 1500000000, "usageCoreNanoSeconds": 23261494273208},
        "memory": {"availableBytes": 19407978496, "workingSetBytes": 2147483648},
        "fs": {"availableBytes": 3200000000, "capacityBytes": 100000000000, "usedBytes": 96800000000},
        "runtime": {"imageFs": {"availableBytes": 1}}},
       "pods": [{"podRef": {"name": "x"}}]}
      """;

  /** A machine may be short of time; nothing here is to be late but what never comes. */
  private static final Duration PATIENT = Duration.ofSeconds(60);

  @TempDir static Path keys;
  private static SSLContext certificate;

  private final VirtualClock clock = new VirtualClock();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final AtomicInteger questions = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpsServer kubelet;
  private volatile Answer answer = exchange -> say(exchange, 200, SUMMARY);

  private interface Answer {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = keys.resolve("keys.p12");
    keytool("-genkeypair -alias k -keyalg EC -dname CN=k -ext san=ip:127.0.0.1 -keystore " + store);
    keytool("-exportcert -rfc -alias k -file " + keys.resolve("ca.pem") + " -keystore " + store);
    keytool("-genkeypair -alias o -keyalg EC -dname CN=o -keystore " + keys.resolve("other.p12"));
    keytool(
        "-exportcert -rfc -alias o -file "
            + keys.resolve("other.pem")
            + " -keystore "
            + keys.resolve("other.p12"));
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      loaded.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(loaded, "changeit".toCharArray());
    certificate = SSLContext.getInstance("TLS");
    certificate.init(factory.getKeyManagers(), null, null);
  }

  private static void keytool(String arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(List.of("-storepass", "changeit"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @BeforeEach
  void start() throws IOException {
    kubelet = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    kubelet.setHttpsConfigurator(new HttpsConfigurator(certificate));
    kubelet.setExecutor(threads);
    kubelet.createContext(
        "/stats/summary",
        exchange -> {
          questions.incrementAndGet();
          try (exchange) {
            answer.to(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    kubelet.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    kubelet.stop(0);
    threads.shutdownNow();
  }

  private static void say(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    if (!"Bearer the-token".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      exchange.sendResponseHeaders(401, -1);
      return;
    }
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private KubeletStats stats(KubeletTrust trust, String token) {
    return stats(trust, token, PATIENT);
  }

  private KubeletStats stats(KubeletTrust trust, String token, Duration within) {
    Config config = new ConfigBuilder(Config.empty()).withOauthToken(token).build();
    config.setCurrentContext(
        new io.fabric8.kubernetes.api.model.NamedContextBuilder().withName("test").build());
    return KubeletStats.open(
        trust,
        config,
        within,
        clock,
        new OperatorLog(new PrintStream(log, true, StandardCharsets.UTF_8), false));
  }

  private static KubeletTrust trusted() {
    return new KubeletTrust(Optional.of(keys.resolve("ca.pem")), false);
  }

  private KubeletStats stats() {
    return stats(trusted(), "the-token");
  }

  private Node node(String name, String address, int port) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewStatus()
        .addNewAddress(address, "InternalIP")
        .withNewDaemonEndpoints()
        .withNewKubeletEndpoint(port)
        .endDaemonEndpoints()
        .withCapacity(Map.of("cpu", new Quantity("4"), "memory", new Quantity("8Gi")))
        .endStatus()
        .build();
  }

  private Node node() {
    return node("w", "127.0.0.1", kubelet.getAddress().getPort());
  }

  private NodeStats read(KubeletStats stats) {
    return stats.of(List.of(node())).get("w");
  }

  /** It is asked once; nothing is known then, and this is why. */
  private void assertProblem(String problem) {
    try (KubeletStats stats = stats()) {
      assertUnread(read(stats), problem);
    }
  }

  private static void assertUnread(NodeStats read, String problem) {
    assertThat(read).isEqualTo(NodeStats.failed(read.problem().orElse("")));
    assertThat(read.problem()).get().asString().contains(problem);
  }

  @Test
  void whatANodeHasLeftIsReadInTheNodesOwnMeasure() {
    try (KubeletStats stats = stats()) {
      NodeStats read = read(stats);
      assertThat(read.problem()).isEmpty();
      assertThat(read.diskFreeBytes()).hasValue(3_200_000_000L);
      assertThat(read.diskTotalBytes()).hasValue(100_000_000_000L);
      assertThat(read.cpuUsedPercent()).hasValue(37.5);
      assertThat(read.memoryUsedPercent()).hasValue(25);
    }
  }

  @Test
  void aKubeletIsAskedOnceInAWhileWhoeverAsks() {
    try (KubeletStats stats = stats()) {
      read(stats);
      answer = exchange -> say(exchange, 403, "");
      clock.advance(Duration.ofSeconds(14));
      assertThat(read(stats).problem()).isEmpty();
      assertThat(questions).hasValue(1);

      clock.advance(Duration.ofSeconds(1));
      assertUnread(read(stats), "nodes/stats");
      assertUnread(read(stats), "nodes/stats");
      assertThat(questions).as("one that failed, too").hasValue(2);

      clock.advance(Duration.ofSeconds(15));
      read(stats);
      answer = exchange -> say(exchange, 200, SUMMARY);
      clock.advance(Duration.ofSeconds(15));
      assertThat(read(stats).problem()).isEmpty();
    }
    assertThat(log.toString(StandardCharsets.UTF_8).lines())
        .as("told once, and once when it is over")
        .hasSize(2)
        .first()
        .asString()
        .contains("NodeStatsUnread: w: ")
        .contains("install/node-stats");
  }

  @Test
  void whatIsRefusedIsNoFigure() {
    answer = exchange -> say(exchange, 500, SUMMARY);
    assertProblem("answers 500");
    answer = exchange -> say(exchange, 302, SUMMARY);
    assertProblem("answers 302");
    try (KubeletStats stats = stats(trusted(), "another")) {
      assertUnread(read(stats), "(401)");
    }
  }

  @Test
  void whatMakesNoSenseIsNoFigure() {
    answer = exchange -> say(exchange, 200, "<html>");
    assertProblem("no summary");
    answer = exchange -> say(exchange, 200, "{}");
    assertProblem("nothing of a node");
    answer = exchange -> say(exchange, 200, "[]");
    assertProblem("nothing of a node");
    answer = exchange -> say(exchange, 200, SUMMARY.substring(0, 300));
    assertProblem("no summary");
    answer = exchange -> say(exchange, 200, "{\"node\": 7}");
    assertProblem("does not tell fs.availableBytes, fs.capacityBytes, cpu.usageNanoCores, memory");
    answer =
        exchange ->
            say(
                exchange,
                200,
                SUMMARY
                    .replace("3200000000", "-1")
                    .replace("1500000000", "\"much\"")
                    .replace("2147483648", "1e400"));
    try (KubeletStats stats = stats()) {
      NodeStats read = read(stats);
      assertThat(read.diskFreeBytes()).isEmpty();
      assertThat(read.diskTotalBytes()).hasValue(100_000_000_000L);
      assertThat(read.cpuUsedPercent()).isEmpty();
      assertThat(read.memoryUsedPercent()).isEmpty();
      assertThat(read.problem())
          .contains(
              "its kubelet does not tell fs.availableBytes, cpu.usageNanoCores,"
                  + " memory.workingSetBytes");
    }
  }

  @Test
  void anEndlessAnswerIsReadToItsBoundAndNoFurther() {
    answer =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          OutputStream body = exchange.getResponseBody();
          body.write("{\"pods\": [".getBytes(StandardCharsets.UTF_8));
          byte[] some = "{\"name\": \"x\"},".repeat(1000).getBytes(StandardCharsets.UTF_8);
          while (over.getCount() > 0) {
            body.write(some);
          }
        };
    assertProblem("");
  }

  @Test
  void whoDoesNotAnswerHoldsNobodyUpForLong() {
    answer = exchange -> over.await();
    try (KubeletStats stats = stats(trusted(), "the-token", Duration.ofMillis(300))) {
      assertUnread(read(stats), "no whole answer within 300 ms");
    }
  }

  @Test
  void whoIsNotThereOrHasNoAddressIsToldSo() throws IOException {
    int free;
    try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Node unaddressed =
        new NodeBuilder()
            .withNewMetadata()
            .withName("u")
            .endMetadata()
            .withNewStatus()
            .endStatus()
            .build();
    try (KubeletStats stats = stats()) {
      Map<String, NodeStats> read =
          stats.of(
              List.of(node(), node("gone", "127.0.0.1", free), node("odd", "a b", 1), unaddressed));
      assertThat(read.get("w").problem()).as("the others are not held up").isEmpty();
      assertUnread(read.get("gone"), "no connection");
      assertUnread(read.get("odd"), "can't be asked");
      assertUnread(read.get("u"), "no address");
    }
  }

  @Test
  void theTokenIsShownToNobodyWhoIsNotBelieved() {
    try (KubeletStats stats =
        stats(new KubeletTrust(Optional.of(keys.resolve("other.pem")), false), "the-token")) {
      assertUnread(read(stats), "--kubelet-certificate-authority");
      assertThat(questions).hasValue(0);
    }
    try (KubeletStats stats = stats(new KubeletTrust(Optional.empty(), true), "the-token")) {
      assertThat(read(stats).problem()).isEmpty();
    }
    KubeletTrust unreadable = new KubeletTrust(Optional.of(keys.resolve("keys.p12")), false);
    assertThatThrownBy(() -> stats(unreadable, "the-token"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--kubelet-certificate-authority");
  }
}
