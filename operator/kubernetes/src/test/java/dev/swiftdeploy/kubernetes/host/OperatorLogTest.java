package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What libraries say goes through the operator's log, and what says nothing new does not. */
class OperatorLogTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @AfterEach
  void giveLibrariesBack() throws Exception {
    LogManager.getLogManager().readConfiguration();
  }

  @Test
  void warningsOfLibrariesAreLinesOfTheLogAndAlphaVersionsAreNone() throws Exception {
    new OperatorLog(new PrintStream(out, true, StandardCharsets.UTF_8), true).takeLibraries();

    LoggerFactory.getLogger("io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils")
        .warn("The client is using resource type '{}' with unstable version '{}'", "a", "v1alpha1");
    LoggerFactory.getLogger("io.fabric8.kubernetes.client.Watcher").warn("cut: {}", "why");

    JsonNode line = Json.MAPPER.readTree(out.toString(StandardCharsets.UTF_8));
    assertThat(line.path("level").asText()).isEqualTo("warning");
    assertThat(line.path("reason").asText()).isEqualTo("Watcher");
    assertThat(line.path("message").asText()).isEqualTo("cut: why");
  }
}
