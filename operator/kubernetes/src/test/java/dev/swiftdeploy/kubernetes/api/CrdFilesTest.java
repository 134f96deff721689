package dev.swiftdeploy.kubernetes.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The CRDs in {@code crds/} are those of the resource classes. */
class CrdFilesTest {
  private static final Path CRDS = Path.of("../../crds");
  @TempDir private Path scratch;

  /** With {@code -Dswiftdeploy.generate} it writes them instead: {@code hack/generate crds}. */
  @Test
  void theFilesAreWhatTheClassesSay() throws Exception {
    Map<String, String> generated = CrdFiles.generate(scratch);
    if (Boolean.getBoolean("swiftdeploy.generate")) {
      Files.createDirectories(CRDS);
      for (Map.Entry<String, String> file : generated.entrySet()) {
        Files.writeString(CRDS.resolve(file.getKey()), file.getValue());
      }
    }
    Map<String, String> kept = new TreeMap<>();
    try (Stream<Path> files = Files.list(CRDS)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).toList()) {
        kept.put(file.getFileName().toString(), Files.readString(file));
      }
    }

    assertThat(kept)
        .as("crds/ is stale: run hack/generate crds and commit the result")
        .isEqualTo(generated);
  }
}
