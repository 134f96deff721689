package dev.swiftdeploy.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a policy server knows who asks, and how it is known by whoever asks it. */
final class PolicyServerTrust {
  @Option(
      names = "--policy-server-token",
      paramLabel = "FILE",
      description = "Holds the bearer token for it; read for each question.")
  private @Nullable Path token;

  @Option(
      names = "--policy-server-ca",
      paramLabel = "FILE",
      description = "PEM certificates of its authority, in place of the usual ones.")
  private @Nullable Path ca;

  /**
   * That server, to be asked so.
   *
   * @throws CommandFailure if a file can't be read
   */
  PolicyServer server(String url) {
    return new PolicyServer(url, readable(token), readable(ca));
  }

  /**
   * Without a server there is nothing to trust.
   *
   * @param option that names one
   * @throws CommandFailure if a token or certificates are given
   */
  void unused(String option) {
    if (token != null || ca != null) {
      throw new CommandFailure(
          Exit.USAGE,
          "a token or certificates, and no policy server",
          "name it: " + option + " URL");
    }
  }

  private static Optional<String> readable(@Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      throw new CommandFailure(Exit.USAGE, file + " can't be read", "name a file that is there");
    }
    return Optional.ofNullable(file).map(f -> f.toAbsolutePath().normalize().toString());
  }
}
