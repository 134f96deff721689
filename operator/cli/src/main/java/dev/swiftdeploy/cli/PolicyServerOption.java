package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Spec;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
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

  @Mixin private PolicyServerTrust trust = new PolicyServerTrust();

  /** Remembers what was accepted, if anything was. */
  void remember() throws IOException {
    if (url == null) {
      trust.unused("--accept-policy-server");
      return;
    }
    try {
      trust.server(Spec.Policy.checkedUrl(url)).accept(PolicyServer.file(System.getenv()));
    } catch (InvalidValue e) {
      throw new CommandFailure(Exit.USAGE, String.valueOf(e.getMessage()), "");
    }
  }
}
