package dev.swiftdeploy.adapters.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Notices changes of a policies directory: looking costs a walk, reading only follows a change. */
final class PolicyWatch {
  private final Path directory;
  private @Nullable PolicyFiles seen;
  private boolean settled;

  PolicyWatch(Path directory) {
    this.directory = directory;
  }

  /** What the directory holds, if it may have changed since the last call. */
  Optional<PolicyBundle.Read> changed() {
    PolicyFiles now = null;
    try {
      now = PolicyFiles.in(directory);
    } catch (IOException e) {
      // reading will say what is wrong
    }
    if (now != null && now.equals(seen) && settled) {
      return Optional.empty();
    }
    seen = now;
    settled = now != null && now.settledAt(Instant.now());
    return Optional.of(PolicyBundle.read(directory));
  }

  /** The next call reads again. */
  void lookAgain() {
    settled = false;
  }
}
