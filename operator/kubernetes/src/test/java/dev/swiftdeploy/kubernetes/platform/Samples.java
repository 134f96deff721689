package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A site, a release and a route for tests. */
final class Samples {
  static final KubernetesSite SITE =
      new KubernetesSite("shop", ResourceName.of("demo"), "4b7ac0de-0000-4000-8000-000000000001");

  static final Release RELEASE =
      new Release(
          ImageReference.of("registry.example.com:5000/team/shop:1.2.3"),
          Optional.of("sha256:" + "ab".repeat(32)),
          Version.of("1.2.3"),
          List.of("java", "-jar", "app.jar"),
          List.of(),
          Port.of(3000),
          new TreeMap<>(
              Map.of(EnvName.of("GREETING"), "hi $(MODE) $$", EnvName.of("LOG_LEVEL"), "debug")),
          new TreeMap<>(Map.of("cpu", "500m", "memory", "256Mi")),
          new Spec.Health(HttpPath.of("/ready"), Duration.ofMillis(1500), Duration.ofSeconds(90)),
          RestartPolicy.UNLESS_STOPPED);

  static final Workload STABLE = new Workload(RELEASE.id(), Mode.STABLE);
  static final Workload CANARY = new Workload(RELEASE.id(), Mode.CANARY);

  static final ProxySettings SETTINGS =
      new ProxySettings(
          "demo",
          ImageReference.of("nginx:1.28"),
          Port.of(80),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Optional.of(Contact.of("ops@example.com")),
          Optional.empty(),
          Spec.Defaults.NETWORK);

  static final ProxyConfig CONFIG =
      new ProxyConfig(
          new Route(SETTINGS, List.of(new Backend(STABLE, 90, 2), new Backend(CANARY, 10, 1))),
          new TreeMap<>(
              Map.of(
                  STABLE, List.of(new Endpoint("10.97.0.11", Port.of(3000))),
                  CANARY, List.of(new Endpoint("10.97.0.12", Port.of(3000))))));

  private Samples() {}
}
