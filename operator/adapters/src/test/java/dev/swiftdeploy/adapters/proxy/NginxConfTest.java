package dev.swiftdeploy.adapters.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.adapters.proxy.NginxSite.WorkerUser;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.HeaderName;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NginxConfTest {
  private static final Workload STABLE = Workload.of("stable-3f2a9c01b7de");
  private static final Workload CANARY = Workload.of("canary-00aa11bb22cc");
  private static final NginxSite MACHINE =
      new NginxSite(
          ListenAddress.LOOPBACK,
          new NginxPath("/home/ada/my service/.swiftdeploy/proxy"),
          Optional.of(new NginxPath("/home/ada/my service/.swiftdeploy/proxy")),
          Optional.of(new NginxPath("/run/user/1000/swiftdeploy/4f1d/1.sock")),
          Optional.empty());
  private static final NginxSite CONTAINER =
      new NginxSite(
          ListenAddress.EVERYWHERE,
          new NginxPath("/tmp"),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  @Test
  void rendersAStableReleaseOnAMachine() throws IOException {
    ProxyConfig config = config(settings(), new Backend(STABLE, 100, 2));

    assertThat(NginxConf.render(config, MACHINE).text()).isEqualTo(golden("machine-stable.conf"));
  }

  @Test
  void rendersACanaryInAContainer() throws IOException {
    ProxyConfig config =
        config(
            withHeader(settings(), "X-SwiftDeploy-Mode"),
            new Backend(STABLE, 90, 2),
            new Backend(CANARY, 10, 1));

    assertThat(NginxConf.render(config, CONTAINER).text())
        .isEqualTo(golden("container-canary.conf"));
  }

  @Test
  void aWorkloadOfWeightZeroIsNotInTheFileByAnyPath() {
    ProxyConfig config =
        config(
            withHeader(settings(), "X-SwiftDeploy-Mode"),
            new Backend(STABLE, 100, 2),
            new Backend(CANARY, 0, 1));

    assertThat(directives(NginxConf.render(config, MACHINE))).doesNotContain(CANARY.name());
  }

  @Test
  void rootsWorkersRunAsSomebodyElse() {
    NginxSite root =
        new NginxSite(
            MACHINE.listen(),
            MACHINE.directory(),
            MACHINE.logs(),
            MACHINE.adminSocket(),
            Optional.of(new WorkerUser("nobody", "nogroup")));

    assertThat(directives(NginxConf.render(config(settings(), new Backend(STABLE, 100, 1)), root)))
        .contains("user nobody nogroup;\n");
  }

  @Test
  void whatAFileRoutesIsReadBackFromIt() {
    ProxyConfig config = config(settings(), new Backend(STABLE, 50, 2), new Backend(CANARY, 50, 1));
    String text = NginxConf.render(config, MACHINE).text();

    assertThat(NginxConf.configOf(text, MACHINE)).contains(config);
  }

  @ParameterizedTest
  @ValueSource(strings = {"50% stable", "server_tokens off;", "# Route", "# From: {", "}\n"})
  void anEditByHandIsNoticed(String edited) {
    ProxyConfig config = config(settings(), new Backend(STABLE, 50, 2), new Backend(CANARY, 50, 1));
    String text = NginxConf.render(config, MACHINE).text();

    assertThat(text).contains(edited);
    assertThat(NginxConf.configOf(text.replace(edited, "#" + edited), MACHINE)).isEmpty();
    assertThat(NginxConf.configOf("", MACHINE)).isEmpty();
  }

  @Test
  void theDigestTellsConfigurationsApart() {
    NginxConf one = NginxConf.render(config(settings(), new Backend(STABLE, 100, 1)), MACHINE);
    NginxConf other = NginxConf.render(config(settings(), new Backend(STABLE, 100, 2)), MACHINE);

    assertThat(one.text()).contains("return 200 " + one.digest() + ";");
    assertThat(one.digest()).hasSize(64).isNotEqualTo(other.digest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a\"b", "/a$b", "/a\\b", "/a'b", "/a\nb", "a", ""})
  void aPathThatNginxCouldMisreadIsRefused(String path) {
    assertThatThrownBy(() -> new NginxPath(path)).isInstanceOf(InvalidValue.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a;b", "a b", "-a", "a..b", "", "A", "[::1]", "a\n"})
  void anEndpointThatNginxCouldMisreadIsRefused(String host) {
    assertThatThrownBy(() -> new Endpoint(host, new Port(80))).isInstanceOf(InvalidValue.class);
  }

  @Test
  void aServiceNameThatNginxCouldMisreadIsRefused() {
    ProxySettings s = settings();
    ProxySettings hostile =
        new ProxySettings(
            "demo'; return 200 '",
            s.image(),
            s.port(),
            s.proxyTimeout(),
            s.drainTimeout(),
            s.contact(),
            s.canaryHeader(),
            s.network());

    assertThatThrownBy(
            () -> NginxConf.render(config(hostile, new Backend(STABLE, 100, 1)), MACHINE))
        .isInstanceOf(InvalidValue.class);
  }

  @Test
  void weightWithoutAnEndpointIsRefused() {
    assertThatThrownBy(
            () ->
                new ProxyConfig(
                    new Route(settings(), List.of(new Backend(STABLE, 100, 1))), new TreeMap<>()))
        .hasMessageContaining(STABLE.name());
  }

  private static String directives(NginxConf conf) {
    return conf.text().replaceAll("(?m)^#.*\n", "");
  }

  private static ProxyConfig config(ProxySettings settings, Backend... backends) {
    SortedMap<Workload, List<Endpoint>> endpoints = new TreeMap<>();
    endpoints.put(STABLE, List.of(local(3000), local(3001)));
    endpoints.put(CANARY, List.of(new Endpoint("canary-00aa11bb22cc-0", new Port(3000))));
    endpoints.keySet().retainAll(List.of(backends).stream().map(Backend::workload).toList());
    return new ProxyConfig(new Route(settings, List.of(backends)), endpoints);
  }

  private static Endpoint local(int port) {
    return new Endpoint("127.0.0.1", new Port(port));
  }

  private static ProxySettings settings() {
    return new ProxySettings(
        "demo",
        ImageReference.of("nginx:1.28"),
        new Port(8080),
        Duration.ofSeconds(30),
        Duration.ofMillis(2500),
        Optional.of(Contact.of("ops@example.com")),
        Optional.empty(),
        new Spec.Network(ResourceName.of("swiftdeploy-net"), ResourceName.of("bridge")));
  }

  private static ProxySettings withHeader(ProxySettings s, String header) {
    return new ProxySettings(
        s.service(),
        s.image(),
        s.port(),
        s.proxyTimeout(),
        s.drainTimeout(),
        s.contact(),
        Optional.of(HeaderName.of(header)),
        s.network());
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = NginxConfTest.class.getResourceAsStream(name)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
