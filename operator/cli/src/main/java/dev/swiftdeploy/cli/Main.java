package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Mode;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

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
      ReplayCommand.class,
      WhatIfCommand.class,
      PolicyCommand.class,
      TeardownCommand.class,
      OperatorCommand.class,
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
    PrintWriter out =
        new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
    PrintWriter err =
        new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
    boolean colour = Terminal.colourWanted(System.getenv(), Boolean.getBoolean("swiftdeploy.tty"));
    System.exit(run(new Terminal(out, err, colour), args));
  }

  /** Runs a command on a terminal; its exit code. */
  static int run(Terminal terminal, String... args) {
    CommandLine line = line(terminal);
    if (args.length == 0) {
      line.usage(line.getErr());
      return Exit.USAGE;
    }
    return line.execute(args);
  }

  /** The commands, bound to a terminal. */
  static CommandLine line(Terminal terminal) {
    CommandLine line = new CommandLine(new Main(), new Factory(terminal));
    line.setOut(terminal.out());
    line.setErr(terminal.err());
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(terminal.colour() ? Ansi.ON : Ansi.OFF));
    line.setParameterExceptionHandler((e, a) -> Failures.misused(e, terminal));
    line.setExecutionExceptionHandler((e, cmd, parsed) -> Failures.failed(e, terminal));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Mode.class, Main::mode);
    return line;
  }

  private static Mode mode(String text) {
    try {
      return Mode.of(text.toLowerCase(Locale.ROOT));
    } catch (InvalidValue e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
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
