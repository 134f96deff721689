package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.adapters.manifest.Problem;
import dev.swiftdeploy.adapters.manifest.Severity;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.local.daemon.Workspace;
import java.nio.file.Files;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the manifest for commands, and says in the command's words what is wrong with it. */
final class Manifests {
  private Manifests() {}

  /** All resources; warnings are told. Notes, of what is as it should be, only by validate. */
  static List<Resource> read(Workspace workspace, Terminal terminal) {
    if (Files.notExists(workspace.manifest())) {
      throw new CommandFailure(
          Exit.FAILED,
          "there is no " + workspace.manifest(),
          "write one with: swiftdeploy init (or name another with -f)");
    }
    ManifestResult result = FileManifestSource.read(workspace);
    if (result instanceof ManifestResult.Invalid invalid) {
      String all = invalid.problems().stream().map(Problem::text).collect(Collectors.joining("\n"));
      throw new CommandFailure(Exit.FAILED, "the manifest can't be taken:\n" + all, "");
    }
    ManifestResult.Manifest manifest = (ManifestResult.Manifest) result;
    manifest.warnings().stream()
        .filter(w -> w.severity() == Severity.WARNING)
        .forEach(w -> terminal.talk(w.text()));
    return manifest.resources();
  }

  /**
   * Or those that it declared last: a broken or missing manifest does not keep anyone from rolling
   * them back or removing them.
   */
  static List<Resource> readKnown(Workspace workspace, Terminal terminal) {
    ManifestResult result =
        Files.exists(workspace.manifest())
            ? FileManifestSource.read(workspace)
            : FileManifestSource.readLastGood(workspace);
    if (result instanceof ManifestResult.Invalid) {
      result = FileManifestSource.readLastGood(workspace);
    }
    if (result instanceof ManifestResult.Manifest manifest) {
      return manifest.resources();
    }
    return read(workspace, terminal);
  }

  /** The one that is meant. */
  static Resource pick(List<Resource> resources, @Nullable String name) {
    if (name == null && resources.size() == 1) {
      return resources.get(0);
    }
    List<ResourceName> names = resources.stream().map(Resource::name).toList();
    if (name == null) {
      throw new CommandFailure(
          Exit.USAGE,
          "the manifest holds several resources: " + listed(names),
          "name one: --resource NAME");
    }
    ResourceName meant = pick(names, name).get(0);
    return resources.stream().filter(r -> r.name().equals(meant)).findFirst().orElseThrow();
  }

  /** The one that is named, or all. */
  static List<ResourceName> pick(Collection<ResourceName> names, @Nullable String name) {
    if (name == null) {
      return List.copyOf(names);
    }
    return names.stream()
        .filter(n -> n.value().equals(name))
        .findFirst()
        .map(List::of)
        .orElseThrow(
            () ->
                new CommandFailure(
                    Exit.USAGE,
                    "there is no resource " + name + " in the manifest",
                    "there is: " + listed(names)));
  }

  private static String listed(Collection<ResourceName> names) {
    return names.stream().map(ResourceName::value).collect(Collectors.joining(", "));
  }
}
