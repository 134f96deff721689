package dev.swiftdeploy.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What was rendered and read once. */
final class Goldens {
  private Goldens() {}

  /** Compares; what is there now is kept below {@code target/golden}, to be read. */
  static void check(String name, String actual) {
    Path kept = Path.of("target", "golden", name);
    try (InputStream in = Goldens.class.getResourceAsStream(name)) {
      Files.createDirectories(kept.getParent());
      Files.writeString(kept, actual);
      String expected = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(actual).as("golden %s, now in %s", name, kept).isEqualTo(expected);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
