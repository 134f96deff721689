package dev.swiftdeploy.local.compose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ComposeFileTest {
  private static final Path FOLDER = Path.of("/home/ada/shop $1: \"x\"");
  private static final ComposeSite SITE =
      new ComposeSite(
          ResourceName.of("demo"),
          FOLDER,
          FOLDER.resolve(".swiftdeploy/manifest/resources/demo"),
          "",
          "demo-1a2b3c",
          Spec.Defaults.NGINX_IMAGE,
          Spec.Defaults.NETWORK);
  private static final Release FIRST =
      release("1.0.0", "a", Map.of(), Map.of(), RestartPolicy.UNLESS_STOPPED);
  private static final Release SECOND =
      release(
          "1.1.0",
          "b",
          Map.of("GREETING", "$HOME ${X:-y} \"quoted\" \\ #no comment\nnew: line é\u2028\u007f"),
          Map.of("cpu", "500m", "memory", "256Mi"),
          RestartPolicy.ON_FAILURE);
  private static final ProxySettings SETTINGS =
      new ProxySettings(
          "demo",
          Spec.Defaults.NGINX_IMAGE,
          Port.of(8080),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Optional.empty(),
          Optional.empty(),
          Spec.Defaults.NETWORK);

  private static Release release(
      String version,
      String image,
      Map<String, String> env,
      Map<String, String> resources,
      RestartPolicy policy) {
    TreeMap<EnvName, String> names = new TreeMap<>();
    env.forEach((name, value) -> names.put(EnvName.of(name), value));
    return new Release(
        ImageReference.of("app:" + version),
        Optional.of("sha256:" + image.repeat(64)),
        Version.of(version),
        List.of(),
        List.of(),
        Port.of(3000),
        names,
        new TreeMap<>(resources),
        Spec.Defaults.HEALTH,
        policy);
  }

  private static String render(ComposeProject project) {
    Map<ReleaseId, Release> releases = Map.of(FIRST.id(), FIRST, SECOND.id(), SECOND);
    return new ComposeFile(
            SITE, id -> Objects.requireNonNull(releases.get(id)), id -> id.endsWith("b"))
        .render(project);
  }

  private static ComposeProject canary() {
    return ComposeProject.nothing(SITE)
        .with(new Workload(FIRST.id(), Mode.STABLE), 2)
        .with(new Workload(SECOND.id(), Mode.CANARY), 1)
        .routed(SETTINGS)
        .judgedBy(new TreeMap<>(Map.of("0123456789ab", 8182)));
  }

  @Test
  void rendersACanary() throws IOException {
    assertThat(render(canary())).isEqualTo(golden("canary.yml"));
  }

  @Test
  void rendersTheSameAgainAndAfterItWasWrittenDown() throws IOException {
    ComposeProject back =
        dev.swiftdeploy.core.audit.Json.MAPPER.readValue(
            dev.swiftdeploy.core.audit.Json.MAPPER.writeValueAsString(canary()),
            ComposeProject.class);

    assertThat(back).isEqualTo(canary());
    assertThat(render(back)).isEqualTo(render(canary()));
  }

  @Test
  void ofNothingNothingButTheNetworkIsLeft() {
    assertThat(render(ComposeProject.nothing(SITE)))
        .doesNotContain("image:")
        .contains("name: \"swiftdeploy-net\"");
  }

  @Test
  void rendersTheWayToInstances() throws IOException {
    assertThat(EvidenceConf.render(SITE)).isEqualTo(golden("evidence.conf"));
  }

  @Test
  void amountsAreInTheUnitsOfCompose() {
    assertThat(Quantities.cpus("500m")).isEqualTo("0.5");
    assertThat(Quantities.cpus("2")).isEqualTo("2");
    assertThat(Quantities.cpus("1.250")).isEqualTo("1.25");
    assertThat(Quantities.bytes("256Mi")).isEqualTo("268435456");
    assertThat(Quantities.bytes("1.5Gi")).isEqualTo("1610612736");
    assertThat(Quantities.bytes("1000")).isEqualTo("1000");
    assertThat(Quantities.bytes("2k")).isEqualTo("2000");
  }

  @Test
  void aProjectsNameIsItsManifestsAlone() {
    ComposeSite one = site("a");
    ComposeSite other = site("b");

    assertThat(one.project()).matches("[a-z0-9-]+").isNotEqualTo(other.project());
    assertThat(one.project()).isEqualTo(site("a").project());
    assertThat(one.container("canary-0123456789ab-99").length()).isLessThanOrEqualTo(63);
  }

  private static ComposeSite site(String folder) {
    ResourceName name = ResourceName.of("a-rather-long-name-for-a-service-of-this-kind-indeed");
    Spec spec =
        new Spec(
            new Spec.Services(
                ImageReference.of("app:1"),
                List.of(),
                Port.of(3000),
                Mode.STABLE,
                Version.of("1"),
                1,
                new TreeMap<>(),
                new TreeMap<>(),
                Spec.Defaults.HEALTH,
                Spec.Defaults.RESTART_POLICY),
            new Spec.Nginx(
                Spec.Defaults.NGINX_IMAGE,
                Spec.Defaults.NGINX_PORT,
                Spec.Defaults.PROXY_TIMEOUT,
                Spec.Defaults.DRAIN_TIMEOUT,
                Optional.empty()),
            Spec.Defaults.NETWORK,
            Spec.Defaults.CANARY,
            Spec.Defaults.POLICY,
            false);
    return ComposeSite.of(name, spec, Path.of("/" + folder), Path.of("/" + folder + "/s"), true);
  }

  private static String golden(String name) throws IOException {
    try (var in = ComposeFileTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
