package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.host.LocalHostFacts;
import dev.swiftdeploy.adapters.metrics.HttpMetricsSource;
import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.NginxConf;
import dev.swiftdeploy.adapters.proxy.NginxPath;
import dev.swiftdeploy.adapters.proxy.NginxSite;
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
import dev.swiftdeploy.local.process.ArtifactStore;
import dev.swiftdeploy.local.process.Artifacts;
import dev.swiftdeploy.local.process.FileReleaseStore;
import dev.swiftdeploy.local.process.ProcessPlatform;
import dev.swiftdeploy.local.process.ProcessReleaseResolver;
import dev.swiftdeploy.local.process.ProcessSite;
import dev.swiftdeploy.local.proxy.Proxies;
import dev.swiftdeploy.local.proxy.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Puts the parts of one machine together: the process platform, the policy engine, the chain. */
final class Wiring {
  private static final Duration POLICY_LOAD = Duration.ofSeconds(30);

  private final Workspace workspace;
  private final AuditLog audit;
  private final Clock clock;
  private final CrashPoints crashPoints;
  private final Map<String, Port> published = new HashMap<>();

  Wiring(Workspace workspace, AuditLog audit, Clock clock, CrashPoints crashPoints) {
    this.workspace = workspace;
    this.audit = audit;
    this.clock = clock;
    this.crashPoints = crashPoints;
  }

  /** What stands around one resource's loop. */
  LocalResource resource(Resource resource, Consumer<Event> events) {
    published.put(resource.name().value(), resource.spec().nginx().port());
    return new Parts(
        workspace,
        resource,
        PolicyEngines.deciding(workspace, resource),
        audit,
        clock,
        events,
        crashPoints,
        this::reserved,
        store -> store);
  }

  private Set<Port> reserved() {
    return new HashSet<>(published.values());
  }

  /** For commands that look and change nothing; the chain is read by itself. */
  static Parts look(Workspace workspace, Resource resource, AuditLog audit) {
    return look(workspace, resource, audit, PolicyEngines.unasked(workspace, resource));
  }

  /** The same, for those that ask policy too. */
  static Parts lookAndAsk(Workspace workspace, Resource resource, AuditLog audit) {
    return look(workspace, resource, audit, PolicyEngines.asking(workspace, resource));
  }

  private static Parts look(
      Workspace workspace, Resource resource, AuditLog audit, PolicyEngine policy) {
    return new Parts(
        workspace,
        resource,
        policy,
        audit,
        Clock.systemUTC(),
        event -> {},
        CrashPoints.NONE,
        () -> Set.of(resource.spec().nginx().port()),
        store -> Artifacts.unkept(Clock.systemUTC()));
  }

  /** nginx.conf as it would be for the declared service, with instances at its first ports. */
  static String renderProxyConfiguration(Workspace workspace, Resource resource) {
    NginxPath place =
        new NginxPath(workspace.resource(resource.name()).resolve("proxy/nginx").toString());
    NginxSite site =
        new NginxSite(
            ListenAddress.LOOPBACK, place, Optional.of(place), Optional.empty(), Optional.empty());
    return NginxConf.render(ProxyChecks.example(resource), site).text();
  }

  /** One resource's parts. */
  static final class Parts implements LocalResource {
    private final ProcessPlatform platform;
    private final Proxy proxy;
    private final PolicyEngine policy;
    private final HttpMetricsSource metrics;
    private final Ports ports;

    private Parts(
        Workspace workspace,
        Resource resource,
        PolicyEngine policy,
        AuditLog audit,
        Clock clock,
        Consumer<Event> events,
        CrashPoints crashPoints,
        java.util.function.Supplier<Set<Port>> reserved,
        UnaryOperator<Artifacts> resolved) {
      Map<String, String> environment = System.getenv();
      Path state = workspace.resource(resource.name());
      ProcessSite site = new ProcessSite(resource.name(), workspace.folder(), state, environment);
      ArtifactStore artifacts = new ArtifactStore(site.artifacts(), clock);
      FileReleaseStore releases = new FileReleaseStore(site.releases());
      this.proxy =
          Proxies.choose(state.resolve("proxy"), ListenAddress.LOOPBACK, environment, crashPoints);
      this.platform =
          new ProcessPlatform(
              site,
              releases,
              artifacts,
              proxy,
              reserved,
              ProcessPlatform.GRACE,
              clock,
              crashPoints);
      this.policy = policy;
      this.metrics = new HttpMetricsSource(clock);
      this.ports =
          new Ports(
              audit,
              platform,
              new ProcessReleaseResolver(
                  workspace.folder(), resolved.apply(artifacts), environment),
              releases,
              policy,
              new LocalHostFacts(workspace.folder()),
              metrics,
              clock,
              () -> "d-" + UUID.randomUUID().toString().substring(24),
              events,
              crashPoints);
    }

    @Override
    public Ports ports() {
      return ports;
    }

    Proxy proxy() {
      return proxy;
    }

    Observation observe() {
      return platform.observe();
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
      platform.close();
      policy.close();
      metrics.close();
    }
  }
}
