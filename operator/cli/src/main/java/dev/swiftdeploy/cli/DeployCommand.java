package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.loop.Desires;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.local.daemon.RequestSpool;
import dev.swiftdeploy.local.daemon.StatusFile;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
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

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "Wait at most so long. Default: ${DEFAULT-VALUE}")
  private int timeout = 600;

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
    Instant until = Instant.now().plus(Duration.ofSeconds(timeout));
    while (true) {
      client.followLog();
      Optional<StatusFile.Document> said = client.status();
      if (said.isPresent()) {
        Optional<Integer> end = judge(said.get(), resources);
        if (end.isPresent()) {
          client.followLog();
          return end.get();
        }
      } else if (client.daemon().isEmpty()) {
        throw new CommandFailure(
            Exit.FAILED, "the daemon has ended", "its log: " + workspace.daemonLog());
      }
      if (Instant.now().isAfter(until)) {
        throw new CommandFailure(
            Exit.FAILED,
            "not there after " + timeout + " s; the daemon goes on",
            "see how it stands with: swiftdeploy status");
      }
      DaemonClient.pause(100);
    }
  }

  private void askToRetry(DaemonClient client, List<Resource> resources) throws IOException {
    Optional<StatusFile.Document> said = client.status();
    for (Resource resource : resources) {
      Optional<Status> status = said.flatMap(d -> statusOf(d, resource));
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

  private static Optional<Status> statusOf(StatusFile.Document said, Resource resource) {
    String digest = Desires.digest(resource.spec());
    return said.resources().stream()
        .filter(s -> s.resource().equals(resource.name().value()))
        .filter(s -> s.specDigest().equals(digest))
        .findFirst();
  }

  /** The exit code, once there is one for every resource. */
  private Optional<Integer> judge(StatusFile.Document said, List<Resource> resources) {
    if (!said.manifestProblems().isEmpty()) {
      throw new CommandFailure(
          Exit.FAILED,
          "the daemon can't take the manifest: " + String.join("; ", said.manifestProblems()),
          "");
    }
    for (Resource resource : resources) {
      Optional<Status> status = statusOf(said, resource);
      if (status.isEmpty()) {
        return Optional.empty();
      }
      Optional<Integer> one = judge(status.get());
      if (one.isPresent() && one.get() != Exit.DONE) {
        say(status.get());
      }
      if (one.isEmpty() || one.get() != Exit.DONE) {
        return one;
      }
    }
    for (Resource resource : resources) {
      Status status = statusOf(said, resource).orElseThrow();
      terminal.talk(
          terminal.styled(Terminal.Style.GREEN, "READY")
              + "  "
              + status.resource()
              + "  "
              + status.condition("Ready").message()
              + status.url().map(u -> "  " + u).orElse(""));
    }
    return Optional.of(Exit.DONE);
  }

  private Optional<Integer> judge(Status status) {
    if (is(status, "Ready")) {
      return Optional.of(Exit.DONE);
    }
    Condition ready = status.condition("Ready");
    if (ready.reason().equals("PolicyUnavailable")) {
      return Optional.of(Exit.UNAVAILABLE);
    }
    if (ready.reason().endsWith("Blocked")) {
      return Optional.of(Exit.BLOCKED);
    }
    if (ready.reason().equals("Refused")) {
      boolean unhealthy = status.refused().stream().anyMatch(r -> r.reason().equals("Unhealthy"));
      return Optional.of(unhealthy ? Exit.FAILED : Exit.BLOCKED);
    }
    return is(status, "Stalled") ? Optional.of(Exit.FAILED) : Optional.empty();
  }

  /** What stopped it, and what to do; a daemon in somebody's terminal has told it there. */
  private void say(Status status) {
    terminal.talk(
        terminal.styled(Terminal.Style.BOLD, status.resource())
            + "  "
            + terminal.styled(Terminal.Style.RED, status.condition("Ready").message()));
    if (status.condition("Ready").reason().equals("Refused")) {
      terminal.talk("  To try it again: swiftdeploy deploy --retry");
    }
  }

  private static boolean is(Status status, String type) {
    return status.condition(type).status() == Condition.Status.TRUE;
  }
}
