package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy deploy}. */
@Command(
    name = "deploy",
    mixinStandardHelpOptions = true,
    description = {
      "Brings about what the manifest declares: starts a daemon in the background where none runs,"
          + " and waits until it serves or something stops it.",
      "",
      "A canary is waited for through its steps; in mode canary until it is held at the last one.",
      "",
      "Exit code 3: policy blocks it (the daemon asks again, and goes on by itself once policy"
          + " allows it). 4: policy can't be asked."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy deploy",
      "  swiftdeploy deploy --retry        try a refused release once more"
    })
final class DeployCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();
  @Mixin private PolicyServerOption policyServer = new PolicyServerOption();
  @Mixin private TimeoutOption timeout = new TimeoutOption();

  @Mixin private PlatformOption platform = new PlatformOption();

  @Option(names = "--retry", description = "A refused release may be tried again.")
  private boolean retry;

  DeployCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    List<Resource> resources = Manifests.read(workspace, terminal);
    DaemonClient client = new DaemonClient(workspace, terminal);
    policyServer.remember();
    platform.remember(workspace, resources);
    client.ensureDaemon();
    client.nudge();
    if (retry) {
      askToRetry(client, resources);
    }
    return new Delivery(client, terminal, Delivery.Patience.THROUGH_HOLDS)
        .await(resources, timeout.atMost());
  }

  /** What is refused is on record, whatever of the manifest the daemon has taken by now. */
  private static void askToRetry(DaemonClient client, List<Resource> resources) throws IOException {
    for (Resource resource : resources) {
      for (ReleaseId refused : client.state(resource.name()).refused().keySet()) {
        client.ask(
            resource.name(), Requests.make(client, Request.Kind.RETRY, "", Optional.of(refused)));
      }
    }
    client.nudge();
  }
}
