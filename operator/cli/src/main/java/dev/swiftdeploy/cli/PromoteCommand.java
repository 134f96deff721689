package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.adapters.manifest.ManifestEdit;
import dev.swiftdeploy.adapters.manifest.ManifestFile;
import dev.swiftdeploy.adapters.manifest.Problem;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code swiftdeploy promote}. */
@Command(
    name = "promote",
    mixinStandardHelpOptions = true,
    description = {
      "Says where the release should end up: sets services.mode in the manifest (nothing else in"
          + " it changes), and waits until it is there or something stops it.",
      "",
      "stable: the candidate takes all traffic, each step admitted by policy. canary: it is held at"
          + " the last step; on a release that is stable already, it runs in canary mode beside it."
          + " Without canary.steps it gets half of the traffic.",
      "",
      "Exit code 2: there is nothing to promote. 3: policy blocks it, or the release is refused."
          + " 4: policy can't be asked. Where policy blocks, the daemon goes on asking: once policy"
          + " allows it, it goes on by itself.",
      "",
      "In a cluster (--namespace, --context) the spec is left alone. A candidate in mode stable is"
          + " waited for; one in mode canary is promoted by a request once it is at its last step;"
          + " --now asks for either at once. A request goes on also when this command is ended."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy promote stable",
      "  swiftdeploy promote stable --now --reason \"fixes checkout\"",
      "  swiftdeploy promote canary              run the same release as a canary",
      "  swiftdeploy promote stable shop         one of several resources",
      "  swiftdeploy promote stable shop --namespace prod"
    })
