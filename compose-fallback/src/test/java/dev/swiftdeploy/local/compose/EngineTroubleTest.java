package dev.swiftdeploy.local.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.platform.PlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineTroubleTest {
  @TempDir Path temp;

  /** What docker and Compose really print. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running? | the Docker engine does not run | start it
          error during connect: Get "http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.47/version": open | the Docker engine does not run | start it
          permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://x": dial unix: connect: permission denied | this user may not use the Docker engine | group docker
          docker: 'compose' is not a docker command. | Docker has no Compose v2 | docker-compose-plugin
          unknown flag: --short | Docker has no Compose v2 | docker-compose-plugin
          unknown shorthand flag: 'p' in -p | Docker has no Compose v2 | docker-compose-plugin
          docker: unknown command: docker compose | Docker has no Compose v2 | old docker-compose command alone does not do
          Error response from daemon: driver failed programming external connectivity on endpoint nginx: Bind for 0.0.0.0:8080 failed: port is already allocated | port 8080 is taken | nginx.port
          driver failed: Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use | port 80 is taken | nginx.port
          Error: No such image: app:1.0.0 | the image app:1.0.0 is not in the Docker engine, and can't be pulled | docker pull app:1.0.0
          pull access denied for shop, repository does not exist | the image shop is not in the Docker engine, and can't be pulled | docker pull shop
          network shop was found but has incorrect label com.docker.compose.network set to "" (expected: "service") | the network shop is there, and was not made for this | docker network rm shop
          write /x: no space left on device | the Docker engine's disk is full | docker system df
          something: nobody knows | could not start nginx: something: nobody knows | tried again
          """)
  void isOneSentenceAndTheFix(String said, String message, String fix) {
    PlatformException trouble = EngineTrouble.of("start nginx", said);

    assertThat(trouble).hasMessage(message);
    assertThat(trouble.fix()).contains(fix);
  }

  /** A docker command that answers so to everything. */
  private Engine engine(String script) throws IOException {
    Path program = Files.writeString(temp.resolve("docker"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new Engine(new Docker(Map.of(Docker.PROGRAM, program.toString(), "PATH", "/bin")));
  }

  @Test
  void aComposeOfVersionOneIsTooOld() throws IOException {
    assertThatThrownBy(() -> engine("echo 1.29.2").requireReady())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.fix()).contains("docker-compose-plugin"))
        .hasMessage("Compose 1.29.2 is too old");
    assertThat(engine("echo 2.40.3").requireReady()).isEqualTo("2.40.3");
    assertThat(engine("echo v5.0.0").requireReady()).isEqualTo("v5.0.0");
  }

  @Test
  void withoutADockerCommandItSaysSo() {
    Engine none =
        new Engine(new Docker(Map.of(Docker.PROGRAM, temp.resolve("nothing").toString())));

    assertThatThrownBy(none::requireReady)
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.fix()).contains("install Docker"))
        .hasMessageContaining("there is no docker command");
  }

  @Test
  void anEngineThatDoesNotAnswerIsNeverTakenForOneWithoutContainers() throws IOException {
    Engine engine = engine("echo 'Cannot connect to the Docker daemon' >&2; exit 1");

    assertThatThrownBy(() -> engine.containers("demo")).hasMessageContaining("does not run");
    assertThatThrownBy(() -> engine.image("app:1")).hasMessageContaining("does not run");
    assertThat(engine("echo 'Error: No such image: app:1' >&2; exit 1").image("app:1")).isEmpty();
    assertThat(engine("true").containers("demo")).isEqualTo(List.of());
  }
}
