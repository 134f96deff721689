package dev.swiftdeploy.local.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.core.spec.HttpPath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthChecksTest {
  private final HealthChecks checks = new HealthChecks(Clock.systemUTC(), "test");
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Answer answer = e -> e.sendResponseHeaders(200, -1);
  private HttpServer server;

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/healthz",
        e -> {
          asked.incrementAndGet();
          try (e) {
            answer.to(e);
          }
        });
    server.start();
  }

  @AfterEach
  void close() {
    over.countDown();
    checks.close();
    server.stop(0);
  }

  private void watch(String key, BooleanSupplier owned) {
    watch(key, server.getAddress().getPort(), owned);
  }

  private void watch(String key, int port, BooleanSupplier owned) {
    checks.watch(
        Map.of(
            key,
            new HealthChecks.Target(
                "127.0.0.1:" + port, HttpPath.of("/healthz"), Duration.ofMillis(100), owned)));
  }

  private void awaitHealthy(boolean healthy) {
    await().until(() -> checks.of("a").checked() && checks.of("a").healthy() == healthy);
  }

  private void awaitMoreAnswers() {
    int before = asked.get();
    await().until(() -> asked.get() >= before + 3);
  }

  @Test
  void aGoodAnswerIsHealthyAndABadOneTwiceIsNot() {
    watch("a", () -> true);
    awaitHealthy(true);
    assertThat(checks.of("a").problem()).isEmpty();

    answer = e -> e.sendResponseHeaders(503, -1);
    awaitHealthy(false);
    assertThat(checks.of("a").problem()).contains("GET /healthz: answers 503");
    assertThat(checks.of("a").failingSince()).isPresent();

    answer = e -> e.sendResponseHeaders(204, -1);
    awaitHealthy(true);
    assertThat(checks.of("a").failingSince()).isEmpty();
  }

  @Test
  void oneMissIsForgiven() {
    watch("a", () -> true);
    awaitHealthy(true);
    AtomicInteger misses = new AtomicInteger();
    AtomicInteger seenUnhealthy = new AtomicInteger();

    answer =
        e -> {
          boolean miss = asked.get() % 3 == 0;
          if (miss) {
            misses.incrementAndGet();
          }
          if (!checks.of("a").healthy()) {
            seenUnhealthy.incrementAndGet();
          }
          e.sendResponseHeaders(miss ? 503 : 200, -1);
        };

    await().until(() -> misses.get() >= 3);
    assertThat(seenUnhealthy).hasValue(0);
  }

  @Test
  void redirectsAreNotFollowedAndNotHealthy() {
    answer =
        e -> {
          e.getResponseHeaders().add("Location", "/");
          e.sendResponseHeaders(302, -1);
        };
    watch("a", () -> true);

    awaitHealthy(false);
    assertThat(checks.of("a").problem()).contains("GET /healthz: answers 302");
  }

  @Test
  void anEndlessBodyDoesNotMatter() {
    answer =
        e -> {
          e.sendResponseHeaders(200, 0);
          byte[] some = new byte[1 << 16];
          for (int i = 0; i < 100_000 && over.getCount() > 0; i++) {
            e.getResponseBody().write(some);
          }
        };
    watch("a", () -> true);

    awaitHealthy(true);
    awaitMoreAnswers();
    awaitHealthy(true);
  }

  @Test
  void noAnswerInTimeIsNotHealthy() {
    answer =
        e -> {
          try {
            over.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        };
    watch("a", () -> true);

    awaitHealthy(false);
    assertThat(checks.of("a").problem()).contains("GET /healthz: no answer within 2 s");
  }

  @Test
  void aRefusedConnectionCountsAtOnce() throws IOException {
    watch("a", () -> true);
    awaitHealthy(true);

    server.stop(0);

    awaitHealthy(false);
    assertThat(checks.of("a").problem()).contains("GET /healthz: connection refused");
  }

  @Test
  void whoeverSpeaksNoHttpIsNotHealthy() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread talker =
          new Thread(
              () -> {
                while (!socket.isClosed()) {
                  try (var connection = socket.accept()) {
                    connection.getOutputStream().write("SSH-2.0-x\r\n".getBytes());
                  } catch (IOException e) {
                    // the next one, or the end
                  }
                }
              });
      talker.setDaemon(true);
      talker.start();

      watch("a", socket.getLocalPort(), () -> true);

      awaitHealthy(false);
      assertThat(checks.of("a").problem()).get().asString().startsWith("GET /healthz: ");
    }
  }

  @Test
  void anotherProcessOnThePortIsNotOurHealth() {
    watch("a", () -> false);

    awaitHealthy(false);
    assertThat(checks.of("a").problem())
        .contains("GET /healthz: another process answers on port " + server.getAddress().getPort());
  }

  @Test
  void whatIsWatchedNoMoreIsAskedNoMoreAndForgotten() {
    watch("a", () -> true);
    awaitHealthy(true);

    watch("b", () -> true);

    assertThat(checks.of("a")).isEqualTo(HealthChecks.Health.UNKNOWN);
    await().until(() -> checks.of("b").healthy());
  }

  @Test
  void theFirstAnswerCanBeWaitedForButNotForLong() {
    watch("a", () -> true);
    checks.awaitFirst(Duration.ofSeconds(10));
    assertThat(checks.of("a").checked()).isTrue();

    answer =
        e -> {
          try {
            over.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        };
    watch("b", () -> true);
    long start = System.nanoTime();
    checks.awaitFirst(Duration.ofMillis(200));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }
}
