package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Manifests in the shapes that public ones have, each with all that is read from it and said about
 * it. With {@code -Dgolden=write} the expectations are written anew; read the difference.
 */
class FlatFormTest {
  private static final Path CASES =
      Path.of("src/test/resources/dev/swiftdeploy/adapters/manifest/flat");

  @TestFactory
  Stream<DynamicTest> publicShapes() throws IOException {
    List<Path> manifests;
    try (Stream<Path> files = Files.list(CASES)) {
      manifests = files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    assertThat(manifests).hasSizeGreaterThanOrEqualTo(20);
    return manifests.stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  private static void check(Path file) throws IOException {
    Path expected = Path.of(file.toString().replace(".yaml", ".txt"));
    String actual =
        Rendered.text(ManifestReader.read(Files.readAllBytes(file), "manifest.yaml", "My Folder"));
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(expected, actual, StandardCharsets.UTF_8);
    }
    assertThat(actual).isEqualTo(Files.readString(expected));
  }
}
