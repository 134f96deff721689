package dev.swiftdeploy.local.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a docker command that tells what is written into a pipe, and notes what it was asked. */
class EngineEventsTest {
  private static final Duration SETTLING = Duration.ofMillis(200);

  @TempDir Path temp;
  private RandomAccessFile events;
  private Engine engine;

  @BeforeEach
  void listen() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", temp.resolve("events").toString()).start().waitFor())
        .isZero();
    events = new RandomAccessFile(temp.resolve("events").toFile(), "rw"); // waits for no reader
    Files.writeString(temp.resolve("asked"), "");
    Path program =
        Files.writeString(
            temp.resolve("docker"),
            """
            #!/bin/sh
            echo "$1" >>%1$s/asked
            case $1 in events) echo $$ >%1$s/pid.new; mv %1$s/pid.new %1$s/pid; exec cat %1$s/events ;; esac
            """
                .formatted(temp));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    Docker docker = new Docker(Map.of(Docker.PROGRAM, program.toString(), "PATH", "/bin:/usr/bin"));
    engine = listening(docker, Duration.ofMinutes(1));
  }

  private static Engine listening(Docker docker, Duration longest) {
    EngineEvents.Patience patience =
        new EngineEvents.Patience(SETTLING, longest, Duration.ofMillis(50));
    return new Engine(docker, Optional.of(new EngineEvents(docker, "demo", patience)));
  }

  @AfterEach
  void end() throws IOException {
    engine.close();
    events.close();
  }

  private long asked() {
    try {
      return Files.readString(temp.resolve("asked")).lines().filter("ps"::equals).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Asks until an answer was reused. */
  private void comesToRest() {
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              long before = asked();
              engine.containers("demo");
              return asked() == before;
            });
  }

  /** Heard by who listens, also if the command has not opened the pipe yet. */
  private void happens(String line) throws IOException {
    events.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void isAskedAnew() {
    long before = asked();
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              engine.containers("demo");
              return asked() > before;
            });
  }

  @Test
  void anAnswerIsReusedUntilSomethingHappens() throws IOException {
    comesToRest();
    happens("container demo");
    isAskedAnew();

    comesToRest();
    happens("network ");
    isAskedAnew();

    comesToRest();
    engine.removeNetwork("net"); // by us: nobody waits for the event
    long before = asked();
    engine.containers("demo");
    assertThat(asked()).isEqualTo(before + 1);
  }

  @Test
  void whatOthersDoWithTheirContainersIsNoChange() throws IOException {
    comesToRest();
    happens("container other");
    happens("container ");
    long before = asked();

    for (int i = 0; i < 20; i++) {
      engine.containers("demo");
    }

    assertThat(asked()).isEqualTo(before);
  }

  @Test
  void whenNothingIsHeardAnyMoreEverythingIsAsked() throws IOException {
    comesToRest();
    long pid = Long.parseLong(Files.readString(temp.resolve("pid")).strip());
    ProcessHandle.of(pid).orElseThrow().destroy();
    isAskedAnew();

    comesToRest(); // it listens again
  }

  @Test
  void closedItListensNoMore() throws IOException {
    comesToRest();
    long pid = Long.parseLong(Files.readString(temp.resolve("pid")).strip());
    engine.close();

    await().until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    isAskedAnew();
  }

  @Test
  void nothingIsReusedForLong() {
    engine.close();
    Docker docker =
        new Docker(
            Map.of(Docker.PROGRAM, temp.resolve("docker").toString(), "PATH", "/bin:/usr/bin"));
    engine = listening(docker, SETTLING.multipliedBy(10));
    comesToRest();

    isAskedAnew();
  }
}
