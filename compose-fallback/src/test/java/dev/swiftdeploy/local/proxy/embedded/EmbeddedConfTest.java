package dev.swiftdeploy.local.proxy.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
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
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedConfTest {
  private static final Workload STABLE = Workload.of("stable-3f2a9c01b7de");
  private static final Workload CANARY = Workload.of("canary-00aa11bb22cc");
  private static final ListenAddress LISTEN = ListenAddress.LOOPBACK;

  @Test
  void rendersACanary() throws IOException {
    assertThat(EmbeddedConf.render(config(10), LISTEN).text()).isEqualTo(golden("canary.conf"));
  }

  @Test
  void theProcessReadsWhatIsRendered() throws IOException {
    Directives read = Directives.parse(EmbeddedConf.render(config(10), LISTEN).text());

    assertThat(read)
        .isEqualTo(
            new Directives(
                "127.0.0.1",
                8080,
                Duration.ofSeconds(30),
                Duration.ofMillis(2500),
                List.of(
                    new Directives.Share(
                        90, STABLE.name(), List.of("127.0.0.1:3000", "127.0.0.1:3001")),
                    new Directives.Share(10, CANARY.name(), List.of("127.0.0.1:3002"))),
                Optional.of(new Directives.Candidate("X-SwiftDeploy-Mode", CANARY.name())),
                read.errors()));
    assertThat(read.errors())
        .containsOnlyKeys(502, 503, 504)
        .containsEntry(
            502,
            "{\"error\":\"Bad Gateway\",\"code\":502,\"service\":\"demo\",\"contact\":\"ops team, 2nd floor\"}");
  }

  @Test
  void aWorkloadOfWeightZeroIsNotInTheFileByAnyPath() throws IOException {
    Directives read = Directives.parse(EmbeddedConf.render(config(0), LISTEN).text());

    assertThat(read.shares()).hasSize(1);
    assertThat(read.candidate()).isEmpty();
  }

  @Test
  void whatAFileRoutesIsReadBackFromIt() {
    EmbeddedConf conf = EmbeddedConf.render(config(10), LISTEN);

    assertThat(EmbeddedConf.of(conf.text()).renderedFrom(LISTEN)).contains(config(10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"share 90", "# Route", "# From: {", "timeout_ms 30000", "error 502"})
  void anEditByHandIsNoticed(String edited) {
    String text = EmbeddedConf.render(config(10), LISTEN).text();

    assertThat(text).contains(edited);
    assertThat(EmbeddedConf.of(text.replace(edited, edited + "0")).renderedFrom(LISTEN)).isEmpty();
    assertThat(EmbeddedConf.of("").renderedFrom(LISTEN)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "listen 127.0.0.1",
        "listen 127.0.0.1 8080",
        "listen 127.0.0.1 8080\ntimeout_ms x\ndrain_ms 1",
        "share",
        "error 502",
        "surprise"
      })
  void whatTheProcessCannotReadItRefuses(String text) {
    assertThatThrownBy(() -> Directives.parse(text)).isInstanceOf(IOException.class);
  }

  private static ProxyConfig config(int canaryWeight) {
    ProxySettings settings =
        new ProxySettings(
            "demo",
            ImageReference.of("nginx:1.28"),
            new Port(8080),
            Duration.ofSeconds(30),
            Duration.ofMillis(2500),
            Optional.of(Contact.of("ops team, 2nd floor")),
            Optional.of(HeaderName.of("X-SwiftDeploy-Mode")),
            new Spec.Network(ResourceName.of("swiftdeploy-net"), ResourceName.of("bridge")));
    return new ProxyConfig(
        new Route(
            settings,
            List.of(
                new Backend(STABLE, 100 - canaryWeight, 2), new Backend(CANARY, canaryWeight, 1))),
        new TreeMap<>(
            Map.of(STABLE, List.of(local(3000), local(3001)), CANARY, List.of(local(3002)))));
  }

  private static Endpoint local(int port) {
    return new Endpoint("127.0.0.1", new Port(port));
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = EmbeddedConfTest.class.getResourceAsStream(name)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
