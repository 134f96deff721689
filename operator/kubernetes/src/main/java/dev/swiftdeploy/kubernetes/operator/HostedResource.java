package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.adapters.metrics.HttpMetricsSource;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.evidence.HostFacts;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.loop.Declared;
import dev.swiftdeploy.core.loop.Next;
import dev.swiftdeploy.core.loop.Ports;
import dev.swiftdeploy.core.loop.ReleaseLoop;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.core.status.StatusProjector;
import dev.swiftdeploy.kubernetes.audit.KubernetesAuditLog;
import dev.swiftdeploy.kubernetes.platform.KubernetesPlatform;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import dev.swiftdeploy.kubernetes.release.KubernetesReleaseStore;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** One resource's loop and what stands around it. Ticked from one thread at a time. */
final class HostedResource implements AutoCloseable {
  private static final Actor ACTOR = new Actor("kubernetes", "spec", false);

  private final HttpMetricsSource metrics;
  private final KubernetesPlatform platform;
  private final PolicyEngine policy;
  private final AuditLog audit;
  private final ReleaseLoop loop;

  HostedResource(
      KubernetesClient client,
      KubernetesSite site,
      PolicyEngine policy,
      ReleaseResolver resolver,
      HostFacts host,
      Clock clock) {
    KubernetesReleaseStore releases = new KubernetesReleaseStore(client, site);
    this.metrics = new HttpMetricsSource(clock);
    this.platform = new KubernetesPlatform(client, site, releases);
    this.policy = policy;
    this.audit =
        new KubernetesAuditLog(client, site.namespace(), site.resource(), site.uid(), clock);
    this.loop =
        new ReleaseLoop(
            site.resource(),
            new Ports(
                audit,
                platform,
                resolver,
                releases,
                policy,
                host,
                metrics,
                clock,
                () -> "d-" + UUID.randomUUID().toString().substring(24),
                new KubernetesEvents(client, site),
                CrashPoints.NONE));
  }

  Next tick(Resource resource, long generation, boolean deleted) {
    return loop.tick(new Declared(resource, OptionalLong.of(generation), deleted, ACTOR));
  }

  /** How it stands; empty before the first tick. */
  Optional<Status> status() {
    return loop.view()
        .map(view -> StatusProjector.project(view, platform.name(), policy.name(), audit.head()));
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
