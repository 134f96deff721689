package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Artifact;
import java.io.IOException;
import java.nio.file.Path;

/** Artifacts of which no copy is made. */
record UnkeptArtifacts(FileHashes hashes) implements Artifacts {
  @Override
  public Artifact artifact(Path source, String path) throws NoArtifact {
    try {
      JarFiles.requireWhole(source, path);
      return new Artifact(path, hashes.stable(source, path));
    } catch (IOException e) {
      throw new NoArtifact(
          path + " can't be read: " + e.getMessage(), "make it readable for this user");
    }
  }
}
