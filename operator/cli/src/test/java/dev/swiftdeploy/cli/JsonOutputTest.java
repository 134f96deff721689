package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.local.proxy.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code -o json} prints of a manifest that nothing runs of yet, compared with files beside
 * this test: its shape is what scripts rely on. With {@code -Dgolden=write} they are written anew;
 * read the difference.
 */
class JsonOutputTest {
  private static final Path GOLDEN = Path.of("src/test/resources/dev/swiftdeploy/cli");
  private static final Path POLICIES = Path.of("../../policies");

  @TempDir Path folder;
  private int port;

  @BeforeEach
  void manifest() throws IOException {
    // Not one of those that connections on their way out get: that would be taken again at once.
    int first = ThreadLocalRandom.current().nextInt(20_000, 30_000);
    port = FreePort.from(first, Set.of()).orElseThrow();
    write("sleep");
    try (Stream<Path> files = Files.walk(POLICIES)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve("policies").resolve(POLICIES.relativize(file).toString()));
      }
    }
    Path data = folder.resolve("policies/data.json");
    Files.writeString(
        data,
        Files.readString(data)
            .replaceAll("(\"max_load_per_cpu\": *)[0-9.]+", "$11000")
            .replaceAll("(\"max_memory_used_percent\": *)[0-9.]+", "$1100")
            .replaceAll("(\"min_disk_free_gb\": *)[0-9.]+", "$10"));
  }

  private void write(String program) throws IOException {
    Files.writeString(
        folder.resolve("manifest.yaml"),
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: demo}
        spec:
          services: {image: "demo:1.0.0", command: [%s, "100"], version: "1.0.0"}
          nginx: {port: %d}
          policy: {directory: policies}
        """
            .formatted(program, port));
  }

  /** Without what differs from machine to machine and from policy to policy. */
  private String steady(String text) {
    return text.replace(folder.toString(), "FOLDER")
        .replaceAll("\\b[0-9a-f]{64}\\b", "SHA256")
        .replaceAll("\\b[0-9a-f]{12}\\b", "ID")
        .replaceAll("\\b" + port + "\\b", "PORT")
        .replaceAll("\"(embedded|nginx[^\"]*)\"", "\"ENGINE\"");
  }

  private void isGolden(String name, String actual) throws IOException {
    Path file = GOLDEN.resolve(name);
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(file, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"validate", "plan", "status"})
  void ofAManifestThatNothingRunsOf(String command) throws IOException {
    Ran ran = Ran.in(folder, command, "-o", "json");
    assertThat(ran.err()).isEmpty();
    isGolden(command + ".json", steady(ran.out()));
    assertThat(ran.exit()).isEqualTo(Exit.DONE);
    assertThat(folder.resolve("history.jsonl")).doesNotExist();
    assertThat(folder.resolve(".swiftdeploy")).doesNotExist();
  }

  @Test
  void aCheckThatFailsComesWithItsFix() throws IOException {
    write("no-such-program");
    Ran ran = Ran.in(folder, "validate", "-o", "JSON");
    JsonNode checks = Json.MAPPER.readTree(ran.out());
    assertThat(checks.get(2).toString())
        .isEqualTo(
            "{\"name\":\"demo: what is to run exists\",\"passed\":false,\"detail\":\"manifest.yaml:5:44: no-such-program is not on the PATH\",\"fix\":\"install it, or name the program by its path in services.command\"}");
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
  }

  @Test
  void aPortThatSomebodyElseHasIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      Ran ran = Ran.in(folder, "validate");
      assertThat(ran.out())
          .containsPattern(
              "FAIL  demo: the proxy's port is free, or ours \\(port "
                  + taken.getLocalPort()
                  + " is taken by .+\\)\\. Fix: stop what listens there, or ");
      assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    }
  }

  @Test
  void policyThatBlocksIsAnExitCodeOfItsOwn() throws IOException {
    Path data = folder.resolve("policies/data.json");
    Files.writeString(
        data, Files.readString(data).replaceAll("(\"min_disk_free_gb\": *)[0-9.]+", "$1900000"));
    Ran ran = Ran.in(folder, "plan");
    assertThat(ran.out())
        .startsWith("demo  first-deploy: ")
        .containsPattern(
            "policy would say BLOCKED: Disk below threshold: [0-9.]+ GB free, 900000 GB required");
    assertThat(ran.exit()).isEqualTo(Exit.BLOCKED);
  }

  @Test
  void policyThatCanNotBeAskedIsAnother() throws IOException {
    Files.writeString(folder.resolve("policies/data.json"), "{");
    Ran ran = Ran.in(folder, "plan", "-o", "json");
    assertThat(Json.MAPPER.readTree(ran.out()).get(0).get("verdict").asText())
        .isEqualTo("unavailable");
    assertThat(ran.exit()).isEqualTo(Exit.UNAVAILABLE);
  }

  @Test
  void theVersion() throws IOException {
    JsonNode version = Json.MAPPER.readTree(Ran.of("version", "-o", "json").out());
    assertThat(version.fieldNames()).toIterable().containsExactly("swiftdeploy", "java");
    assertThat(Ran.of("version").out())
        .isEqualTo(
            "swiftdeploy %s (Java %s)\n"
                .formatted(version.get("swiftdeploy").asText(), version.get("java").asText()));
    assertThat(Ran.of("--version").out())
        .isEqualTo("swiftdeploy " + version.get("swiftdeploy").asText() + "\n");
  }
}
