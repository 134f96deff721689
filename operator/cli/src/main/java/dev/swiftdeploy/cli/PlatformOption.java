package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a manifest's service runs. */
final class PlatformOption {
  @Option(
      names = "--platform",
      paramLabel = "PLATFORM",
      description =
          "compose (containers) or process; chosen once. Default: compose where a Docker engine"
              + " has the image.")
  private @Nullable String platform;

  PlatformChoice choice(Workspace workspace) {
    return new PlatformChoice(workspace, Optional.ofNullable(platform).map(PlatformOption::kind));
  }

  private static PlatformKind kind(String word) {
    for (PlatformKind kind : PlatformKind.values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw new CommandFailure(
        Exit.USAGE, word + " is not a platform of this machine", "name compose or process");
  }

  /** Chooses, and remembers it. */
  PlatformKind remember(Workspace workspace, List<Resource> resources) throws IOException {
    return choice(workspace).remember(resources);
  }
}
