package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.adapters.policy.PolicyConfigMap;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy policy config-map}. */
@Command(
    name = "config-map",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a built policy as the ConfigMap that an operator in a cluster mounts.",
      "",
      "It holds the Rego and what it was compiled to; thresholds are a ConfigMap of their own. It"
          + " is larger than what kubectl apply remembers, so apply it on the server's side."
    },
    footerHeading = "%nExit codes: 0 printed, 1 not built or too large, 2 usage.%n%nExamples:%n",
    footer = {
      "  swiftdeploy policy config-map | kubectl apply --server-side -f -",
      "  swiftdeploy policy config-map policies --to-namespace delivery"
    })
final class PolicyConfigMapCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PolicyCommand.Directory directory = new PolicyCommand.Directory();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "swiftdeploy-policies",
      description = "The ConfigMap's name. Default: ${DEFAULT-VALUE}")
  private String name = "";

  @Option(
      names = "--to-namespace",
      paramLabel = "NAME",
      defaultValue = "swiftdeploy-system",
      description = "The operator's namespace. Default: ${DEFAULT-VALUE}")
  private String namespace = "";

  PolicyConfigMapCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PolicyBundle.Read read = PolicyBundle.read(directory.path());
    if (read instanceof PolicyBundle.Refused refused) {
      throw new CommandFailure(
          Exit.FAILED, refused.problem().message(), refused.problem().nextStep());
    }
    try {
      terminal.data(PolicyConfigMap.of(((PolicyBundle.Good) read).bundle(), name, namespace));
      return Exit.DONE;
    } catch (IOException e) {
      throw new CommandFailure(Exit.FAILED, String.valueOf(e.getMessage()), "");
    }
  }
}
