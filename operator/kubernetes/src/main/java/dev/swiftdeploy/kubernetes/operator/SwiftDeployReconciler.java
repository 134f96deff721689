package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.adapters.manifest.Severity;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.evidence.HostFacts;
import dev.swiftdeploy.core.loop.Next;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.ResourceReader;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Maps a tick's {@link Next} and status to what JOSDK does; nothing is decided here. */
@ControllerConfiguration(
    name = "swiftdeploy",
    finalizerName = "swiftdeploy.dev/teardown",
    fieldManager = "swiftdeploy")
public final class SwiftDeployReconciler
    implements Reconciler<SwiftDeployResource>, Cleaner<SwiftDeployResource>, AutoCloseable {
  /** JOSDK schedules nothing for no time at all. */
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  private final KubernetesClient client;
  private final PolicyEngine policy;
  private final ReleaseResolver resolver;
  private final HostFacts host;
  private final Clock clock;
  private final Map<String, HostedResource> hosted = new ConcurrentHashMap<>();

  /**
   * @param policy who judges all resources; none of them chooses
   * @param host facts of the operator's own machine
   */
  public SwiftDeployReconciler(
      KubernetesClient client,
      PolicyEngine policy,
      ReleaseResolver resolver,
      HostFacts host,
      Clock clock) {
    this.client = client;
    this.policy = policy;
    this.resolver = resolver;
    this.host = host;
    this.clock = clock;
  }

  @Override
  public UpdateControl<SwiftDeployResource> reconcile(
      SwiftDeployResource resource, Context<SwiftDeployResource> context) {
    ManifestResult read = ResourceReader.read(resource);
    if (!(read instanceof ManifestResult.Manifest manifest)) {
      return patch(
          resource,
          StatusObjects.unreadable(
              errors(read), generation(resource), resource.getStatus(), clock.instant()));
    }
    HostedResource loop = hosted(resource);
    Next next = loop.tick(manifest.resources().get(0), generation(resource), false);
    return loop.status()
        .map(
            status ->
                StatusObjects.render(
                    status,
                    generation(resource),
                    url(resource, manifest.resources().get(0)),
                    resource.getStatus(),
                    clock.instant()))
        .map(status -> patch(resource, status))
        .orElseGet(UpdateControl::noUpdate)
        .rescheduleAfter(later(next));
  }

  /**
   * Deletion is a transition like others: policy is asked, and it is on record. Not so where the
   * whole namespace goes: it takes objects and records with it, and no record can be made in it any
   * more.
   */
  @Override
  public DeleteControl cleanup(SwiftDeployResource resource, Context<SwiftDeployResource> context) {
    if (!(ResourceReader.read(resource) instanceof ManifestResult.Manifest manifest)
        || namespaceGoes(resource)) {
      return done(resource);
    }
    HostedResource loop = hosted(resource);
    Next next = loop.tick(manifest.resources().get(0), generation(resource), true);
    return next.settled() && loop.gone()
        ? done(resource)
        : DeleteControl.noFinalizerRemoval().rescheduleAfter(later(next).toMillis());
  }

  private boolean namespaceGoes(SwiftDeployResource resource) {
    Namespace namespace = client.namespaces().withName(resource.getMetadata().getNamespace()).get();
    return namespace == null || namespace.getMetadata().getDeletionTimestamp() != null;
  }

  private DeleteControl done(SwiftDeployResource resource) {
    HostedResource loop = hosted.remove(resource.getMetadata().getUid());
    if (loop != null) {
      loop.close();
    }
    return DeleteControl.defaultDelete();
  }

  private HostedResource hosted(SwiftDeployResource resource) {
    return hosted.computeIfAbsent(
        resource.getMetadata().getUid(),
        uid ->
            new HostedResource(
                client,
                new KubernetesSite(
                    resource.getMetadata().getNamespace(),
                    ResourceName.of(resource.getMetadata().getName()),
                    uid),
                policy,
                resolver,
                host,
                clock));
  }

  /** Only what changed is written: a converged resource causes no write. */
  private static UpdateControl<SwiftDeployResource> patch(
      SwiftDeployResource resource, SwiftDeployStatus status) {
    if (Objects.equals(status, resource.getStatus())) {
      return UpdateControl.noUpdate();
    }
    SwiftDeployResource patch = new SwiftDeployResource();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName(resource.getMetadata().getName())
            .withNamespace(resource.getMetadata().getNamespace())
            .build());
    patch.setStatus(status);
    return UpdateControl.patchStatus(patch);
  }

  private static Duration later(Next next) {
    return next.after().compareTo(AT_ONCE) < 0 ? AT_ONCE : next.after();
  }

  private static long generation(SwiftDeployResource resource) {
    return resource.getMetadata().getGeneration();
  }

  private static String url(SwiftDeployResource resource, Resource declared) {
    return "http://%s.%s.svc:%s/"
        .formatted(
            resource.getMetadata().getName(),
            resource.getMetadata().getNamespace(),
            declared.spec().nginx().port());
  }

  private static String errors(ManifestResult read) {
    return read.problems().stream()
        .filter(problem -> problem.severity() == Severity.ERROR)
        .map(problem -> problem.path() + ": " + problem.message() + ". Fix: " + problem.fix())
        .collect(Collectors.joining("; "));
  }

  @Override
  public void close() {
    hosted.values().forEach(HostedResource::close);
    hosted.clear();
  }
}
