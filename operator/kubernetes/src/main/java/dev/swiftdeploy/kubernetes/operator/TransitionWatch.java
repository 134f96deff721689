package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.audit.KubernetesAuditLog;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.AnyNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows each chain what becomes of its objects while the operator runs, and has a resource ticked
 * where somebody else than the operator touched them. Keeps none of them, and lists none but one: a
 * chain is read when its loop begins, and from then on only what happens is of interest.
 */
final class TransitionWatch extends AbstractEventSource<TransitionResource, SwiftDeployResource> {
  private static final long AGAIN_SECONDS = 2;

  private final KubernetesClient client;
  private Set<String> namespaces = Set.of();
  private final Map<String, HostedResource> hosted;
  private final Map<String, Watch> open = new ConcurrentHashMap<>();

  /** Chains that are being read, and whether something was shown of them meanwhile, or missed. */
  private final Map<String, AtomicBoolean> beginning = new ConcurrentHashMap<>();

  /**
   * @param hosted whose chains are shown, by uid
   */
  TransitionWatch(KubernetesClient client, Map<String, HostedResource> hosted) {
    super(TransitionResource.class, TransitionResource.class.getSimpleName());
    this.client = client;
    this.hosted = hosted;
  }

  /**
   * Says what is watched, before it starts.
   *
   * @param those JOSDK's name for all namespaces, or some
   */
  TransitionWatch of(Set<String> those) {
    namespaces = Set.copyOf(those);
    return this;
  }

  /** It has to stand before a chain is read, so that nothing happens unseen between the two. */
  @Override
  public void start() throws OperatorException {
    super.start();
    try {
      namespaces.forEach(this::watch);
    } catch (KubernetesClientException e) {
      throw new OperatorException(
          "transitions can't be watched: does the operator have the right to list and watch them? "
              + e.getMessage(),
          e);
    }
  }

  private void watch(String namespace) {
    String version =
        in(namespace)
            .list(new ListOptionsBuilder().withLimit(1L).build())
            .getMetadata()
            .getResourceVersion();
    open.put(
        namespace,
        in(namespace)
            .watch(
                new ListOptionsBuilder().withResourceVersion(version).build(),
                new Watcher<TransitionResource>() {
                  @Override
                  public void eventReceived(Action action, TransitionResource object) {
                    shown(action, object);
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    broken(namespace);
                  }
                }));
  }

  private AnyNamespaceOperation<
          TransitionResource,
          ? extends io.fabric8.kubernetes.api.model.KubernetesResourceList<TransitionResource>,
          Resource<TransitionResource>>
      in(String namespace) {
    var all = client.resources(TransitionResource.class);
    return namespace.equals(Constants.WATCH_ALL_NAMESPACES)
        ? all.inAnyNamespace()
        : all.inNamespace(namespace);
  }

  private void shown(Watcher.Action action, TransitionResource object) {
    @Nullable String uid = KubernetesAuditLog.uid(object).orElse(null);
    if (uid == null) {
      return; // no record of any chain is named so
    }
    @Nullable AtomicBoolean begins = beginning.get(uid);
    if (begins != null) {
      begins.set(true);
    }
    @Nullable HostedResource one = hosted.get(uid);
    if (one != null && one.shown(action, object)) {
      tick(one);
    }
  }

  /**
   * Begins a loop, whose chain is read thereby. What is shown of it meanwhile calls for it to be
   * read once more.
   */
  HostedResource begin(String uid, Supplier<HostedResource> loop) {
    AtomicBoolean shown = new AtomicBoolean();
    beginning.put(uid, shown);
    HostedResource one = loop.get();
    hosted.put(uid, one);
    beginning.remove(uid);
    if (shown.get()) {
      one.missed();
    }
    return one;
  }

  private void tick(HostedResource one) {
    getEventHandler()
        .handleEvent(
            new Event(new ResourceID(one.site().resource().value(), one.site().namespace())));
  }

  /** What happened meanwhile is not known any more: the API server keeps some minutes. */
  private void broken(String namespace) {
    open.remove(namespace);
    later(namespace);
  }

  private void later(String namespace) {
    CompletableFuture.delayedExecutor(AGAIN_SECONDS, TimeUnit.SECONDS)
        .execute(() -> openAgain(namespace));
  }

  private void openAgain(String namespace) {
    if (!isRunning()) {
      return;
    }
    try {
      watch(namespace);
    } catch (KubernetesClientException e) {
      later(namespace);
      return;
    }
    // Those first: one that is no longer among them is among the hosted by then.
    beginning.values().forEach(shown -> shown.set(true));
    Collection<HostedResource> all = hosted.values();
    all.forEach(HostedResource::missed);
    all.forEach(this::tick);
  }

  /** An operator that doesn't see what becomes of its records is not ready. */
  @Override
  public Status getStatus() {
    return open.keySet().containsAll(namespaces) ? Status.HEALTHY : Status.UNHEALTHY;
  }

  @Override
  public Set<TransitionResource> getSecondaryResources(SwiftDeployResource primary) {
    return Set.of();
  }

  @Override
  public void stop() throws OperatorException {
    super.stop();
    open.values().forEach(Watch::close);
    open.clear();
  }
}
