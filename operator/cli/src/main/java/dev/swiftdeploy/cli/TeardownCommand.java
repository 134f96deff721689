package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    for (ResourceName resource : meant(workspace, client)) {
      int code =
          Requests.ask(
              client,
              resource,
              Requests.make(client, Request.Kind.TEARDOWN, "", Optional.empty()),
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
  private List<ResourceName> meant(Workspace workspace, DaemonClient client) {
    boolean daemon = client.daemon().isPresent();
    FileHistory history = FileHistory.read(workspace.history());
    Set<ResourceName> all = new LinkedHashSet<>();
    client // first, since the daemon ends with the last of those that are declared
        .status()
        .ifPresent(said -> said.resources().forEach(s -> all.add(ResourceName.of(s.resource()))));
    all.removeIf(name -> history.state(name).tornDown());
    Set<ResourceName> declared = new LinkedHashSet<>();
    Manifests.readKnown(workspace, terminal).forEach(r -> declared.add(r.name()));
    all.removeAll(declared);
    all.addAll(declared);
    if (!daemon) {
      requireDeclared(history, all);
    }
    return Manifests.pick(all, manifest.resource()).stream()
        .filter(
            name -> daemon || !(history.state(name).tornDown() || !Files.exists(workspace.state())))
        .toList();
  }

  /** A daemon that is started now knows only what the manifest declares. */
  private static void requireDeclared(FileHistory history, Set<ResourceName> declared) {
    history.resources().stream()
        .filter(name -> !declared.contains(name) && !history.state(name).admitted().nothing())
        .findFirst()
        .ifPresent(
            name -> {
              throw new CommandFailure(
                  Exit.FAILED,
                  name + " still runs, and is no longer in the manifest",
                  "write it in again, then: swiftdeploy teardown");
            });
  }

  private void clean(Workspace workspace) throws IOException {
    Path state = workspace.state();
    if (!Files.exists(state)) {
      return;
    }
    try (Stream<Path> all = Files.walk(state)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        boolean kept =
            path.startsWith(workspace.policies())
                || path.equals(workspace.auditKey())
                || path.equals(state);
        if (!kept) {
          Files.deleteIfExists(path);
        }
      }
    }
    removeGenerated(workspace);
    terminal.talk("removed " + state + " (the policies that decided and the audit key stay)");
  }

  private void removeGenerated(Workspace workspace) throws IOException {
    for (Resource resource : Manifests.readKnown(workspace, terminal)) {
      for (Path file : GeneratedFiles.compose(resource, workspace).paths()) {
        if (GeneratedFiles.isOurs(file)) {
          Files.delete(file);
          terminal.talk("removed " + file);
        }
      }
    }
  }
}
