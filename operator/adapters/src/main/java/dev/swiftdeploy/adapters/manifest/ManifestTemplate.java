package dev.swiftdeploy.adapters.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The commented manifest that {@code swiftdeploy init} writes. */
public final class ManifestTemplate {
  public static final String TEXT = load();

  private ManifestTemplate() {}

  private static String load() {
    try (InputStream in =
        Objects.requireNonNull(ManifestTemplate.class.getResourceAsStream("manifest.yaml"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
