package dev.swiftdeploy.local.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/** A jar that a build has not finished writing must never become a release. */
final class JarFiles {
  private JarFiles() {}

  /** Looks for the table of contents, which stands at the end of a jar and is written last. */
  static void requireWhole(Path file, String name) throws Artifacts.NoArtifact {
    if (!name.endsWith(".jar") && !name.endsWith(".war")) {
      return;
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      if (zip.size() > 0) {
        return;
      }
    } catch (IOException e) {
      // told below: what matters is that it can't be run
    }
    throw new Artifacts.NoArtifact(
        name + " is not a whole jar", "wait until it is built, or build it anew");
  }
}
