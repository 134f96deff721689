package dev.swiftdeploy.adapters.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads a manifest from its file: its size is looked at first, so that a huge one costs nothing.
 */
public final class ManifestFile {
  private ManifestFile() {}

  /** What is in the file, or why it can't be taken; a file that isn't there can't. */
  public static ManifestResult read(Path file) {
    try {
      Optional<byte[]> content = content(file);
      return content.isPresent()
          ? ManifestReader.read(content.get(), name(file), folder(file))
          : refused(file, ManifestText.tooLarge(Files.size(file)), "a manifest has at most 1 MiB");
    } catch (NoSuchFileException e) {
      return refused(file, "the file is not there", "swiftdeploy init writes one");
    } catch (IOException e) {
      return refused(file, "the file can't be read: " + e.getMessage(), "check its permissions");
    }
  }

  /** Its bytes; empty if there are too many. */
  static Optional<byte[]> content(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(ManifestText.MOST_BYTES + 1);
      return content.length > ManifestText.MOST_BYTES ? Optional.empty() : Optional.of(content);
    }
  }

  private static ManifestResult refused(Path file, String message, String fix) {
    return new ManifestResult.Invalid(
        List.of(new Problem(Severity.ERROR, name(file), 1, 1, "", message, fix)));
  }

  static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  static String folder(Path file) {
    Path parent = file.toAbsolutePath().normalize().getParent();
    return parent == null || parent.getFileName() == null ? "" : parent.getFileName().toString();
  }
}
