package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.adapters.manifest.Severity;
import dev.swiftdeploy.core.loop.Next;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import dev.swiftdeploy.kubernetes.audit.TransitionChain;
import dev.swiftdeploy.kubernetes.platform.CachedObjects;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Maps a tick's {@link Next} and status to what JOSDK does; nothing is decided here. */
@ControllerConfiguration(
    name = "swiftdeploy",
    finalizerName = "swiftdeploy.dev/teardown",
    fieldManager = "swiftdeploy")
public final class SwiftDeployReconciler
    implements Reconciler<SwiftDeployResource>, Cleaner<SwiftDeployResource>, AutoCloseable {
  /** JOSDK schedules nothing for no time at all. */
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  /** Answered where a patch's test fails: 422. */
  private static final int NOT_SO = 422;

  private final Around around;
  private final Informers informers;
  private final CachedObjects known;
  private final Declarations declarations = new Declarations();
  private final Map<String, HostedResource> hosted = new ConcurrentHashMap<>();
  private final TransitionWatch transitions;
  private final Set<String> moving = ConcurrentHashMap.newKeySet();
  private final IntConsumer loops;

  /**
   * @param loops is told how many loops run
   */
  public SwiftDeployReconciler(Around around, IntConsumer loops) {
    this.around = around;
    this.informers = new Informers(around.nodes());
    this.known = new CachedObjects(informers, around.clock());
    this.transitions = new TransitionWatch(around.client(), hosted);
    this.loops = loops;
  }

  @Override
  public List<EventSource<?, SwiftDeployResource>> prepareEventSources(
      EventSourceContext<SwiftDeployResource> context) {
    List<EventSource<?, SwiftDeployResource>> made = new ArrayList<>(informers.make(context));
    made.add(transitions.of(context.getControllerConfiguration().getEffectiveNamespaces()));
    return made;
  }

  /** A changed status is our own doing; all else may call for a tick. */
  public static boolean calls(SwiftDeployResource now, SwiftDeployResource before) {
    return !Objects.equals(now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
        || now.getMetadata().getDeletionTimestamp() != null
        || RequestAnnotation.of(now).isPresent()
        || RequestAnnotation.acknowledgement(now).isPresent()
        || !Objects.equals(now.getMetadata().getLabels(), before.getMetadata().getLabels())
        || !Objects.equals(now.getMetadata().getFinalizers(), before.getMetadata().getFinalizers());
  }

  @Override
  public UpdateControl<SwiftDeployResource> reconcile(
      SwiftDeployResource resource, Context<SwiftDeployResource> context) {
    ManifestResult read = declarations.read(resource);
    if (!(read instanceof ManifestResult.Manifest manifest)) {
      return patch(
          resource,
          StatusObjects.unreadable(
              errors(read),
              generation(resource),
              SwiftDeployStatus.written(resource),
              around.clock().instant()));
    }
    HostedResource loop = hosted(resource);
    takeNote(resource, loop);
    RequestAnnotation.of(resource)
        .filter(asked -> loop.request(asked.request()))
        .ifPresent(asked -> takeAway(resource, asked.key(), asked.value()));
    Next next = loop.tick(manifest.resources().get(0), generation(resource), false);
    Instant now = around.clock().instant();
    Optional<Status> seen = loop.status();
    int many = moving(resource, seen.flatMap(Status::underWay).isPresent());
    @Nullable SwiftDeployStatus before = SwiftDeployStatus.written(resource);
    Optional<SwiftDeployStatus> status =
        seen.map(
            is ->
                StatusObjects.render(
                    is,
                    loop.lastReview(),
                    generation(resource),
                    url(resource, manifest.resources().get(0)),
                    before,
                    now));
    Optional<Duration> left = status.flatMap(is -> loop.writes().left(is, before, next, now, many));
    return status
        .filter(is -> left.filter(Duration::isZero).isPresent())
        .map(is -> patch(resource, is))
        .orElseGet(UpdateControl::noUpdate)
        .rescheduleAfter(later(next, left));
  }

  /** How many resources have a transition under way. */
  private int moving(SwiftDeployResource resource, boolean moves) {
    String uid = resource.getMetadata().getUid();
    if (moves) {
      moving.add(uid);
    } else {
      moving.remove(uid);
    }
    return moving.size();
  }

  /**
   * Deletion is a transition like others: policy is asked, and it is on record. Not so where the
   * whole namespace goes: it takes objects and records with it, and no record can be made in it any
   * more. A damaged chain holds up this transition, too, until a person takes note.
   */
  @Override
  public DeleteControl cleanup(SwiftDeployResource resource, Context<SwiftDeployResource> context) {
    if (!(declarations.read(resource) instanceof ManifestResult.Manifest manifest)
        || namespaceGoes(resource)) {
      return done(resource);
    }
    HostedResource loop = hosted(resource);
    takeNote(resource, loop);
    Next next = loop.tick(manifest.resources().get(0), generation(resource), true);
    return next.settled() && loop.gone()
        ? done(resource)
        : DeleteControl.noFinalizerRemoval()
            .rescheduleAfter(later(next, Optional.empty()).toMillis());
  }

  private void takeNote(SwiftDeployResource resource, HostedResource loop) {
    RequestAnnotation.acknowledgement(resource)
        .filter(noted -> loop.acknowledge(noted.actor(), noted.reason()))
        .ifPresent(
            noted -> takeAway(resource, RequestAnnotation.Acknowledgement.KEY, noted.value()));
  }

  /**
   * On record first, and only then taken away: used up, and not lost. A watch that lags still shows
   * what was taken away; and where it is another one by now, that is to be read first.
   */
  private void takeAway(SwiftDeployResource resource, String key, String value) {
    String path = "/metadata/annotations/" + key.replace("~", "~0").replace("/", "~1");
    try {
      around
          .client()
          .resources(SwiftDeployResource.class)
          .inNamespace(resource.getMetadata().getNamespace())
          .withName(resource.getMetadata().getName())
          .patch(
              PatchContext.of(PatchType.JSON),
              Serialization.asJson(
                  List.of(
                      Map.of("op", "test", "path", path, "value", value),
                      Map.of("op", "remove", "path", path))));
    } catch (KubernetesClientException e) {
      if (e.getCode() != NOT_SO) {
        throw e;
      }
    }
  }

  private boolean namespaceGoes(SwiftDeployResource resource) {
    Namespace namespace =
        around.client().namespaces().withName(resource.getMetadata().getNamespace()).get();
    return namespace == null || namespace.getMetadata().getDeletionTimestamp() != null;
  }

  private DeleteControl done(SwiftDeployResource resource) {
    forget(resource.getMetadata().getUid());
    return DeleteControl.defaultDelete();
  }

  private void forget(String uid) {
    moving.remove(uid);
    declarations.forget(uid);
    HostedResource loop = hosted.remove(uid);
    if (loop != null) {
      loop.close();
      known.forget(loop.site());
      loops.accept(hosted.size());
    }
  }

  /** Whoever takes its finalizer away makes a resource go without a word to its loop. */
  private void forgetEarlier(KubernetesSite site) {
    hosted.values().stream()
        .map(HostedResource::site)
        .filter(other -> other.resource().equals(site.resource()))
        .filter(other -> other.namespace().equals(site.namespace()))
        .forEach(other -> forget(other.uid()));
  }

  private HostedResource hosted(SwiftDeployResource resource) {
    String uid = resource.getMetadata().getUid();
    HostedResource there = hosted.get(uid); // one resource is reconciled by one thread at a time
    if (there != null) {
      return there;
    }
    KubernetesSite site =
        new KubernetesSite(
            resource.getMetadata().getNamespace(),
            ResourceName.of(resource.getMetadata().getName()),
            uid);
    forgetEarlier(site);
    Supplier<HostedResource> begins =
        () ->
            new HostedResource(
                around, known, informers::nodes, site, TransitionChain.told(resource));
    HostedResource loop = transitions.begin(uid, begins);
    loops.accept(hosted.size());
    return loop;
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

  /** What becomes of objects is shown, and so is nothing looked for; a status may be due before. */
  private static Duration later(Next next, Optional<Duration> status) {
    return Stream.concat(Stream.of(next.watched()), status.filter(left -> !left.isZero()).stream())
        .min(Duration::compareTo)
        .filter(time -> time.compareTo(AT_ONCE) > 0)
        .orElse(AT_ONCE);
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
