package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.manifest.ManifestTemplate;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code swiftdeploy init}. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a commented manifest where there is none; renders the generated files where there"
          + " is one.",
      "",
      "A manifest that is there is never changed. Generated files are written anew: edit the"
          + " manifest instead."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy init", "  swiftdeploy init -f shop.yaml"})
final class InitCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();

  InitCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    if (!Files.exists(workspace.manifest())) {
      Files.writeString(workspace.manifest(), ManifestTemplate.TEXT, StandardOpenOption.CREATE_NEW);
      terminal.talk("wrote " + workspace.manifest());
      terminal.talk("  next: edit services.command, then: swiftdeploy validate");
      return Exit.DONE;
    }
    List<Resource> resources = Manifests.read(workspace, terminal);
    for (Resource resource : resources) {
      Path file = generated(workspace, resource, resources.size());
      Files.writeString(file, Wiring.renderProxyConfiguration(workspace, resource));
      terminal.talk("wrote " + file);
    }
    return Exit.DONE;
  }

  private static Path generated(Workspace workspace, Resource resource, int many) {
    boolean only = many == 1 && workspace.base().equals("manifest");
    return workspace.folder().resolve(only ? "nginx.conf" : resource.name() + ".nginx.conf");
  }
}
