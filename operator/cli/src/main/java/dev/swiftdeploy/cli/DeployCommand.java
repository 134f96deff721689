package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.local.daemon.RequestSpool;
import dev.swiftdeploy.local.daemon.StatusFile;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

  @Option(names = "--retry", description = "A refused release may be tried again.")
  private boolean retry;

  private int timeout = 600;

  @Spec private @Nullable CommandSpec command;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "Wait at most so long. Default: ${DEFAULT-VALUE}")
  void waitAtMost(int seconds) {
    if (seconds < 1) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(), seconds + " is no time to wait");
    }
    timeout = seconds;
  }

  DeployCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    List<Resource> resources = Manifests.read(workspace, terminal);
    DaemonClient client = new DaemonClient(workspace, terminal);
    client.ensureDaemon();
    client.nudge();
    if (retry) {
      askToRetry(client, resources);
    }
    return new Delivery(client, terminal, workspace, Delivery.Patience.THROUGH_HOLDS)
        .await(resources, Duration.ofSeconds(timeout));
  }

  private void askToRetry(DaemonClient client, List<Resource> resources) throws IOException {
    Optional<StatusFile.Document> said = client.status();
    for (Resource resource : resources) {
      Optional<Status> status = said.flatMap(d -> Delivery.statusOf(d, resource));
      for (ReleaseId refused :
          status.map(s -> s.refused().stream().map(r -> r.release()).toList()).orElse(List.of())) {
        client
            .spool()
            .put(
                new RequestSpool.Spooled(
                    resource.name(), Requests.make(Request.Kind.RETRY, "", Optional.of(refused))));
      }
    }
    client.nudge();
  }
}
