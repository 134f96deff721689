package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.ForeignOpaEngine;
import dev.swiftdeploy.adapters.policy.OpaConnection;
import dev.swiftdeploy.adapters.policy.OpaHost;
import dev.swiftdeploy.adapters.policy.OpaSidecar;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.adapters.policy.PolicySource;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Spec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who judges the resources of an operator, and with which policies. */
final class OperatorPolicyOptions {
  /** OPA asks for a newer policy every second or two. */
  private static final Duration SIDECAR_PATIENCE = Duration.ofSeconds(10);

  /** Who judges. */
  enum Engine {
    embedded,
    opa
  }

  @Option(
      names = "--policies",
      paramLabel = "DIR",
      description = "The policies that decide. Default: those that come with SwiftDeploy")
  private @Nullable Path policies;

  @Option(
      names = "--policy-engine",
      paramLabel = "ENGINE",
      defaultValue = "embedded",
      description = "embedded, or opa: an OPA server of the operator's own. Default: embedded")
  private Engine engine = Engine.embedded;

  @Option(
      names = "--opa-sidecar",
      paramLabel = "URL",
      description =
          "The operator's own OPA is the one that answers there, beside it in its pod; it fetches"
              + " its policies from --opa-bundles. With --policy-engine opa")
  private @Nullable String sidecar;

  @Option(
      names = "--opa-bundles",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8282",
      description = "Where that OPA fetches /bundle.tar.gz. Default: ${DEFAULT-VALUE}")
  private String bundles = "";

  @Option(
      names = "--policy-server",
      paramLabel = "URL",
      description =
          "This OPA server decides, in place of both. Its policies are not known to be ours: its"
              + " records say unverified.")
  private @Nullable String server;

  @Mixin private PolicyServerTrust trust = new PolicyServerTrust();

  /**
   * Who judges.
   *
   * @param used where each policy is kept before it decides; empty: its policies are not known
   */
  record Judge(PolicyEngine engine, Optional<PolicyArchive> used) {}

  /**
   * Opens who is asked for. What the options say is checked before anything is opened.
   *
   * @param last the policy that decided before this process, asked for where what is named can't be
   *     used
   * @throws CommandFailure if they contradict each other, or name what is not there
   */
  Judge open(Supplier<Optional<PolicyBundle>> last) throws IOException {
    if (server != null) {
      return new Judge(foreign(server), Optional.empty());
    }
    trust.unused("--policy-server");
    if (sidecar != null && engine != Engine.opa) {
      throw usage("--opa-sidecar, and the engine is embedded", "add --policy-engine opa");
    }
    Path directory = policies == null ? PolicyEngines.shipped() : policies;
    if (!Files.isDirectory(directory)) {
      throw usage(directory + " is no folder of policies", "name one: --policies DIR");
    }
    PolicyArchive used = PolicyEngines.temporaryArchive();
    PolicySource.Options source = PolicyEngines.compiling().withArchive(used).withLast(last);
    return new Judge(
        engine == Engine.embedded
            ? new EmbeddedPolicyEngine(directory, PolicyEngines.embedded().withSource(source))
            : new OwnOpaEngine(directory, host(), OwnOpaEngine.Options.DEFAULTS.withSource(source)),
        Optional.of(used));
  }

  private OpaHost host() throws IOException {
    if (sidecar == null) {
      return PolicyEngines.temporaryProcesses();
    }
    InetSocketAddress address = Addresses.listening("--opa-bundles", bundles, "127.0.0.1:8282");
    return new OpaSidecar(
        OpaConnection.to(checked("--opa-sidecar", sidecar)), address, SIDECAR_PATIENCE);
  }

  private PolicyEngine foreign(String url) {
    if (sidecar != null) {
      throw usage("--policy-server and --opa-sidecar", "only one of them can decide");
    }
    return new ForeignOpaEngine(trust.server(checked("--policy-server", url)).connection());
  }

  private static String checked(String option, String url) {
    try {
      return Spec.Policy.checkedUrl(url);
    } catch (InvalidValue e) {
      throw usage(option + ": " + e.getMessage(), "");
    }
  }

  private static CommandFailure usage(String what, String next) {
    return new CommandFailure(Exit.USAGE, what, next);
  }
}
