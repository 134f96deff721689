package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.spec.InvalidValue;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy operator}. */
@Command(
    name = "operator",
    mixinStandardHelpOptions = true,
    description = {
      "Delivers the SwiftDeploy resources of a Kubernetes cluster.",
      "",
      "Of several operators one leads, and the others wait for its lease. SIGTERM ends it in"
          + " order and gives the lease back; the services run on.",
      "",
      "What policy decides is the operator's matter, not the resources': --policies and"
          + " --policy-engine hold for all of them."
    },
    footerHeading =
        "%nExit codes: 0 ended in order, 1 failed or lost its lease, 2 usage.%n%nExamples:%n",
    footer = {
      "  swiftdeploy operator",
      "  swiftdeploy operator --context staging --namespace shop --log text",
      "  swiftdeploy operator --policies policies --metrics-address 0.0.0.0:9090",
      "  swiftdeploy operator --policy-server http://127.0.0.1:8181"
    })
final class OperatorCommand implements Callable<Integer> {
  /** How it says what happens. */
  enum LogForm {
    json,
    text
  }

  /** Who judges. */
  enum Engine {
    embedded,
    opa
  }

  @Mixin private ContextOption context = new ContextOption();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      split = ",",
      description = "Deliver its resources only; may be repeated. Default: all of the cluster")
  private List<String> namespaces = List.of();

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
      names = "--policy-server",
      paramLabel = "URL",
      description =
          "This OPA server decides, in place of both. Its policies are not known to be ours: its"
              + " records say unverified.")
  private @Nullable String policyServer;

  @Option(
      names = "--policy-server-token",
      paramLabel = "FILE",
      description = "Holds the bearer token for it; read for each question.")
  private @Nullable Path policyToken;

  @Option(
      names = "--policy-server-ca",
      paramLabel = "FILE",
      description = "PEM certificates of its authority, in place of the usual ones.")
  private @Nullable Path policyCa;

  @Option(
      names = "--metrics-address",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:9090",
      description =
          "Where /metrics, /healthz and /readyz are served; none: nowhere."
              + " Default: ${DEFAULT-VALUE}")
  private String address = "";

  @Option(
      names = "--lease-namespace",
      paramLabel = "NAME",
      description = "Where the lease is kept. Default: the context's, in a pod its own")
  private @Nullable String leaseNamespace;

  @Option(
      names = "--lease-name",
      paramLabel = "NAME",
      defaultValue = "swiftdeploy-operator",
      description = "Operators with the same lease take turns. Default: ${DEFAULT-VALUE}")
  private String leaseName = "";

  @Option(
      names = "--log",
      paramLabel = "FORM",
      defaultValue = "json",
      description = "json, one object a line, or text; to stderr. Default: ${DEFAULT-VALUE}")
  private LogForm log = LogForm.json;

  @Override
  public Integer call() throws Exception {
    checkPolicyServer();
    Path directory = policies == null ? PolicyEngines.shipped() : policies;
    if (policyServer == null && !Files.isDirectory(directory)) {
      throw usage(directory + " is no folder of policies", "name one: --policies DIR");
    }
    Optional<InetSocketAddress> where = listen();
    ContextOption.requireKubernetes();
    return ClusterOperator.run(
        new ClusterOperator.Wanted(
            context.context(),
            namespaces,
            directory,
            engine == Engine.opa,
            Optional.ofNullable(policyServer),
            Optional.ofNullable(policyToken),
            Optional.ofNullable(policyCa),
            where,
            Optional.ofNullable(leaseNamespace),
            leaseName,
            log == LogForm.json));
  }

  private void checkPolicyServer() {
    if (policyServer == null) {
      if (policyToken != null || policyCa != null) {
        throw usage(
            "a token or certificates, and no policy server", "name it: --policy-server URL");
      }
      return;
    }
    try {
      dev.swiftdeploy.core.spec.Spec.Policy.checkedUrl(policyServer);
    } catch (InvalidValue e) {
      throw usage("--policy-server: " + e.getMessage(), "");
    }
    for (Path file : Optional.ofNullable(policyToken).stream().toList()) {
      readable(file);
    }
    for (Path file : Optional.ofNullable(policyCa).stream().toList()) {
      readable(file);
    }
  }

  private static void readable(Path file) {
    if (!Files.isReadable(file)) {
      throw usage(file + " can't be read", "name a file that is there");
    }
  }

  private Optional<InetSocketAddress> listen() {
    if (address.equals("none")) {
      return Optional.empty();
    }
    int colon = address.lastIndexOf(':');
    String port = address.substring(colon + 1);
    if (colon < 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw usage(
          "--metrics-address " + address + " is not HOST:PORT", "write 0.0.0.0:9090, or none");
    }
    String host = address.substring(0, colon);
    return Optional.of(
        host.isEmpty()
            ? new InetSocketAddress(Integer.parseInt(port))
            : new InetSocketAddress(host, Integer.parseInt(port)));
  }

  private static CommandFailure usage(String what, String next) {
    return new CommandFailure(Exit.USAGE, what, next);
  }
}
