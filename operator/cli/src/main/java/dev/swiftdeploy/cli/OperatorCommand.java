package dev.swiftdeploy.cli;

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
      "  swiftdeploy operator --policy-engine opa --opa-sidecar http://127.0.0.1:8181"
    })
final class OperatorCommand implements Callable<Integer> {
  /** How it says what happens. */
  enum LogForm {
    json,
    text
  }

  @Mixin private ContextOption context = new ContextOption();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      split = ",",
      description = "Deliver its resources only; may be repeated. Default: all of the cluster")
  private List<String> namespaces = List.of();

  @Option(
      names = "--node-conditions",
      description =
          "Policy sees the conditions of the nodes that pods run on, DiskPressure among them. Needs"
              + " the right to list and watch nodes. Default: it knows nothing of nodes")
  private boolean nodes;

  @Option(
      names = "--node-stats",
      description =
          "Policy sees those conditions, and what the nodes have left: free disk, CPU and memory,"
              + " asked from their kubelets. Needs the right to get nodes/stats, too")
  private boolean nodeStats;

  @Option(
      names = "--kubelet-certificate-authority",
      paramLabel = "FILE",
      description =
          "PEM certificates of the kubelets' authority, for --node-stats. Default: the API"
              + " server's")
  private @Nullable Path kubeletAuthority;

  @Option(
      names = "--kubelet-insecure-tls",
      description =
          "Believe whatever certificate a kubelet shows, for --node-stats: who stands between gets"
              + " the operator's token")
  private boolean kubeletInsecure;

  @Mixin private OperatorPolicyOptions policy = new OperatorPolicyOptions();

  @Option(
      names = "--registry-credentials",
      paramLabel = "FILE",
      description =
          "Names and passwords for registries that show tags to no stranger: a pull secret's"
              + " .dockerconfigjson; read for each question.")
  private @Nullable Path registryCredentials;

  @Option(
      names = "--registry-ca",
      paramLabel = "FILE",
      description = "PEM certificates of registries' authorities, beside the usual ones.")
  private @Nullable Path registryCa;

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
    Optional<InetSocketAddress> where =
        address.equals("none")
            ? Optional.empty()
            : Optional.of(
                Addresses.listening("--metrics-address", address, "0.0.0.0:9090, or none"));
    Optional<Path> credentials = readable(registryCredentials);
    Optional<Path> authorities = readable(registryCa);
    Optional<Path> kubelets = readable(kubeletAuthority);
    if (!nodeStats && (kubelets.isPresent() || kubeletInsecure)) {
      throw usage("how kubelets are believed, and none is asked", "add --node-stats");
    }
    if (kubelets.isPresent() && kubeletInsecure) {
      throw usage(
          "--kubelet-certificate-authority and --kubelet-insecure-tls",
          "leave --kubelet-insecure-tls out");
    }
    ContextOption.requireKubernetes();
    Optional<String> lease = Optional.ofNullable(leaseNamespace);
    boolean json = log == LogForm.json;
    return ClusterOperator.run(
        new ClusterOperator.Wanted(
            context.context(),
            namespaces,
            nodes || nodeStats,
            new ClusterOperator.Kubelets(nodeStats, kubelets, kubeletInsecure),
            policy.open(
                () -> ClusterOperator.lastPolicy(context.context(), lease, leaseName, json)),
            credentials,
            authorities,
            where,
            lease,
            leaseName,
            json));
  }

  private static CommandFailure usage(String what, String next) {
    return new CommandFailure(Exit.USAGE, what, next);
  }

  private static Optional<Path> readable(@Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      throw usage(file + " can't be read", "name a file that is there");
    }
    return Optional.ofNullable(file);
  }
}
