package dev.swiftdeploy.cli;

import dev.swiftdeploy.cli.Terminal.Style;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import java.util.Locale;
import java.util.Optional;

/** A status as text: a pure rendering. */
final class StatusView {
  private final Terminal terminal;
  private final StringBuilder out = new StringBuilder();

  StatusView(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Renders one resource. */
  String render(Status status) {
    headline(status);
    row(
        "spec",
        status.version() + ", mode " + status.mode() + ", generation " + status.generation());
    row("platform", status.platform() + status.url().map(u -> ", " + u).orElse(""));
    status.stable().ifPresent(t -> row("stable", track(t)));
    status.candidate().ifPresent(t -> row("candidate", track(t)));
    status.route().ifPresent(r -> row("route", route(r)));
    for (Status.WorkloadStatus workload : status.workloads()) {
      row(
          "workload",
          workload.name() + "  " + workload.ready() + "/" + workload.wanted() + " ready");
      workload.instances().forEach(i -> row("", instance(i)));
    }
    row("next", status.next().rule() + ": " + status.next().why());
    status.lastDecision().ifPresent(d -> row("decision", d.message()));
    for (Refusal refusal : status.refused()) {
      row("refused", refusal.release() + ": " + refusal.message());
    }
    status.rollbackTo().ifPresent(r -> row("rollback to", r));
    row("policy", policy(status.policy()));
    row("chain", chain(status.chain()));
    return out.toString();
  }

  private void headline(Status status) {
    Condition ready = status.condition("Ready");
    Condition stalled = status.condition("Stalled");
    boolean isReady = ready.status() == Condition.Status.TRUE;
    boolean isStalled = stalled.status() == Condition.Status.TRUE;
    String word = isReady ? "READY" : isStalled ? "STALLED" : "RECONCILING";
    Style style = isReady ? Style.GREEN : isStalled ? Style.RED : Style.YELLOW;
    out.append(terminal.styled(Style.BOLD, status.resource()))
        .append("  ")
        .append(terminal.styled(style, word))
        .append("  ")
        .append(ready.reason())
        .append('\n');
    if (!isReady) {
      out.append("  ").append(terminal.styled(style, ready.message())).append('\n');
    }
  }

  private void row(String name, String text) {
    String label = String.format(Locale.ROOT, "  %-11s ", name);
    out.append(terminal.styled(Style.DIM, label)).append(text).append('\n');
  }

  private static String track(Status.Track track) {
    return track.version()
        + " ("
        + track.release()
        + ")  "
        + track.weight()
        + " %  "
        + track.ready()
        + "/"
        + track.replicas()
        + " ready"
        + track.step().map(s -> ", step " + s + " of " + track.steps().orElse(s)).orElse("");
  }

  private static String route(Status.RouteStatus route) {
    return (route.running() ? "" : "the proxy does not run; ")
        + route.weights().orElse("unknown")
        + (route.current() ? "" : ", not up to date")
        + (route.draining() ? ", draining" : "")
        + route.detail().map(d -> " (" + d + ")").orElse("");
  }

  private static String instance(Status.InstanceStatus instance) {
    return "/"
        + instance.slot()
        + " "
        + instance.state().replace('_', ' ')
        + instance.address().map(a -> "  " + a).orElse("")
        + (instance.restarts() == 0 ? "" : ", " + instance.restarts() + " restarts")
        + instance.detail().map(d -> "  " + d).orElse("");
  }

  private static String policy(Status.PolicyStatus policy) {
    return policy.engine()
        + policy.digest().map(d -> " " + shortened(d)).orElse("")
        + (policy.verified() ? "" : ", unverified")
        + policy.problem().map(p -> "; not taken: " + p).orElse("");
  }

  private static String chain(Status.ChainStatus chain) {
    return "record "
        + chain.seq()
        + ", head "
        + shortened(chain.head())
        + Optional.of(chain.damage()).flatMap(d -> d).map(d -> "; DAMAGED: " + d).orElse("");
  }

  private static String shortened(String digest) {
    return digest.length() > 12 ? digest.substring(0, 12) : digest;
  }
}
