package dev.swiftdeploy.kubernetes.client;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.audit.TransitionChain;
import dev.swiftdeploy.kubernetes.platform.KnownObjects;
import dev.swiftdeploy.kubernetes.platform.KubernetesPlatform;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import dev.swiftdeploy.kubernetes.release.KubernetesReleaseStore;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Follows the resources of a namespace, or one of them: what watches have shown. Chains are read
 * again only where they have grown. One thread at a time.
 */
public final class ClusterWatch implements AutoCloseable, KnownObjects {
  private final ApiServer server;
  private final Optional<String> name;
  private final Map<Class<?>, SharedIndexInformer<? extends HasMetadata>> informers =
      new LinkedHashMap<>();
  private final Map<String, Followed> followed = new HashMap<>();
  private String versions = "";
  private Statuses last = new Statuses(List.of(), List.of());

  /** What is kept of one resource between two looks. */
  private record Followed(int objects, TransitionChain chain, KubernetesPlatform platform) {}

  private ClusterWatch(ApiServer server, Optional<String> name) {
    this.server = server;
    this.name = name;
  }

  /**
   * Starts: returns when all that is there was shown.
   *
   * @param name of the resource; empty: all of the namespace
   */
  public static ClusterWatch open(ClusterNamespace namespace, Optional<String> name) {
    ClusterWatch watch = new ClusterWatch(namespace.server(), name);
    try {
      watch.inform(SwiftDeployResource.class, ClusterNamespace.SWIFTDEPLOYS);
      watch.inform(TransitionResource.class, ClusterNamespace.TRANSITIONS);
      for (Class<? extends HasMetadata> kind : KINDS) {
        watch.inform(kind, HasMetadata.getFullResourceName(kind));
      }
      return watch;
    } catch (RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  private <T extends HasMetadata> void inform(Class<T> kind, String plural) {
    var all = server.client().resources(kind).inNamespace(server.namespace());
    informers.put(
        kind,
        server.asking(
            "list",
            plural,
            () ->
                kind == SwiftDeployResource.class
                    ? name.isPresent() ? all.withName(name.get()).inform() : all.inform()
                    : name.isPresent()
                        ? all.withLabel(KubernetesSite.RESOURCE_LABEL, name.get()).inform()
                        : all.withLabel(KubernetesSite.RESOURCE_LABEL).inform()));
  }

  private <T extends HasMetadata> List<T> shown(Class<T> kind) {
    SharedIndexInformer<? extends HasMetadata> informer = informers.get(kind);
    return informer == null
        ? List.of()
        : informer.getStore().list().stream().map(kind::cast).toList();
  }

  /** Whether the API server still shows what becomes of them. */
  public boolean connected() {
    return informers.values().stream().allMatch(SharedIndexInformer::isWatching);
  }

  /** How they stand. Cheap where nothing is new. */
  public Statuses statuses() {
    String now =
        informers.values().stream()
            .map(SharedIndexInformer::lastSyncResourceVersion)
            .collect(Collectors.joining(","));
    if (!now.equals(versions)) {
      last = look();
      versions = now;
    }
    return last;
  }

  private Statuses look() {
    List<Status> statuses = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (SwiftDeployResource resource : resources()) {
      Optional<String> problem = ClusterStatus.problem(resource);
      if (problem.isPresent()) {
        problems.add(problem.get());
        continue;
      }
      Followed one = follow(resource);
      Observation there = one.platform().observe();
      statuses.add(ClusterStatus.of(resource, one.chain(), there));
    }
    return new Statuses(statuses, problems);
  }

  private List<SwiftDeployResource> resources() {
    return shown(SwiftDeployResource.class).stream()
        .sorted(Comparator.comparing((SwiftDeployResource r) -> r.getMetadata().getName()))
        .toList();
  }

  /** One of them as it is now. */
  public Optional<SwiftDeployResource> resource(String meant) {
    return resources().stream().filter(r -> r.getMetadata().getName().equals(meant)).findFirst();
  }

  /** The records of that resource's chain, up to the damage if there is any. */
  public List<AuditRecord> records(SwiftDeployResource resource) {
    return follow(resource).chain().records();
  }

  /** What is on record of that resource. */
  public State state(SwiftDeployResource resource) {
    return follow(resource).chain().state();
  }

  private Followed follow(SwiftDeployResource resource) {
    String uid = resource.getMetadata().getUid();
    List<TransitionResource> objects =
        TransitionChain.byUid(shown(TransitionResource.class)).getOrDefault(uid, List.of());
    Followed before = followed.get(uid);
    if (before != null && before.objects() == objects.size()) {
      return before;
    }
    KubernetesSite site =
        new KubernetesSite(
            server.namespace(), ResourceName.of(resource.getMetadata().getName()), uid);
    Followed now =
        new Followed(
            objects.size(),
            // Not against the status's head: watches of two kinds are not of one moment.
            TransitionChain.read(uid, resource.getMetadata().getName(), objects, List.of()),
            before != null
                ? before.platform()
                : new KubernetesPlatform(
                    server.client(),
                    this,
                    site,
                    new KubernetesReleaseStore(server.client(), site)));
    followed.put(uid, now);
    return now;
  }

  @Override
  public <T extends HasMetadata> List<T> of(Class<T> kind, KubernetesSite site) {
    return shown(kind).stream()
        .filter(
            object ->
                site.resource()
                    .value()
                    .equals(object.getMetadata().getLabels().get(KubernetesSite.RESOURCE_LABEL)))
        .toList();
  }

  @Override
  public void wrote(HasMetadata object) {}

  @Override
  public void removed(HasMetadata object) {}

  @Override
  public void close() {
    informers.values().forEach(SharedIndexInformer::stop);
  }
}
