package dev.swiftdeploy.cli;

import dev.swiftdeploy.local.daemon.Workspace;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which manifest a command is about. */
final class ManifestOption {
  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      defaultValue = "manifest.yaml",
      description = "The manifest. Default: ${DEFAULT-VALUE}")
  private Path file = Path.of("manifest.yaml");

  @Option(
      names = "--resource",
      paramLabel = "NAME",
      description = "Which resource, where the manifest holds several.")
  private @Nullable String resource;

  Workspace workspace() {
    if (file.toAbsolutePath().normalize().getParent() == null) {
      throw new CommandFailure(
          Exit.USAGE, file + " is no manifest", "name one: swiftdeploy … -f manifest.yaml");
    }
    return new Workspace(file);
  }

  @Nullable String resource() {
    return resource;
  }
}
