package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformWorld;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import dev.swiftdeploy.local.process.DetachedProcess.Signal;
import dev.swiftdeploy.local.proxy.Proxy;
import dev.swiftdeploy.local.release.FileReleaseStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * A manifest's folder in a temporary place, with {@link TestService} as {@code app/service.jar}.
 */
final class ProcessWorld implements PlatformWorld {
  static final Duration GRACE = Duration.ofSeconds(4);
  private static final String SERVICE = "app/service.jar";
  private static final Port FIRST_PORT = Port.of(23000);

  final ProcessSite site;
  final FileReleaseStore releases;
  final ArtifactStore artifacts;
  final Set<Port> reserved = new HashSet<>();
  Clock clock = Clock.systemUTC();
  private final ProxySettings settings;
  private final Proxy proxy;
  private final ProcessReleaseResolver resolver;
  private final List<ProcessPlatform> opened = new ArrayList<>();

  ProcessWorld(Path temp, String resource, Proxy proxy, Port proxyPort) throws IOException {
    Path folder = Files.createDirectories(temp.resolve("project"));
    this.site =
        new ProcessSite(
            ResourceName.of(resource),
            folder,
            folder.resolve(".swiftdeploy/manifest/resources").resolve(resource),
            System.getenv());
    this.releases = new FileReleaseStore(site.releases());
    this.artifacts = new ArtifactStore(site.artifacts(), Clock.systemUTC());
    this.proxy = proxy;
    this.resolver = new ProcessReleaseResolver(folder, artifacts, System.getenv());
    this.settings =
        new ProxySettings(
            resource,
            Spec.Defaults.NGINX_IMAGE,
            proxyPort,
            Spec.Defaults.PROXY_TIMEOUT,
            Spec.Defaults.DRAIN_TIMEOUT,
            Optional.empty(),
            Optional.empty(),
            Spec.Defaults.NETWORK);
    Path jar = folder.resolve(SERVICE);
    if (!Files.exists(jar)) {
      writeJar(jar);
    }
  }

  private static void writeJar(Path jar) throws IOException {
    Files.createDirectories(jar.getParent());
    String name = TestService.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        var in = TestService.class.getClassLoader().getResourceAsStream(name)) {
      out.putNextEntry(new JarEntry(name));
      in.transferTo(out);
    }
  }

  @Override
  public ProcessPlatform open() {
    return open(CrashPoints.NONE);
  }

  ProcessPlatform open(CrashPoints crashPoints) {
    opened.forEach(ProcessPlatform::close);
    ProcessPlatform platform =
        new ProcessPlatform(
            site, releases, artifacts, proxy, () -> reserved, GRACE, clock, crashPoints);
    opened.add(platform);
    return platform;
  }

  Release release(String version, RestartPolicy policy, Map<EnvName, String> env, String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx32m",
                "-cp",
                SERVICE,
                TestService.class.getName()));
    command.addAll(List.of(args));
    return release(version, policy, env, command);
  }

  Release release(
      String version, RestartPolicy policy, Map<EnvName, String> env, List<String> command) {
    Resolution resolution =
        resolver.resolve(
            new Spec.Services(
                ImageReference.of("service:1"),
                command,
                FIRST_PORT,
                Mode.STABLE,
                Version.of(version),
                1,
                new TreeMap<>(env),
                new TreeMap<>(),
                new Spec.Health(
                    HttpPath.of("/healthz"), Duration.ofMillis(200), Duration.ofSeconds(60)),
                policy));
    if (resolution instanceof Resolution.Resolved resolved) {
      releases.put(resolved.release());
      return resolved.release();
    }
    throw new AssertionError(resolution);
  }

  @Override
  public Release healthy(String version) {
    return release(version, RestartPolicy.UNLESS_STOPPED, Map.of(), "serve");
  }

  @Override
  public Release neverHealthy() {
    return release("1", RestartPolicy.UNLESS_STOPPED, Map.of(), "unhealthy");
  }

  @Override
  public Release ending(int code, RestartPolicy policy) {
    return release("1", policy, Map.of(), "exit", Integer.toString(code));
  }

  @Override
  public ReleaseId unknown() {
    return ReleaseId.of("000000000000");
  }

  @Override
  public ProxySettings settings() {
    return settings;
  }

  DetachedProcess process(Workload workload, int slot) {
    return DetachedProcess.find(SlotFiles.of(site, workload, slot).pidFile()).orElseThrow();
  }

  @Override
  public void kill(Workload workload, int slot) {
    DetachedProcess process = process(workload, slot);
    ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly();
    await("the end", () -> !process.running());
  }

  @Override
  public void hang(Workload workload, int slot) {
    try {
      Process stop =
          new ProcessBuilder("kill", "-STOP", Long.toString(process(workload, slot).pid())).start();
      await("the stop", () -> !stop.isAlive() && stop.exitValue() == 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public void await(String what, BooleanSupplier condition) {
    org.awaitility.Awaitility.await(what)
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(50))
        .until(condition::getAsBoolean);
  }

  @Override
  public void close() {
    opened.forEach(ProcessPlatform::close);
    await(
        "the proxy to be gone",
        () -> {
          proxy.remove();
          return proxy.observe().equals(Proxy.Observed.NOTHING);
        });
    await(
        "all processes to be gone",
        () -> {
          List<ProcessScan.Group> left = ProcessScan.groups(site);
          for (ProcessScan.Group group : left) {
            try {
              group.process().signal(Signal.KILL);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
          return left.isEmpty();
        });
  }
}
