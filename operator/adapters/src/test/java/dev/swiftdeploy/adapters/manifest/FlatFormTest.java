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

  private static List<Path> manifests() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @TestFactory
  Stream<DynamicTest> publicShapes() throws IOException {
    assertThat(manifests()).hasSizeGreaterThanOrEqualTo(28);
    return manifests().stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  /** What an editor does to a file says nothing. */
  @TestFactory
  Stream<DynamicTest> publicShapesOfOtherEditors() throws IOException {
    return manifests().stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString(),
                    () -> {
                      String text = Files.readString(file);
                      String read = read(text);
                      assertThat(read(text.replace("\n", "\r\n"))).isEqualTo(read);
                      assertThat(read(text.stripTrailing())).isEqualTo(read);
                      assertThat(read("\uFEFF" + text)).isEqualTo(read);
                      assertThat(read(text.replaceFirst("\n", "\r\n"))).isEqualTo(read);
                      assertThat(read(text.replace("\n", "   \n"))).isEqualTo(read);
                    }));
  }

  private static String read(String text) {
    return Rendered.text(
        ManifestReader.read(text.getBytes(StandardCharsets.UTF_8), "manifest.yaml", "My Folder"));
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
