package dev.swiftdeploy.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/** {@code swiftdeploy version}. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Prints the version of SwiftDeploy and of the Java that runs it.",
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy version", "  swiftdeploy version -o json"})
final class VersionCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private OutputOption output = new OutputOption();

  VersionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** What {@code version -o json} prints. */
  record Versions(String swiftdeploy, String java) {}

  @Override
  public Integer call() {
    Versions versions = new Versions(version(), Runtime.version().toString());
    terminal.data(
        output.json()
            ? OutputOption.render(versions)
            : "swiftdeploy " + versions.swiftdeploy() + " (Java " + versions.java() + ")\n");
    return Exit.DONE;
  }

  static String version() {
    @Nullable String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  /** For {@code --version}. */
  static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"swiftdeploy " + version()};
    }
  }
}