final class PromoteCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();
  @Mixin private OutputOption output = new OutputOption();
  @Mixin private TimeoutOption timeout = new TimeoutOption();

  @Parameters(
      index = "0",
      paramLabel = "canary|stable",
      description = "Where the release should end up.")
  private Mode mode = Mode.STABLE;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "Which resource, where there are several.")
  private @Nullable String name;

  @Option(
      names = "--now",
      description = "Ask policy for it at once, whatever is left of the steps and their holds.")
  private boolean now;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Kept on record, with --now.")
  private String reason = "";

  PromoteCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** What is printed with {@code -o json}. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Outcome(
      String resource, String mode, boolean edited, String result, Optional<Status> status) {}

  @Override
  public Integer call() throws IOException {
    Optional<String> meant = place.resource(name);
    if (place.cluster()) {
      ContextOption.requireKubernetes();
      try (ClusterHost host = ClusterHost.open(place, meant, terminal)) {
        return onCluster(host, host.declared());
      }
    }
    Workspace workspace = place.workspace();
    Resource resource = picked(workspace, meant);
    checkOptions();
    DaemonClient client = new DaemonClient(workspace, terminal);
    client.ensureDaemon();
    client.nudge();
    Optional<Integer> refused = refused(client, resource);
    return refused.isPresent() ? refused.get() : onMachine(client, workspace, resource);
  }

  /** There is nothing to promote, or what there is is refused: an exit code. */
  private Optional<Integer> refused(Host host, Resource resource) {
    Optional<Status> before = host.status().flatMap(d -> Delivery.statusOf(d, resource));
    before.ifPresent(s -> check(host, s, resource.spec().services().mode()));
    Optional<String> refused = before.flatMap(s -> refusal(s, mode));
    if (refused.isEmpty()) {
      return Optional.empty();
    }
    terminal.talk(terminal.styled(Terminal.Style.RED, "BLOCKED: " + refused.get()));
    terminal.talk("  To try it again: " + host.retry(resource.name().value()));
    return Optional.of(told(host, resource, false, Exit.BLOCKED));
  }

  private int onMachine(DaemonClient client, Workspace workspace, Resource resource)
      throws IOException {
    Optional<Request> request = now ? Optional.of(ask(client, resource)) : Optional.empty();
    boolean edited = resource.spec().services().mode() != mode;
    if (edited) {
      edit(workspace, resource);
    }
    Resource changed = picked(workspace, Optional.of(resource.name().value()));
    int code = request.isPresent() ? follow(client, changed, request.get()) : Exit.DONE;
    if (code == Exit.DONE) {
      client.nudge();
      code = await(client, changed);
    }
    return told(client, changed, edited, code);
  }

  /**
   * A spec of a cluster is its owner's: nothing is written into it. One that says canary is
   * promoted by a request, which skips no step where the last one is reached.
   */
  private int onCluster(ClusterHost host, Resource resource) throws IOException {
    checkOptions();
    host.awaitLook();
    Optional<Integer> refused = refused(host, resource);
    if (refused.isPresent()) {
      return refused.get();
    }
    Mode declared = resource.spec().services().mode();
    boolean asks = now;
    if (declared != mode) {
      boolean last =
          mode == Mode.STABLE
              && host.state(resource.name())
                  .admitted()
                  .candidate()
                  .filter(c -> c.step() == resource.spec().canary().candidateSteps().size() - 1)
                  .isPresent();
      asks = now || last;
      if (!asks) {
        throw new CommandFailure(
            Exit.USAGE,
            "the spec of " + resource.name() + " says mode " + declared.word() + ", and is yours",
            (mode == Mode.STABLE
                    ? "skip what is left of its steps with --now, or say it there"
                    : "say it there")
                + ": kubectl patch sd "
                + resource.name()
                + " --type=merge -p '{\"spec\":{\"services\":{\"mode\":\""
                + mode.word()
                + "\"}}}'");
      }
    }
    int code = asks ? follow(host, resource, ask(host, resource)) : Exit.DONE;
    return told(host, resource, false, code == Exit.DONE ? await(host, resource) : code);
  }

  private int follow(Host host, Resource resource, Request request) throws IOException {
    return Requests.follow(host, resource.name(), request, terminal, timeout.atMost());
  }

  private int await(Host host, Resource resource) throws IOException {
    Delivery.Patience patience =
        mode == Mode.STABLE ? Delivery.Patience.NO_DENIAL : Delivery.Patience.THROUGH_HOLDS;
    return new Delivery(host, terminal, patience).await(List.of(resource), timeout.atMost());
  }

  private Resource picked(Workspace workspace, Optional<String> meant) {
    return Manifests.pick(Manifests.read(workspace, terminal), meant.orElse(null));
  }

  private void checkOptions() {
    if (mode == Mode.CANARY && now) {
      throw new CommandFailure(
          Exit.USAGE, "--now is for promote stable: a canary goes by its steps", "leave it out");
    }
    if (!reason.isEmpty() && !now) {
      terminal.talk("warning: --reason is kept on record with --now only");
    }
  }

  /** Whether there is anything to promote. */
  private void check(Host host, Status status, Mode declared) {
    boolean candidate = status.candidate().isPresent();
    String serves = status.stable().map(t -> t.version() + " (" + t.release() + ")").orElse("");
    if (now && !candidate) {
      throw new CommandFailure(
          Exit.USAGE,
          "there is no candidate to promote now"
              + (serves.isEmpty() ? "" : ": " + serves + " is stable"),
          "see how it stands with: " + host.command("status"));
    }
    boolean ready = status.condition("Ready").status() == Condition.Status.TRUE;
    if (!candidate && ready && declared == mode) {
      throw new CommandFailure(
          Exit.USAGE,
          "there is nothing to promote: " + serves + " serves, and no candidate is on its way",
          mode == Mode.STABLE
              ? "declare another version, or run this one as a canary: "
                  + host.command("promote canary")
              : "declare another version, or go back first: " + host.command("promote stable"));
    }
  }

  /** Why the release that is asked for is refused, if it is. */
  static Optional<String> refusal(Status status, Mode mode) {
    if (status.next().rule().equals("refused")) {
      return Optional.of(status.next().why());
    }
    boolean settled =
        status.candidate().isEmpty() && status.condition("Ready").status() == Condition.Status.TRUE;
    return mode == Mode.CANARY && settled
        ? status.refused().stream()
            .filter(r -> status.stable().filter(s -> is(r, s)).isPresent())
            .map(r -> "release " + r.release() + " is refused: " + r.message())
            .findFirst()
        : Optional.empty();
  }

  private static boolean is(Refusal refusal, Status.Track track) {
    return refusal.release().value().equals(track.release());
  }

  private Request ask(Host host, Resource resource) throws IOException {
    Request request = Requests.make(host, Request.Kind.PROMOTE_NOW, reason, Optional.empty());
    host.ask(resource.name(), request);
    return request;
  }

  private void edit(Workspace workspace, Resource resource) throws IOException {
    ManifestEdit.Result result =
        ManifestFile.set(workspace.manifest(), resource.name(), "services.mode", mode.word());
    if (result instanceof ManifestEdit.Result.Refused refused) {
      throw new CommandFailure(
          Exit.FAILED,
          "the manifest can't be edited:\n"
              + refused.problems().stream().map(Problem::text).collect(Collectors.joining("\n")),
          "set services.mode to " + mode.word() + " by hand, then: swiftdeploy deploy");
    }
    terminal.talk(workspace.manifest().getFileName() + ": services.mode is now " + mode.word());
  }

  private int told(Host host, Resource resource, boolean edited, int code) {
    if (output.json()) {
      Optional<Status> status = host.status().flatMap(d -> Delivery.statusOf(d, resource));
      String promoted = resource.name().value();
      terminal.data(
          OutputOption.render(new Outcome(promoted, mode.word(), edited, result(code), status)));
    }
    return code;
  }

  private static String result(int code) {
    return switch (code) {
      case Exit.DONE -> "done";
      case Exit.USAGE -> "unusable";
      case Exit.BLOCKED -> "blocked";
      case Exit.UNAVAILABLE -> "unavailable";
      default -> "failed";
    };
  }
}
