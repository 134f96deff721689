package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.host.LocalHostFacts;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.core.loop.Ports;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.LocalResource;
import dev.swiftdeploy.local.daemon.Workspace;
import dev.swiftdeploy.local.process.Artifacts;
import dev.swiftdeploy.local.proxy.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** Puts the parts of one machine together: a platform, the policy engine, the chain. */
final class Wiring {
  private static final Duration POLICY_LOAD = Duration.ofSeconds(30);

  private final PlatformKind kind;
  private final Workspace workspace;
  private final AuditLog audit;
  private final Clock clock;
  private final CrashPoints crashPoints;
  private final Map<String, Port> published = new HashMap<>();

  Wiring(
      PlatformKind kind,
      Workspace workspace,
      AuditLog audit,
      Clock clock,
      CrashPoints crashPoints) {
    this.kind = kind;
    this.workspace = workspace;
    this.audit = audit;
    this.clock = clock;
    this.crashPoints = crashPoints;
  }

  /** What stands around one resource's loop. */
  LocalResource resource(Resource resource, Consumer<Event> events) {
    published.put(resource.name().value(), resource.spec().nginx().port());
    Given given = new Given(workspace, audit, clock, events, crashPoints);
    if (kind == PlatformKind.COMPOSE) {
      ComposeParts machine = ComposeParts.listening(workspace, resource, clock, crashPoints);
      return new Parts(
          machine,
          PolicyEngines.decidingInContainer(
              workspace, resource, machine.opa(), last(audit, resource)),
          given);
    }
    return new Parts(
        ProcessParts.of(workspace, resource, clock, crashPoints, this::reserved, store -> store),
        PolicyEngines.deciding(workspace, resource, last(audit, resource)),
        given);
  }

  private Set<Port> reserved() {
    return new HashSet<>(published.values());
  }

  /** For commands that look and change nothing; the chain is read by itself. */
  static Parts look(Workspace workspace, Resource resource, AuditLog audit) {
    PlatformChoice choice = PlatformChoice.of(workspace);
    return look(
        choice, resource, audit, PolicyEngines.unasked(workspace, resource, last(audit, resource)));
  }

  /** The same, for those that ask policy too. */
  static Parts lookAndAsk(PlatformChoice choice, Resource resource, AuditLog audit) {
    return look(
        choice,
        resource,
        audit,
        PolicyEngines.asking(choice.workspace(), resource, last(audit, resource)));
  }

  /** The policy that decided last, by what is on record. */
  private static Optional<String> last(AuditLog audit, Resource resource) {
    return audit.state(resource.name()).policyDigest();
  }

  private static Parts look(
      PlatformChoice choice, Resource resource, AuditLog audit, PolicyEngine policy) {
    Workspace workspace = choice.workspace();
    Clock clock = Clock.systemUTC();
    Given given = new Given(workspace, audit, clock, event -> {}, CrashPoints.NONE);
    MachineParts machine =
        choice.or(List.of(resource)) == PlatformKind.COMPOSE
            ? ComposeParts.looking(workspace, resource, clock)
            : ProcessParts.of(
                workspace,
                resource,
                clock,
                CrashPoints.NONE,
                () -> Set.of(resource.spec().nginx().port()),
                store -> Artifacts.unkept(clock));
    return new Parts(machine, policy, given);
  }

  /** What the parts of one resource are made with, whatever the platform. */
  private record Given(
      Workspace workspace,
      AuditLog audit,
      Clock clock,
      Consumer<Event> events,
      CrashPoints crashPoints) {}

  /** One resource's parts. */
  static final class Parts implements LocalResource {
    private final MachineParts machine;
    private final PolicyEngine policy;
    private final Ports ports;

    private Parts(MachineParts machine, PolicyEngine policy, Given given) {
      this.machine = machine;
      this.policy = policy;
      this.ports =
          new Ports(
              given.audit(),
              machine.platform(),
              machine.resolver(),
              machine.releases(),
              policy,
              new LocalHostFacts(given.workspace().folder()),
              machine.metrics(),
              given.clock(),
              () -> "d-" + UUID.randomUUID().toString().substring(24),
              given.events(),
              given.crashPoints());
    }

    @Override
    public Ports ports() {
      return ports;
    }

    Proxy proxy() {
      return machine.proxy();
    }

    Observation observe() {
      return machine.platform().observe();
    }

    /** The policy that judges, once it is loaded or can't be. */
    PolicyRevision policyRevision() {
      Instant until = Instant.now().plus(POLICY_LOAD);
      PolicyRevision revision = policy.revision();
      while (revision.digest().isEmpty()
          && revision.problem().isEmpty()
          && Instant.now().isBefore(until)) {
        DaemonClient.pause(20);
        revision = policy.revision();
      }
      return revision.digest().isEmpty() && revision.problem().isEmpty()
          ? new PolicyRevision(Optional.empty(), true, Optional.of("it does not load within 30 s"))
          : revision;
    }

    @Override
    public void close() {
      machine.close();
      policy.close();
    }
  }
}
