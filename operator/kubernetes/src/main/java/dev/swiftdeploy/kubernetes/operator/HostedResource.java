package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.adapters.metrics.HttpMetricsSource;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.loop.Declared;
import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.core.loop.Next;
import dev.swiftdeploy.core.loop.Ports;
import dev.swiftdeploy.core.loop.ReleaseLoop;
import dev.swiftdeploy.core.loop.Told;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.core.status.StatusProjector;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.audit.KubernetesAuditLog;
import dev.swiftdeploy.kubernetes.platform.KnownObjects;
import dev.swiftdeploy.kubernetes.platform.KubernetesPlatform;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import dev.swiftdeploy.kubernetes.platform.NodeFacts;
import dev.swiftdeploy.kubernetes.policy.KeepsPolicies;
import dev.swiftdeploy.kubernetes.release.KubernetesReleaseStore;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One resource's loop and what stands around it. Ticked from one thread at a time. */
final class HostedResource implements AutoCloseable {
  private static final Actor ACTOR = new Actor("kubernetes", "spec", false);

  private final KubernetesSite site;
  private final HttpMetricsSource metrics;
  private final KubernetesPlatform platform;
  private final PolicyEngine policy;
  private final KubernetesAuditLog chain;
  private final AuditLog audit;
  private final ReleaseLoop loop;
  private final StatusWrites writes = new StatusWrites();
  private final Consumer<Event> told;
  private final Clock clock;

  /** The request that could not be recorded, and was told. */
  private String waiting = "";

  HostedResource(
      Around around,
      KnownObjects known,
      Supplier<Optional<List<Node>>> nodes,
      KubernetesSite site,
      Optional<Damages.Known> head) {
    KubernetesClient client = around.client();
    Clock clock = around.clock();
    KubernetesReleaseStore releases = new KubernetesReleaseStore(client, site);
    KubernetesEvents events = new KubernetesEvents(client, site);
    this.site = site;
    this.metrics = new HttpMetricsSource(clock, around.scrapes());
    this.platform = new KubernetesPlatform(client, known, site, releases);
    this.policy = around.policy();
    this.chain =
        new KubernetesAuditLog(client, site.namespace(), site.resource(), site.uid(), head, clock);
    this.audit =
        new WithoutSamples(
            around
                .audited()
                .apply(
                    new KeepsPolicies(
                        chain, digest -> around.policies().accept(site.namespace(), digest))));
    this.clock = clock;
    this.told =
        event -> {
          around.log().accept(site, event);
          if (worthAnEvent(event)) {
            events.accept(event);
          }
        };
    this.loop =
        new ReleaseLoop(
            site.resource(),
            new Ports(
                audit,
                platform,
                around.resolver(),
                releases,
                policy,
                new NodeFacts(nodes, around.stats(), known, site),
                metrics,
                clock,
                () -> "d-" + UUID.randomUUID().toString().substring(24),
                told,
                around.crashPoints()));
  }

  /**
   * Few, so that none is lost: what was planned is told by the status, what a review that is not
   * enacted would say, too; and what was admitted is told when it is done.
   */
  private boolean worthAnEvent(Event event) {
    Optional<Entry.Decided> last =
        audit.state(site.resource()).lastReview().map(State.Review::decided);
    boolean decision = last.filter(d -> Told.reason(d).equals(event.reason())).isPresent();
    boolean openQuestion =
        last.filter(d -> !d.enact() && !d.decision().map(Decision::failedReview).orElse(false))
            .isPresent();
    boolean deploys = last.filter(d -> d.transition().kind() == TransitionKind.DEPLOY).isPresent();
    boolean admitted = last.filter(d -> d.verdict() == Verdict.ALLOWED).isPresent();
    return !decision || (!openQuestion && (!admitted || deploys));
  }

  private void tell(Event.Level level, String reason, String message) {
    told.accept(new Event(clock.instant(), level, reason, message));
  }

  /** When its status is written. */
  StatusWrites writes() {
    return writes;
  }

  KubernetesSite site() {
    return site;
  }

  /**
   * Records what a person asks, unless it is on record already. Where it can't be recorded it
   * waits, and holds nothing else up.
   *
   * @return whether it is on record
   */
  boolean request(Request request) {
    try {
      if (!audit.requested(request.id())) {
        loop.request(meant(request));
      }
      return true;
    } catch (AuditException e) {
      if (!waiting.equals(request.id())) {
        waiting = request.id();
        tell(
            Event.Level.WARNING,
            "RecordFailed",
            "a request can't be recorded yet: " + e.getMessage());
      }
      return false;
    }
  }

  /**
   * Takes note of the chain's damage for a person. Where that can't be recorded it waits.
   *
   * @return whether there is nothing to take note of any more
   */
  boolean acknowledge(Actor actor, String reason) {
    try {
      Entry.Acknowledged noted = (Entry.Acknowledged) audit.acknowledge(actor, reason).entry();
      tell(
          Event.Level.NORMAL,
          "DamageAcknowledged",
          actor.name() + " takes note: " + noted.message() + " (" + reason + ")");
      return true;
    } catch (AuditException e) {
      boolean whole = audit.damage().isEmpty();
      String what = whole ? "there is nothing to acknowledge: " : "it can't be acknowledged yet: ";
      tell(Event.Level.WARNING, "RecordFailed", what + e.getMessage());
      return whole;
    }
  }

  /** Who asks for a retry and names no release means the one that is refused. */
  private Request meant(Request request) {
    Set<ReleaseId> refused = audit.state(site.resource()).refused().keySet();
    return request.kind() == Request.Kind.RETRY && request.release().isEmpty() && !refused.isEmpty()
        ? new Request(
            request.id(),
            request.kind(),
            request.actor(),
            request.reason(),
            loop.view()
                .flatMap(view -> view.desired().release())
                .map(Release::id)
                .filter(refused::contains)
                .or(() -> refused.stream().findFirst()))
        : request;
  }

  /**
   * What a watch shows of its chain's objects. From any thread.
   *
   * @return whether it calls for a tick
   */
  boolean shown(Watcher.Action action, TransitionResource object) {
    return chain.shown(action, object);
  }

  /** A watch has missed what became of them. From any thread. */
  void missed() {
    chain.missed();
  }

  Next tick(Resource resource, long generation, boolean deleted) {
    chain.look();
    return loop.tick(new Declared(resource, OptionalLong.of(generation), deleted, ACTOR));
  }

  /** How it stands; empty before the first tick. */
  Optional<Status> status() {
    return loop.view()
        .map(view -> StatusProjector.project(view, platform.name(), policy.name(), audit.head()));
  }

  /** The last answer of policy, with what it was shown. */
  Optional<Entry.Decided> lastReview() {
    return loop.view()
        .flatMap(ReleaseLoop.View::lastDecided)
        .or(() -> audit.state(site.resource()).lastReview().map(State.Review::decided));
  }

  /** Whether nothing of it is there. */
  boolean gone() {
    return loop.view().filter(view -> view.observation().nothing()).isPresent();
  }

  @Override
  public void close() {
    metrics.close();
  }
}
