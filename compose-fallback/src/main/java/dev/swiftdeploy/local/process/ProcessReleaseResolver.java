package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Artifact;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.release.Resolution.Resolved;
import dev.swiftdeploy.core.release.Resolution.Unresolved;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Resolves a command for this machine: its program must be there, and every file below the
 * manifest's folder that it names is hashed and copied, and is run from its copy. {@link
 * CommandFiles} says what counts as naming one. The program itself, when it is found on the PATH,
 * is the machine's and not part of a release; nor is what a program finds in its working folder,
 * which is the manifest's.
 */
public final class ProcessReleaseResolver implements ReleaseResolver {
  private static final EnvName PATH = EnvName.of("PATH");

  private final Path folder;
  private final CommandFiles files;
  private final Artifacts artifacts;
  private final Map<String, String> environment;

  /**
   * @param folder the manifest's
   * @param artifacts {@link Artifacts#unkept} for those who only ask what would be released
   * @param environment of this process: PATH is where programs are looked up
   */
  public ProcessReleaseResolver(Path folder, Artifacts artifacts, Map<String, String> environment) {
    this.folder = folder.toAbsolutePath().normalize();
    this.files = new CommandFiles(folder);
    this.artifacts = artifacts;
    this.environment = Map.copyOf(environment);
  }

  @Override
  public Resolution resolve(Spec.Services services) {
    Optional<Unresolved> unfit = checkCommand(services).or(() -> checkProgram(services));
    if (unfit.isPresent()) {
      return unfit.get();
    }
    List<Artifact> kept = new ArrayList<>();
    for (CommandFiles.Named named : files.named(services.command())) {
      if (named.kind() == CommandFiles.Kind.MISSING) {
        return missing(named);
      } else if (named.kind() == CommandFiles.Kind.OUTSIDE) {
        return new Unresolved(
            named.text() + " leads out of the manifest's folder",
            "put the file itself below " + folder + ", and name it relative to that");
      } else if (kept.stream().noneMatch(a -> a.path().equals(named.path()))) {
        try {
          kept.add(artifacts.artifact(folder.resolve(named.path()), named.path()));
        } catch (Artifacts.NoArtifact e) {
          return new Unresolved(String.valueOf(e.getMessage()), e.fix());
        }
      }
    }
    return new Resolved(release(services, kept));
  }

  private static Release release(Spec.Services services, List<Artifact> artifacts) {
    return new Release(
        services.image(),
        Optional.empty(),
        services.version(),
        services.command(),
        artifacts,
        services.port(),
        services.env(),
        services.resources(),
        services.health(),
        services.restartPolicy());
  }

  private static Optional<Unresolved> checkCommand(Spec.Services services) {
    if (services.command().isEmpty() || services.command().get(0).isBlank()) {
      return Optional.of(
          new Unresolved(
              "services.command is missing: on this machine a command is run, not an image",
              "write one under services, such as command: [java, -jar, app/target/app.jar]"));
    }
    return Optional.empty();
  }

  private Optional<Unresolved> checkProgram(Spec.Services services) {
    String program = services.command().get(0);
    if (program.indexOf('/') < 0) {
      String path =
          Optional.ofNullable(services.env().get(PATH))
              .or(() -> Optional.ofNullable(environment.get("PATH")))
              .orElse("/usr/bin:/bin");
      return DetachedProcess.onPath(program, path).isPresent()
          ? Optional.empty()
          : Optional.of(
              new Unresolved(
                  program + " is not on the PATH",
                  "install it, or name the program by its path in services.command"));
    }
    Path file = folder.resolve(program);
    if (!Files.isRegularFile(file)) {
      return Optional.of(
          missing(new CommandFiles.Named(program, CommandFiles.Kind.MISSING, program)));
    }
    return Files.isExecutable(file)
        ? Optional.empty()
        : Optional.of(new Unresolved(program + " is not executable", "chmod +x " + program));
  }

  private Unresolved missing(CommandFiles.Named named) {
    return new Unresolved(named.text() + " does not exist", BuildAdvice.of(folder, named.path()));
  }
}
