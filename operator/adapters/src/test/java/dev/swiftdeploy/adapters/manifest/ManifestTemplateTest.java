package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What SwiftDeploy itself brings along reads back without a word. */
class ManifestTemplateTest {
  private static ManifestResult.Manifest read(byte[] content) {
    ManifestResult result = ManifestReader.read(content, "manifest.yaml", "folder");
    assertThat(result.problems()).isEmpty();
    return (ManifestResult.Manifest) result;
  }

  @Test
  void theTemplate() {
    byte[] content = ManifestTemplate.TEXT.getBytes(StandardCharsets.UTF_8);
    assertThat(read(content).resources()).hasSize(1);
  }

  /** Each line that is commented out is one that can be written. */
  @Test
  void theTemplateWithAllThatItOffers() {
    String all =
        ManifestTemplate.TEXT
            .lines()
            .filter(
                line ->
                    !line.strip()
                        .equals(
                            "steps: [] # none: a new release takes all traffic at once, after it proved healthy"))
            .map(line -> line.replaceFirst("^( *)# (?=( {2})?[a-zA-Z]+: ?[\\[{a-z]|policy:)", "$1"))
            .collect(Collectors.joining("\n", "", "\n"));
    Spec spec = read(all.getBytes(StandardCharsets.UTF_8)).resources().get(0).spec();
    assertThat(spec.canary().steps()).hasSize(3);
    assertThat(spec.canary().probe()).isPresent();
    assertThat(spec.services().env()).isNotEmpty();
    assertThat(spec.policy().directory()).contains("policies");
    assertThat(spec.policy().thresholds()).containsOnlyKeys("min_disk_free_gb");
  }

  @Test
  void theManifestOfThisRepository() throws IOException {
    Spec spec = read(Files.readAllBytes(Path.of("../../manifest.yaml"))).resources().get(0).spec();
    assertThat(spec.nginx().port().number()).isEqualTo(8080);
    assertThat(spec.services().command()).startsWith("java").endsWith("app/target/app.jar");
    assertThat(spec.policy().directory()).contains("policies");
  }
}
