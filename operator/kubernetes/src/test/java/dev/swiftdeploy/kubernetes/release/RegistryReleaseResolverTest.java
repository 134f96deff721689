package dev.swiftdeploy.kubernetes.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.core.platform.VirtualClock;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.release.ReleaseResolverContract;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a registry of a few lines, which wants a token as public ones do. */
class RegistryReleaseResolverTest extends ReleaseResolverContract {
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server = server();
  private volatile String digest = "sha256:" + "0a".repeat(32);

  private HttpServer server() {
    try {
      HttpServer made =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      made.createContext(
          "/v2/team/app/manifests/",
          exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            if (!"Bearer t0".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
              exchange
                  .getResponseHeaders()
                  .add(
                      "WWW-Authenticate",
                      "Bearer realm=\"http://127.0.0.1:"
                          + made.getAddress().getPort()
                          + "/token\",service=\"r\",scope=\"repository:team/app:pull\"");
              exchange.sendResponseHeaders(401, -1);
            } else if (digest.isEmpty()) {
              exchange.sendResponseHeaders(404, -1);
            } else {
              exchange.getResponseHeaders().add("Docker-Content-Digest", digest);
              exchange.sendResponseHeaders(200, -1);
            }
            exchange.close();
          });
      made.createContext(
          "/token",
          exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            byte[] body = "{\"token\":\"t0\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      made.createContext(
          "/v2/team/slow/manifests/",
          exchange -> {
            asked.add("slow");
            try {
              ended.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            exchange.close();
          });
      made.setExecutor(threads);
      made.start();
      return made;
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void stop() {
    ended.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  /** A machine may be short of time; nothing here is to be late but what never comes. */
  private static Registry registry() {
    return new Registry(Optional.empty(), Duration.ofMinutes(1));
  }

  @Override
  protected ReleaseResolver open() {
    return new RegistryReleaseResolver(registry(), new VirtualClock(), Duration.ZERO);
  }

  @Override
  protected Spec.Services services() {
    return services("127.0.0.1:" + server.getAddress().getPort() + "/team/app:1.2");
  }

  private static Spec.Services services(String image) {
    return new Spec.Services(
        ImageReference.of(image),
        List.of(),
        Spec.Defaults.SERVICE_PORT,
        Mode.STABLE,
        Version.of("1.2"),
        1,
        new TreeMap<>(),
        new TreeMap<>(),
        Spec.Defaults.HEALTH,
        Spec.Defaults.RESTART_POLICY);
  }

  @Override
  protected void changeContent() {
    digest = "sha256:" + "0b".repeat(32);
  }

  @Override
  protected void removeContent() {
    digest = "";
  }

  @Test
  void aTagIsAskedForByHeadWithAnAnonymousToken() {
    assertThat(resolved(services()).imageDigest()).contains(digest);

    assertThat(asked)
        .containsExactly(
            "HEAD /v2/team/app/manifests/1.2",
            "GET /token?service=r&scope=repository%3Ateam%2Fapp%3Apull",
            "HEAD /v2/team/app/manifests/1.2");
  }

  @Test
  void anImageThatNamesItsDigestIsAskedForNowhere() {
    String named = "sha256:" + "77".repeat(32);

    assertThat(resolved(services("nowhere.invalid/app:1@" + named)).imageDigest()).contains(named);
    assertThat(asked).isEmpty();
  }

  @Test
  void whoWaitsForAnAnswerHoldsNobodyElseUp() {
    resolver = new RegistryReleaseResolver(registry(), new VirtualClock(), Duration.ZERO);
    Future<Resolution> slow =
        threads.submit(
            () ->
                resolver.resolve(
                    services("127.0.0.1:" + server.getAddress().getPort() + "/team/slow:1.2")));
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> asked.contains("slow"));

    assertThat(resolved(services()).imageDigest()).contains(digest);
    assertThat(slow.isDone()).as("the slow one has answered").isFalse();
  }

  @Test
  void anAnswerIsTakenForAWhile() {
    VirtualClock clock = new VirtualClock();
    resolver = new RegistryReleaseResolver(registry(), clock, Duration.ofMinutes(1));
    String before = digest;
    resolved(services());
    changeContent();

    assertThat(resolved(services()).imageDigest()).contains(before);
    clock.advance(Duration.ofMinutes(1));
    assertThat(resolved(services()).imageDigest()).contains(digest);
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNamed() {
    ended.countDown();
    server.stop(0);
    threads.shutdownNow();

    assertThat(unresolved(services()).problem())
        .contains("127.0.0.1:" + server.getAddress().getPort() + " does not answer");
  }

  @Test
  void namesAreReadAsContainerEnginesDo() {
    assertThat(url("nginx"))
        .isEqualTo("https://registry-1.docker.io/v2/library/nginx/manifests/latest");
    assertThat(url("team/app:2")).isEqualTo("https://registry-1.docker.io/v2/team/app/manifests/2");
    assertThat(url("docker.io/library/nginx:1"))
        .isEqualTo("https://registry-1.docker.io/v2/library/nginx/manifests/1");
    assertThat(url("ghcr.io/a/b/c:3")).isEqualTo("https://ghcr.io/v2/a/b/c/manifests/3");
    assertThat(url("localhost:5000/a:4")).isEqualTo("http://localhost:5000/v2/a/manifests/4");
    assertThat(url("registry:5000/a")).isEqualTo("https://registry:5000/v2/a/manifests/latest");
  }

  private static String url(String image) {
    return Registry.Place.of(ImageReference.of(image)).url();
  }
}
