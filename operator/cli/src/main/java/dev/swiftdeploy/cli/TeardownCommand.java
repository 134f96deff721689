package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy teardown}. */
@Command(
    name = "teardown",
    mixinStandardHelpOptions = true,
    description = {
      "Removes everything that was started: the candidate, the proxy, the workloads.",
      "",
      "The audit trail stays. --clean also removes what was kept to start it again."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy teardown", "  swiftdeploy teardown --clean"})
final class TeardownCommand implements Callable<Integer> {
  private static final Duration DAEMON_END = Duration.ofSeconds(30);

  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();

  @Option(
      names = "--clean",
      description = "Also remove logs, releases, artifacts and generated files.")
  private boolean clean;

  TeardownCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    DaemonClient client = new DaemonClient(workspace, terminal);
    for (Resource resource : resources(workspace)) {
      int code =
          Requests.ask(
              client,
              workspace,
              resource.name(),
              Requests.make(Request.Kind.TEARDOWN, "", Optional.empty()),
              terminal,
              Duration.ofMinutes(5));
      if (code != Exit.DONE) {
        return code;
      }
    }
    Instant until = Instant.now().plus(DAEMON_END);
    while (client.daemon().isPresent()
        && manifest.resource() == null
        && Instant.now().isBefore(until)) {
      client.followLog();
      DaemonClient.pause(100);
    }
    client.followLog();
    if (clean && client.daemon().isEmpty()) {
      clean(workspace);
    }
    terminal.talk("torn down; the audit trail stays in " + workspace.history());
    return Exit.DONE;
  }

  /** What there is to tear down: nothing, if the chain says so and no daemon runs. */
  private List<Resource> resources(Workspace workspace) {
    List<Resource> declared = Manifests.readForTeardown(workspace, terminal);
    List<Resource> meant =
        manifest.resource() == null
            ? declared
            : List.of(Manifests.pick(declared, manifest.resource()));
    FileHistory history = FileHistory.read(workspace.history());
    boolean daemon = new DaemonClient(workspace, terminal).daemon().isPresent();
    return meant.stream()
        .filter(
            r ->
                daemon || !(history.state(r.name()).tornDown() || !Files.exists(workspace.state())))
        .toList();
  }

  private void clean(Workspace workspace) throws IOException {
    Path state = workspace.state();
    if (!Files.exists(state)) {
      return;
    }
    try (Stream<Path> all = Files.walk(state)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        boolean kept = path.startsWith(workspace.policies()) || path.equals(state);
        if (!kept) {
          Files.deleteIfExists(path);
        }
      }
    }
    terminal.talk("removed " + state + " (the policies that decided stay, for replay)");
  }
}
