package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Artifact;
import java.nio.file.Path;
import java.time.Clock;

/** Turns files that a command names into artifacts of a release. */
public sealed interface Artifacts permits ArtifactStore, UnkeptArtifacts {

  /** Only looks: for those who ask what would be released, and change nothing. */
  static Artifacts unkept(Clock clock) {
    return new UnkeptArtifacts(new FileHashes(clock));
  }

  /**
   * The artifact that a file is now.
   *
   * @param source the file
   * @param path how the manifest names it
   */
  Artifact artifact(Path source, String path) throws NoArtifact;

  /** A file can't become one, for a reason that a person can do something about. */
  final class NoArtifact extends Exception {
    private static final long serialVersionUID = 1L;
    private final String fix;

    NoArtifact(String problem, String fix) {
      super(problem);
      this.fix = fix;
    }

    String fix() {
      return fix;
    }
  }
}
