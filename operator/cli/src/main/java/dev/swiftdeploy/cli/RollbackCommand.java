package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code swiftdeploy rollback}. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    description = {
      "Goes back: away from a candidate, or to the release that was stable before.",
      "",
      "The release that is rolled back is refused until the manifest names another or you ask"
          + " for it again (deploy --retry; in a cluster the annotation swiftdeploy.dev/retry).",
      "",
      "In a cluster (--namespace, --context) the request is an annotation of the resource, which"
          + " the operator records and takes away; it goes on also when this command is ended."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy rollback --reason \"checkout is slow\"",
      "  swiftdeploy rollback shop --namespace prod --reason \"checkout is slow\""
    })
final class RollbackCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();
  @Mixin private TimeoutOption timeout = new TimeoutOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Which resource, where there are several.")
  private @Nullable String name;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Kept on record.")
  private String reason = "";

  RollbackCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Optional<String> meant = place.resource(name);
    if (place.cluster()) {
      ContextOption.requireKubernetes();
      try (ClusterHost host = ClusterHost.open(place, meant, terminal)) {
        return rollback(host, host.declared().name());
      }
    }
    Workspace workspace = place.workspace();
    Resource resource =
        Manifests.pick(Manifests.readKnown(workspace, terminal), meant.orElse(null));
    return rollback(new DaemonClient(workspace, terminal), resource.name());
  }

  private int rollback(Host host, ResourceName resource) throws IOException {
    State state = host.state(resource);
    boolean candidate = state.admitted().candidate().isPresent();
    boolean underWay = state.underWay().isPresent();
    boolean earlier = state.earlier().stream().anyMatch(r -> !state.refused().containsKey(r.id()));
    if (!candidate && !earlier && !underWay) {
      throw new CommandFailure(
          Exit.USAGE,
          "there is nothing to roll back to: no candidate, and no earlier release of "
              + resource
              + " that isn't refused",
          "see what was: " + host.command("status"));
    }
    Request request = Requests.make(host, Request.Kind.ROLLBACK, reason, Optional.empty());
    int code = Requests.ask(host, resource, request, terminal, timeout.atMost());
    if (code == Exit.DONE) {
      host.state(resource)
          .admitted()
          .stable()
          .ifPresent(stable -> terminal.talk("rolled back: " + stable.label() + " serves"));
    }
    return code;
  }
}
