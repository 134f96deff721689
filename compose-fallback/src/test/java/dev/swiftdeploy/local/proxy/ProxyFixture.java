package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.HeaderName;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A {@link Proxy}, two services behind it, and the requests that tests send. */
abstract class ProxyFixture {
  static final Workload STABLE = Workload.of("stable-3f2a9c01b7de");
  static final Workload CANARY = Workload.of("canary-00aa11bb22cc");
  static final Duration SOON = Duration.ofSeconds(20);

  private final ProxyKind kind;
  final ExecutorService threads = Executors.newCachedThreadPool();
  final List<FakeService> services = new ArrayList<>();
  Path directory;
  Proxy proxy;
  int port;
  FakeService stable;
  FakeService canary;

  ProxyFixture(ProxyKind kind) {
    this.kind = kind;
  }

  /** Removes it, as the loop does: again and again until nothing is seen. */
  void removed() {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              proxy.remove();
              assertThat(proxy.observe()).isEqualTo(Proxy.Observed.NOTHING);
            });
  }

  /** A folder whose path has spaces and is longer than a unix socket's may be. */
  void openIn(Path folder) {
    directory = folder.resolve("the state of a service with a long name").resolve("x".repeat(120));
    proxy = open(directory, CrashPoints.NONE);
    port = freePort();
  }

  @BeforeEach
  void startServices() throws IOException {
    stable = service("stable");
    canary = service("canary");
  }

  @AfterEach
  void stopServices() {
    services.forEach(FakeService::close);
    services.clear();
  }

  Proxy open(Path folder, CrashPoints crashPoints) {
    return kind.open(folder, crashPoints);
  }

  Object generation() {
    return kind.generation(directory);
  }

  Path file() {
    return kind.file(directory);
  }

  DetachedProcess process() {
    return ProxyKind.process(directory);
  }

  long count(int requests, String answer, String... headers) throws Exception {
    int clients = 4;
    List<Callable<Long>> parts =
        IntStream.range(0, clients)
            .<Callable<Long>>mapToObj(
                i ->
                    () -> {
                      long hits = 0;
                      for (int n = 0; n < requests / clients; n++) {
                        RawHttp.Response response = RawHttp.get(port, "/", headers);
                        assertThat(response.status()).isEqualTo(200);
                        hits += response.text().equals(answer) ? 1 : 0;
                      }
                      return hits;
                    })
            .toList();
    long sum = 0;
    for (Future<Long> part : threads.invokeAll(parts)) {
      sum += part.get();
    }
    return sum;
  }

  FakeService service(String name) throws IOException {
    FakeService service = new FakeService(name);
    services.add(service);
    return service;
  }

  ProxyConfig allTo(FakeService... instances) {
    return config(Arrays.stream(instances).map(FakeService::endpoint).toList());
  }

  ProxyConfig config(List<Endpoint> endpoints) {
    return new ProxyConfig(
        new Route(settings(), List.of(new Backend(STABLE, 100, endpoints.size()))),
        new TreeMap<>(Map.of(STABLE, endpoints)));
  }

  ProxyConfig config(int canaryWeight) {
    return new ProxyConfig(
        new Route(
            settings(),
            List.of(
                new Backend(STABLE, 100 - canaryWeight, 1), new Backend(CANARY, canaryWeight, 1))),
        new TreeMap<>(
            Map.of(STABLE, List.of(stable.endpoint()), CANARY, List.of(canary.endpoint()))));
  }

  static ProxyConfig withHeader(ProxyConfig config) {
    ProxySettings s = config.settings();
    return with(
        config,
        new ProxySettings(
            s.service(),
            s.image(),
            s.port(),
            s.proxyTimeout(),
            s.drainTimeout(),
            s.contact(),
            Optional.of(HeaderName.of("X-SwiftDeploy-Mode")),
            s.network()));
  }

  static ProxyConfig with(ProxyConfig config, Duration timeout, Duration drain) {
    ProxySettings s = config.settings();
    return with(
        config,
        new ProxySettings(
            s.service(),
            s.image(),
            s.port(),
            timeout,
            drain,
            s.contact(),
            s.canaryHeader(),
            s.network()));
  }

  static ProxyConfig with(ProxyConfig config, ProxySettings settings) {
    return new ProxyConfig(new Route(settings, config.route().backends()), config.endpoints());
  }

  ProxySettings settings() {
    return new ProxySettings(
        "demo",
        ImageReference.of("nginx:1.28"),
        new Port(port),
        Duration.ofSeconds(10),
        Duration.ofSeconds(15),
        Optional.of(Contact.of("ops@example.com")),
        Optional.empty(),
        new Spec.Network(ResourceName.of("swiftdeploy-net"), ResourceName.of("bridge")));
  }

  static Endpoint local(int port) {
    return new Endpoint("127.0.0.1", new Port(port));
  }

  static boolean refuses(int port) {
    try (Socket socket = RawHttp.connect(port)) {
      return !socket.isConnected();
    } catch (IOException e) {
      return true;
    }
  }

  /** Below the range that the kernel takes ports from for others (ip_local_port_range). */
  static int freePort() {
    while (true) {
      int candidate = ThreadLocalRandom.current().nextInt(15_000, 30_000);
      try (ServerSocket socket = new ServerSocket(candidate, 5, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // taken: another
      }
    }
  }
}
