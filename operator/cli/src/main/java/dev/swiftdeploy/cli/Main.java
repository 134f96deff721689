package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.platform.PlatformException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** {@code swiftdeploy}. */
@Command(
    name = "swiftdeploy",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    header = "Ships nothing without a recorded permission.",
    description = {
      "%nA manifest declares what should run; SwiftDeploy makes it so, asks policy before every"
          + " change of workloads or traffic, and keeps every answer in an audit chain.%n"
    },
    subcommands = {
      InitCommand.class,
      ValidateCommand.class,
      PlanCommand.class,
      RunCommand.class,
      DeployCommand.class,
      PromoteCommand.class,
      RollbackCommand.class,
      StatusCommand.class,
      ExplainCommand.class,
      AuditCommand.class,
      TeardownCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class,
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy init                  write a commented manifest.yaml",
      "  swiftdeploy validate              check it, and this machine",
      "  swiftdeploy run                   run it here; Ctrl-C stops the service in order",
      "  swiftdeploy deploy                run it in the background, wait until it serves",
      "  swiftdeploy status -o json        how it stands",
      "",
      "Exit codes: 0 done, 1 failed, 2 usage, 3 blocked by policy, 4 policy unavailable, 5 locked."
    })
public final class Main {

  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    PrintWriter out =
        new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
    PrintWriter err =
        new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
    boolean colour = Terminal.colourWanted();
    Terminal terminal = new Terminal(out, err, colour);
    CommandLine line = new CommandLine(new Main(), new Factory(terminal));
    line.setOut(out);
    line.setErr(err);
    line.setColorScheme(CommandLine.Help.defaultColorScheme(colour ? Ansi.ON : Ansi.OFF));
    line.setParameterExceptionHandler((e, a) -> misused(e, terminal));
    line.setExecutionExceptionHandler((e, cmd, parsed) -> failed(e, terminal));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    if (args.length == 0) {
      line.usage(err);
      return Exit.USAGE;
    }
    return line.execute(args);
  }

  private static int misused(ParameterException e, Terminal terminal) {
    terminal.talk("swiftdeploy: " + e.getMessage());
    terminal.talk("See: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
    return Exit.USAGE;
  }

  private static int failed(Exception e, Terminal terminal) throws Exception {
    if (e instanceof CommandFailure failure) {
      terminal.talk("swiftdeploy: " + failure.getMessage());
      if (!failure.next().isEmpty()) {
        terminal.talk("  " + failure.next());
      }
      return failure.exitCode();
    }
    if (e instanceof AuditException) {
      terminal.talk("swiftdeploy: " + e.getMessage());
      return Exit.FAILED;
    }
    if (e instanceof PlatformException platform) {
      terminal.talk("swiftdeploy: " + e.getMessage());
      terminal.talk("  " + platform.fix());
      return Exit.FAILED;
    }
    throw e;
  }

  /** Gives commands the terminal that they write to. */
  private record Factory(Terminal terminal) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      try {
        return type.getDeclaredConstructor(Terminal.class).newInstance(terminal);
      } catch (NoSuchMethodException e) {
        return CommandLine.defaultFactory().create(type);
      }
    }
  }
}
