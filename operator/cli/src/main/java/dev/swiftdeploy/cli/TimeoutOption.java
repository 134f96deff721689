package dev.swiftdeploy.cli;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How long a command waits. */
final class TimeoutOption {
  private int seconds = 600;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "Wait at most so long. Default: ${DEFAULT-VALUE}")
  void waitAtMost(int given) {
    if (given < 1) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(), given + " is no time to wait");
    }
    seconds = given;
  }

  Duration atMost() {
    return Duration.ofSeconds(seconds);
  }
}
