package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiesTest {
  @TempDir Path temporary;

  @Test
  void takesTheNginxOnThePath() throws IOException {
    Path folder = program("nginx version: nginx/1.28.0").getParent();

    assertThat(choose(Map.of("PATH", "/nowhere:" + folder)).name()).isEqualTo("nginx");
  }

  @Test
  void takesTheNginxNamed() throws IOException {
    Path nginx = program("nginx version: openresty/1.25.3.1");

    assertThat(choose(Map.of("PATH", "", "SWIFTDEPLOY_NGINX", nginx.toString())).name())
        .isEqualTo("nginx");
  }

  @Test
  void isEmbeddedWhereThereIsNoNginx() throws IOException {
    Path broken = program("nginx: error while loading shared libraries").getParent();

    assertThat(choose(Map.of()).name()).isEqualTo("embedded");
    assertThat(choose(Map.of("PATH", "/nowhere")).name()).isEqualTo("embedded");
    assertThat(choose(Map.of("PATH", broken.toString())).name()).isEqualTo("embedded");
  }

  @Test
  void isEmbeddedWhereAskedFor() throws IOException {
    Path folder = program("nginx version: nginx/1.28.0").getParent();

    assertThat(choose(Map.of("PATH", folder.toString(), "SWIFTDEPLOY_NGINX", "none")).name())
        .isEqualTo("embedded");
  }

  @Test
  void isEmbeddedWhereNginxCouldNotReadItsConfiguration() throws IOException {
    Path folder = program("nginx version: nginx/1.28.0").getParent();

    Proxy proxy =
        Proxies.choose(
            temporary.resolve("a \"quoted\" $folder"),
            ListenAddress.LOOPBACK,
            Map.of("PATH", folder.toString()),
            CrashPoints.NONE);

    assertThat(proxy.name()).isEqualTo("embedded");
  }

  @Test
  void refusesWhatIsNamedAndIsNoNginx() {
    assertThatThrownBy(() -> choose(Map.of("SWIFTDEPLOY_NGINX", "/bin/true")))
        .isInstanceOf(PlatformException.class)
        .hasMessage("SWIFTDEPLOY_NGINX=/bin/true is not an nginx that runs");
  }

  @ParameterizedTest
  @CsvSource({"nginx, ''", "embedded, nginx version: nginx/1.28.0"})
  void theOneThatRunsStays(String kind, String onPath) throws IOException {
    Path path = onPath.isEmpty() ? temporary : program(onPath).getParent();
    Path folder = temporary.resolve("state").resolve(kind);
    DetachedProcess running =
        DetachedProcess.start(
            List.of("/bin/sleep", "60"),
            Map.of(),
            temporary,
            folder.resolve("log"),
            folder.resolve(StateFolder.PID_FILE));
    try {
      assertThat(choose(Map.of("PATH", path.toString())).name()).isEqualTo(kind);
    } finally {
      running.signal(DetachedProcess.Signal.KILL);
    }
  }

  private Proxy choose(Map<String, String> environment) {
    return Proxies.choose(
        temporary.resolve("state"), ListenAddress.LOOPBACK, environment, CrashPoints.NONE);
  }

  private Path program(String says) throws IOException {
    Path program = Files.createDirectories(temporary.resolve("bin")).resolve("nginx");
    Files.writeString(program, "#!/bin/sh\necho '" + says + "' >&2\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program;
  }
}
