package dev.swiftdeploy.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster. */
final class ContextOption {
  private static final String CLIENT = "io.fabric8.kubernetes.client.KubernetesClient";

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "The kubeconfig's context. Default: its present one, in a pod the pod's own")
  private @Nullable String context;

  Optional<String> context() {
    return Optional.ofNullable(context);
  }

  /** What talks to a cluster is on the class path only where the launcher puts it. */
  static void requireKubernetes() {
    try {
      Class.forName(CLIENT);
    } catch (ClassNotFoundException e) {
      throw new CommandFailure(
          Exit.FAILED,
          "this class path holds no client of Kubernetes",
          "start it with the swiftdeploy script, or by hand: java -cp"
              + " 'swiftdeploy.jar:lib-kubernetes/*' dev.swiftdeploy.cli.Main …");
    }
  }
}
