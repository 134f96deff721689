package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformWorld;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import dev.swiftdeploy.local.release.FileReleaseStore;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * A manifest's folder in a temporary place and a real Docker engine, the one that docker reaches;
 * {@code hack/engine up} starts one. The service is a shell script in an image that is built on the
 * nginx image.
 */
final class ComposeWorld implements PlatformWorld {
  static final Duration GRACE = Duration.ofSeconds(2);
  static final ImageReference IMAGE = ImageReference.of("swiftdeploy-test-service:1");

  /** {@code serve}, {@code unhealthy} (answers 404) or the code to end with. */
  private static final String SERVICE =
      """
      echo "starting as $BEHAVIOUR"
      trap 'exit 0' TERM
      mkdir /tmp/served
      case $BEHAVIOUR in
        serve) echo "$APP_VERSION" >/tmp/served/healthz ;;
        unhealthy) ;;
        *) exit "$BEHAVIOUR" ;;
      esac
      busybox httpd -f -p "$APP_PORT" -h /tmp/served &
      wait
      """;

  final Docker docker = new Docker(System.getenv());
  final Engine engine = new Engine(docker);
  final ComposeSite site;
  final FileReleaseStore releases;
  final ProjectFiles files;
  private final ProxySettings settings;
  private final String imageId;
  private final List<ComposePlatform> opened = new ArrayList<>();

  ComposeWorld(Path temp, String resource) throws IOException {
    Path folder = Files.createDirectories(temp.resolve("project"));
    this.site =
        new ComposeSite(
            ResourceName.of(resource),
            folder,
            folder.resolve(".swiftdeploy/manifest/resources").resolve(resource),
            "",
            resource + "-" + Long.toString(System.nanoTime(), 36),
            Spec.Defaults.NGINX_IMAGE,
            new Spec.Network(
                ResourceName.of("swiftdeploy-test"), Spec.Defaults.NETWORK.driverType()));
    this.releases = new FileReleaseStore(site.releases());
    this.files = new ProjectFiles(site, engine, releases, CrashPoints.NONE);
    this.imageId = image(temp);
    this.settings =
        new ProxySettings(
            resource,
            Spec.Defaults.NGINX_IMAGE,
            freePort(),
            Spec.Defaults.PROXY_TIMEOUT,
            Duration.ofSeconds(3),
            Optional.empty(),
            Optional.empty(),
            site.network());
  }

  private static Port freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return new Port(socket.getLocalPort());
    }
  }

  private String image(Path temp) throws IOException {
    Optional<Engine.Image> there = engine.image(IMAGE.value());
    if (there.isPresent()) {
      return there.get().id();
    }
    Path context = Files.createDirectories(temp.resolve("image"));
    Files.writeString(context.resolve("service"), SERVICE);
    Files.writeString(
        context.resolve("Dockerfile"),
        "FROM nginx:1.28\nUSER 65534:65534\nCOPY service /service\n"
            + "ENTRYPOINT [\"sh\", \"/service\"]\nCMD []\n");
    docker.run(
        Docker.SLOW, "build", List.of("build", "-q", "-t", IMAGE.value(), context.toString()));
    return engine.image(IMAGE.value()).orElseThrow().id();
  }

  @Override
  public ComposePlatform open() {
    opened.forEach(ComposePlatform::close);
    ProjectFiles fresh = new ProjectFiles(site, engine, releases, CrashPoints.NONE);
    ComposePlatform platform =
        new ComposePlatform(fresh, releases, new EvidenceWay(), GRACE, Clock.systemUTC());
    opened.add(platform);
    return platform;
  }

  Release release(String version, String behaviour, RestartPolicy policy) {
    Release release =
        new Release(
            IMAGE,
            Optional.of(imageId),
            Version.of(version),
            List.of(),
            List.of(),
            Spec.Defaults.SERVICE_PORT,
            new TreeMap<>(Map.of(EnvName.of("BEHAVIOUR"), behaviour)),
            new TreeMap<>(),
            new Spec.Health(
                HttpPath.of("/healthz"), Duration.ofMillis(200), Duration.ofSeconds(60)),
            policy);
    releases.put(release);
    return release;
  }

  @Override
  public Release healthy(String version) {
    return release(version, "serve", RestartPolicy.UNLESS_STOPPED);
  }

  @Override
  public Release neverHealthy() {
    return release("1", "unhealthy", RestartPolicy.UNLESS_STOPPED);
  }

  @Override
  public Release ending(int code, RestartPolicy policy) {
    return release("1", Integer.toString(code), policy);
  }

  @Override
  public ReleaseId unknown() {
    return ReleaseId.of("000000000000");
  }

  @Override
  public ProxySettings settings() {
    return settings;
  }

  String container(Workload workload, int slot) {
    return site.container(ComposeSite.service(workload, slot));
  }

  String docker(String... arguments) {
    return docker.run(Docker.SLOW, "do " + arguments[0], List.of(arguments));
  }

  @Override
  public void kill(Workload workload, int slot) {
    docker("kill", container(workload, slot));
  }

  @Override
  public void hang(Workload workload, int slot) {
    docker("pause", container(workload, slot));
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public void await(String what, BooleanSupplier condition) {
    org.awaitility.Awaitility.await(what)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(condition::getAsBoolean);
  }

  @Override
  public void close() {
    opened.forEach(ComposePlatform::close);
    await(
        "all containers to be gone",
        () -> {
          engine.containers(site.project()).forEach(engine::remove);
          return engine.containers(site.project()).isEmpty();
        });
    engine.removeNetwork(site.network().name().value());
  }
}
