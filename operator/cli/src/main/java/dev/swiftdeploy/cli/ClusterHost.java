package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.ResourceReader;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.client.ClusterWatch;
import dev.swiftdeploy.kubernetes.client.Statuses;
import dev.swiftdeploy.kubernetes.operator.RequestAnnotation;
import dev.swiftdeploy.local.daemon.StatusFile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster's operator, as commands follow it for one resource. Only loaded where there is a client
 * of Kubernetes.
 */
final class ClusterHost implements Host, AutoCloseable {
  private static final Duration USUALLY_TAKEN = Duration.ofSeconds(15);
  private static final Duration USUALLY_LOOKED = Duration.ofSeconds(30);

  private final Cluster cluster;
  private final ClusterWatch watch;
  private final String name;
  private final long generation;
  private final Terminal terminal;
  private Optional<Asked> asked = Optional.empty();
  private boolean toldUntaken;
  private boolean connected = true;

  /** What was handed over. */
  private record Asked(String key, Instant at) {}

  private ClusterHost(
      Cluster cluster, ClusterWatch watch, SwiftDeployResource meant, Terminal terminal) {
    this.cluster = cluster;
    this.watch = watch;
    this.name = meant.getMetadata().getName();
    this.generation = meant.getMetadata().getGeneration();
    this.terminal = terminal;
  }

  /**
   * Starts to follow.
   *
   * @param name of the resource; empty: the only one of the namespace
   */
  static ClusterHost open(PlaceOption place, Optional<String> name, Terminal terminal) {
    Cluster cluster = Cluster.open(place);
    try {
      SwiftDeployResource meant = cluster.pick(name);
      ClusterWatch watch =
          ClusterWatch.open(cluster.namespace(), Optional.of(meant.getMetadata().getName()));
      return new ClusterHost(cluster, watch, meant, terminal);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private SwiftDeployResource there() {
    return watch.resource(name).orElseThrow(this::ended);
  }

  /** What is declared. */
  Resource declared() {
    ManifestResult read = ResourceReader.read(there());
    if (read instanceof ManifestResult.Manifest manifest) {
      return manifest.resources().get(0);
    }
    throw new CommandFailure(
        Exit.FAILED,
        "the spec of " + name + " can't be read",
        "see why: " + command("status " + name));
  }

  /** Waits until the operator has looked at what is declared now. */
  void awaitLook() {
    Instant until = Instant.now().plus(USUALLY_LOOKED);
    while (status().flatMap(d -> Delivery.statusOf(d, declared())).isEmpty()) {
      follow();
      if (Instant.now().isAfter(until)) {
        throw new CommandFailure(
            Exit.FAILED,
            "the operator has not looked at the spec of "
                + name
                + " for "
                + USUALLY_LOOKED.toSeconds()
                + " s",
            "see whether one runs: kubectl get pods -A -l"
                + " app.kubernetes.io/name=swiftdeploy-operator");
      }
      DaemonClient.pause(100);
    }
  }

  @Override
  public String name() {
    return "operator";
  }

  /** As the API server knows them; else as this machine does. */
  @Override
  public String actor() {
    return cluster.namespace().user().orElse(Account.name());
  }

  @Override
  public void ask(ResourceName resource, Request request) {
    cluster.namespace().ask(resource.value(), request);
    asked = Optional.of(new Asked(RequestAnnotation.key(request.kind()), Instant.now()));
  }

  /** It tells elsewhere; here is told what keeps it from telling. */
  @Override
  public void follow() {
    boolean now = watch.connected();
    if (now != connected) {
      connected = now;
      terminal.talk(
          now ? "the API server answers again" : "the API server does not answer; still trying");
    }
    asked.filter(a -> !toldUntaken && connected && untaken(a)).ifPresent(this::tellUntaken);
  }

  private boolean untaken(Asked request) {
    Map<String, String> annotations =
        watch.resource(name).map(r -> r.getMetadata().getAnnotations()).orElse(Map.of());
    return Instant.now().isAfter(request.at().plus(USUALLY_TAKEN))
        && annotations.containsKey(request.key());
  }

  private void tellUntaken(Asked request) {
    toldUntaken = true;
    terminal.talk(
        "the operator has not taken the request for "
            + USUALLY_TAKEN.toSeconds()
            + " s: does one run? It stays until one does; to take it back: kubectl annotate sd "
            + name
            + " "
            + request.key()
            + "- -n "
            + cluster.namespace().name());
  }

  @Override
  public boolean tells() {
    return false;
  }

  @Override
  public Optional<StatusFile.Document> status() {
    if (there().getMetadata().getGeneration() != generation) {
      throw new CommandFailure(
          Exit.FAILED,
          "the spec of " + name + " was changed while it was waited for",
          "see how it stands with: " + command("status " + name));
    }
    Statuses all = watch.statuses();
    return Optional.of(new StatusFile.Document(0, all.problems(), all.resources()));
  }

  @Override
  public State state(ResourceName resource) {
    return watch.state(there());
  }

  @Override
  public List<AuditRecord> recent(ResourceName resource) {
    return watch.resource(name).map(watch::records).orElse(List.of());
  }

  @Override
  public boolean alive() {
    return watch.resource(name).isPresent();
  }

  @Override
  public CommandFailure ended() {
    return new CommandFailure(
        Exit.FAILED, name + " was deleted", "see what was: " + command("audit verify " + name));
  }

  @Override
  public String command(String words) {
    return cluster.command(words);
  }

  @Override
  public String retry(String resource) {
    return "kubectl annotate sd "
        + resource
        + " "
        + RequestAnnotation.key(Request.Kind.RETRY)
        + "=\"why\" -n "
        + cluster.namespace().name();
  }

  @Override
  public void close() {
    watch.close();
    cluster.close();
  }
}
