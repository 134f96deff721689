package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.compose.ComposeReleaseResolver;
import dev.swiftdeploy.local.compose.Docker;
import dev.swiftdeploy.local.compose.Engine;
import dev.swiftdeploy.local.daemon.ManifestLock;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which platform a manifest has: chosen once, remembered in its workspace, changed only when all is
 * torn down.
 *
 * @param asked for this command, whatever is remembered
 */
record PlatformChoice(Workspace workspace, Optional<PlatformKind> asked) {

  static PlatformChoice of(Workspace workspace) {
    return new PlatformChoice(workspace, Optional.empty());
  }

  private Path file() {
    return workspace.state().resolve("platform");
  }

  private Optional<PlatformKind> remembered() {
    try {
      return Files.exists(file())
          ? Optional.of(
              PlatformKind.valueOf(Files.readString(file()).strip().toUpperCase(Locale.ROOT)))
          : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty(); // torn or unreadable: chosen anew, as before
    }
  }

  /** The one that is remembered, or would be chosen for these resources; remembers nothing. */
  PlatformKind or(Collection<Resource> resources) {
    return asked.or(this::remembered).orElseGet(() -> chosenFor(resources));
  }

  private PlatformKind chosenFor(Collection<Resource> resources) {
    return runs() || !engineHasAll(resources) ? PlatformKind.PROCESS : PlatformKind.COMPOSE;
  }

  /** Whether something was delivered and not torn down. */
  private boolean runs() {
    FileHistory history = FileHistory.read(workspace.history());
    return history.records().stream()
        .flatMap(record -> record.resource().stream())
        .distinct()
        .anyMatch(name -> !history.state(name).admitted().nothing());
  }

  private static boolean engineHasAll(Collection<Resource> resources) {
    try {
      Engine engine = new Engine(new Docker(System.getenv()));
      ComposeReleaseResolver resolver = new ComposeReleaseResolver(engine, Clock.systemUTC());
      boolean all =
          resources.stream()
              .map(resource -> resolver.resolve(resource.spec().services()))
              .allMatch(Resolution.Resolved.class::isInstance);
      if (all) {
        engine.requireReady();
      }
      return all && !resources.isEmpty();
    } catch (PlatformException e) {
      return false;
    }
  }

  /**
   * Chooses, and remembers it.
   *
   * @throws CommandFailure if another one was chosen before and is in use, or if the engine that is
   *     asked for can't be used
   */
  PlatformKind remember(List<Resource> resources) throws IOException {
    Optional<PlatformKind> before = remembered();
    PlatformKind kind = or(resources);
    boolean inUse = runs() || ManifestLock.holder(workspace).isPresent();
    PlatformKind present = before.orElse(inUse ? PlatformKind.PROCESS : kind);
    if (kind != present && inUse) {
      throw new CommandFailure(
          Exit.USAGE,
          "this manifest's platform is " + present,
          "to change it: swiftdeploy teardown, then name the other one");
    }
    if (kind == PlatformKind.COMPOSE && before.filter(kind::equals).isEmpty()) {
      requireEngine();
    }
    if (before.filter(kind::equals).isEmpty()) {
      workspace.create();
      Files.writeString(file(), kind.word() + "\n");
    }
    return kind;
  }

  private static void requireEngine() {
    try {
      new Engine(new Docker(System.getenv())).requireReady();
    } catch (PlatformException e) {
      throw new CommandFailure(Exit.FAILED, String.valueOf(e.getMessage()), e.fix());
    }
  }
}
