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
  @Mixin private PlatformOption platform = new PlatformOption();

  InitCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    if (Files.notExists(workspace.manifest())) {
      writeTemplate(workspace.manifest());
      return Exit.DONE;
    }
    List<Resource> resources = Manifests.read(workspace, terminal);
    boolean compose = platform.choice(workspace).or(resources) == PlatformKind.COMPOSE;
    List<GeneratedFiles> all =
        resources.stream()
            .map(
                r ->
                    compose
                        ? GeneratedFiles.compose(r, workspace)
                        : GeneratedFiles.process(r, workspace, resources.size()))
            .toList();
    for (GeneratedFiles each : all) { // all, before the first is written
      each.requireOurs();
    }
    for (GeneratedFiles each : all) {
      each.write(terminal);
    }
    return Exit.DONE;
  }

  private void writeTemplate(Path file) throws IOException {
    if (Files.isSymbolicLink(file)) {
      throw new CommandFailure(
          Exit.FAILED,
          file + " is a link to a file that is not there",
          "remove the link, or write the file that it leads to; then run init again");
    }
    Files.writeString(file, ManifestTemplate.TEXT, StandardOpenOption.CREATE_NEW);
    terminal.talk("wrote " + file);
    terminal.talk("  next: edit services.command, then: swiftdeploy validate");
  }
}
