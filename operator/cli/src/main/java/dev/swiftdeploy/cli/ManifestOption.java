package dev.swiftdeploy.cli;

import dev.swiftdeploy.local.daemon.Workspace;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which manifest a command is about. */
final class ManifestOption {
  private static final Path USUAL = Path.of("manifest.yaml");

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The manifest. Default: manifest.yaml")
  private @Nullable Path given;

  @Option(
      names = "--resource",
      paramLabel = "NAME",
      description = "Which resource, where there are several.")
  private @Nullable String resource;

  /** Whether it is named, and not the usual one. */
  boolean given() {
    return given != null;
  }

  Workspace workspace() {
    Path file = given == null ? USUAL : given;
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
