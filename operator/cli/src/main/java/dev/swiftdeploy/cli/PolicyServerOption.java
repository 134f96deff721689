package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a policy server that the manifest names may decide. */
final class PolicyServerOption {
  @Option(
      names = "--accept-policy-server",
      paramLabel = "URL",
      description =
          "The OPA of this URL may decide where a manifest names it. Remembered for your account;"
              + " its records say unverified.")
  private @Nullable String url;

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

  /** Remembers what was accepted, if anything was. */
  void remember() throws IOException {
    if (url == null) {
      if (token != null || ca != null) {
        throw new CommandFailure(
            Exit.USAGE,
            "a token or certificates, and no policy server",
            "name it: --accept-policy-server URL");
      }
      return;
    }
    try {
      new PolicyServer(Spec.Policy.checkedUrl(url), absolute(token), absolute(ca))
          .accept(PolicyServer.file(System.getenv()));
    } catch (InvalidValue e) {
      throw new CommandFailure(Exit.USAGE, String.valueOf(e.getMessage()), "");
    }
  }

  private static Optional<String> absolute(@Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      throw new CommandFailure(Exit.USAGE, file + " can't be read", "name a file that is there");
    }
    return Optional.ofNullable(file).map(f -> f.toAbsolutePath().normalize().toString());
  }
}
