package dev.swiftdeploy.kubernetes.platform;

import static java.util.stream.Collectors.toSet;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.api.TransitionSpec;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * All that happens to a resource and its objects, in the one order that the API server's versions
 * give to the objects of all kinds, and what has to hold at every moment of it.
 */
public final class ClusterHistory implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          TransitionResource.class,
          SwiftDeployResource.class,
          Deployment.class,
          Service.class,
          ConfigMap.class,
          Pod.class);

  private final KubernetesClient client;
  private final String namespace;
  private final String resource;
  private final List<Event> events = new ArrayList<>();
  private final Map<String, HasMetadata> now = new TreeMap<>();
  private final List<Watch> watches = new ArrayList<>();

  private record Event(long version, boolean there, HasMetadata object) {}

  /** Of a resource in a namespace in which nothing has happened yet. */
  public ClusterHistory(KubernetesClient client, String namespace, String resource) {
    this.client = client;
    this.namespace = namespace;
    this.resource = resource;
    for (Class<? extends HasMetadata> kind : KINDS) {
      watches.add(watch(kind));
    }
  }

  private <T extends HasMetadata> Watch watch(Class<T> kind) {
    return client
        .resources(kind)
        .inNamespace(namespace)
        .watch(
            new Watcher<T>() {
              @Override
              public void eventReceived(Action action, T object) {
                if (action != Action.BOOKMARK && action != Action.ERROR && isOf(object)) {
                  take(action != Action.DELETED, object);
                }
              }

              @Override
              public void onClose(WatcherException cause) {
                again(kind);
              }
            });
  }

  private boolean isOf(HasMetadata object) {
    if (object instanceof SwiftDeployResource) {
      return object.getMetadata().getName().equals(resource);
    }
    Map<String, String> labels = object.getMetadata().getLabels();
    return labels != null && resource.equals(labels.get(KubernetesSite.RESOURCE_LABEL));
  }

  /** The API server has forgotten what it would go on from. What happened meanwhile is missed. */
  private synchronized void again(Class<? extends HasMetadata> kind) {
    now.values().removeIf(kind::isInstance);
    watches.add(watch(kind));
  }

  private synchronized void take(boolean there, HasMetadata object) {
    events.add(new Event(Long.parseLong(object.getMetadata().getResourceVersion()), there, object));
    set(now, there, object);
  }

  private static void set(Map<String, HasMetadata> objects, boolean there, HasMetadata object) {
    String key = object.getKind() + "/" + object.getMetadata().getName();
    if (there) {
      objects.put(key, object);
    } else {
      objects.remove(key);
    }
  }

  /** The resource as it was seen last. */
  public synchronized Optional<SwiftDeployResource> resource() {
    return of(now, SwiftDeployResource.class).findFirst();
  }

  /** The resource at each of its versions. */
  public synchronized List<SwiftDeployResource> versions() {
    return events.stream()
        .map(Event::object)
        .filter(SwiftDeployResource.class::isInstance)
        .map(SwiftDeployResource.class::cast)
        .toList();
  }

  /** The objects of the resource's workloads and proxy that are there. */
  public synchronized List<String> owned() {
    return now.values().stream()
        .filter(o -> o instanceof Deployment || o instanceof Service || o instanceof ConfigMap)
        .map(o -> o.getKind() + "/" + o.getMetadata().getName())
        .toList();
  }

  /** Deployments that were there, each as it was seen last. */
  public synchronized List<Deployment> goneDeployments() {
    Map<String, Deployment> seen = new TreeMap<>();
    events.stream()
        .map(Event::object)
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .forEach(d -> seen.put(d.getMetadata().getName(), d));
    of(now, Deployment.class).forEach(d -> seen.remove(d.getMetadata().getName()));
    return List.copyOf(seen.values());
  }

  /** The chain's objects in their order. */
  public synchronized List<TransitionResource> records() {
    return of(now, TransitionResource.class)
        .sorted(Comparator.comparingLong(t -> t.getSpec().seq()))
        .toList();
  }

  /** How many transitions of that kind were admitted and have an outcome. */
  public long ended(String kind) {
    List<TransitionResource> records = records();
    Set<String> closed = new HashSet<>();
    records.stream()
        .map(TransitionResource::getSpec)
        .filter(Moment::closes)
        .forEach(s -> closed.add(s.decision()));
    return records.stream()
        .map(TransitionResource::getSpec)
        .filter(Moment::admits)
        .filter(s -> kind.equals(s.kind()) && closed.contains(s.decision()))
        .count();
  }

  private static <T> Stream<T> of(Map<String, HasMetadata> objects, Class<T> kind) {
    return objects.values().stream().filter(kind::isInstance).map(kind::cast);
  }

  /**
   * What was not as it has to be at some moment: each change of a Deployment lies between a
   * decision and its outcome, what is written rests on a decision that is on record, and each ready
   * pod of the proxy routes to ready pods, of which there is one as long as the service is
   * admitted.
   */
  public List<String> broken() {
    await("all that is there to be shown")
        .atMost(PATIENCE)
        .until(() -> KINDS.stream().allMatch(this::isShown));
    List<Event> ordered;
    synchronized (this) {
      ordered = events.stream().sorted(Comparator.comparingLong(Event::version)).toList();
    }
    Moment moment = new Moment();
    ordered.forEach(moment::take);
    return moment.broken;
  }

  /** Each kind has a watch of its own, and one may lag behind another. */
  private <T extends HasMetadata> boolean isShown(Class<T> kind) {
    Set<String> there =
        client.resources(kind).inNamespace(namespace).list().getItems().stream()
            .filter(this::isOf)
            .map(ClusterHistory::version)
            .collect(toSet());
    synchronized (this) {
      return of(now, kind).map(ClusterHistory::version).collect(toSet()).equals(there);
    }
  }

  private static String version(HasMetadata object) {
    return object.getMetadata().getUid() + "@" + object.getMetadata().getResourceVersion();
  }

  /** One after another. */
  private static final class Moment {
    private final Map<String, HasMetadata> objects = new TreeMap<>();
    private final Set<String> decisions = new HashSet<>();
    private final List<String> broken = new ArrayList<>();
    private boolean mayAct;
    private boolean served;
    private boolean goes;

    private static boolean admits(TransitionSpec record) {
      return "Allowed".equals(record.verdict()) && Boolean.TRUE.equals(record.enact());
    }

    private static boolean closes(TransitionSpec record) {
      return record.decision() != null
          && (record.type().equals("applied") || record.type().equals("failed"));
    }

    private void take(Event event) {
      HasMetadata before =
          objects.get(event.object().getKind() + "/" + event.object().getMetadata().getName());
      set(objects, event.there(), event.object());
      if (event.object() instanceof TransitionResource record) {
        take(record.getSpec());
      } else if (!(event.object() instanceof SwiftDeployResource)) {
        checkEffect(event, before);
        checkRoute(event.version());
      }
    }

    private void take(TransitionSpec record) {
      if (admits(record)) {
        decisions.add(record.decision());
        mayAct = true;
        goes = "teardown".equals(record.kind());
      } else if (record.type().equals("repaired")) {
        mayAct = true;
      } else if (closes(record)) {
        mayAct = false;
      }
    }

    private void checkEffect(Event event, HasMetadata before) {
      Map<String, String> annotations = event.object().getMetadata().getAnnotations();
      String decision = annotations == null ? null : annotations.get(KubernetesSite.DECISION);
      if (decision != null && !decisions.contains(decision)) {
        broken.add(event.version() + ": " + name(event) + " rests on no record: " + decision);
      }
      boolean changed =
          !event.there()
              || before == null
              || !Objects.equals(
                  before.getMetadata().getGeneration(),
                  event.object().getMetadata().getGeneration());
      if (event.object() instanceof Deployment && changed && !mayAct) {
        broken.add(event.version() + ": " + name(event) + " changed outside of a transition");
      }
    }

    private static String name(Event event) {
      return event.object().getKind() + " " + event.object().getMetadata().getName();
    }

    private void checkRoute(long version) {
      List<Pod> proxies = of(objects, Pod.class).filter(p -> ready(p, proxy())).toList();
      served = served || !proxies.isEmpty();
      if (!served || goes) {
        return;
      }
      if (proxies.isEmpty()) {
        broken.add(version + ": no proxy is ready");
      }
      for (Pod pod : proxies) {
        Optional<ProxyConfig> config =
            of(objects, ConfigMap.class)
                .filter(map -> Seen.mounts(pod, map))
                .findFirst()
                .flatMap(ProxyObjects::configOf);
        if (config.isEmpty()) {
          broken.add(version + ": a proxy's configuration is gone");
        }
        config.ifPresent(c -> c.serving().forEach(b -> checkBackend(version, c, b)));
      }
    }

    private void checkBackend(long version, ProxyConfig config, Backend backend) {
      Workload workload = backend.workload();
      List<Endpoint> there =
          of(objects, Service.class)
              .filter(s -> workload.name().equals(label(s, KubernetesSite.WORKLOAD_LABEL)))
              .filter(s -> s.getMetadata().getDeletionTimestamp() == null)
              .map(KubernetesPlatform::endpoint)
              .toList();
      if (!there.equals(config.endpointsOf(workload))) {
        broken.add(version + ": routed to " + workload + ", whose Service is not there");
      }
      if (of(objects, Pod.class)
          .noneMatch(p -> ready(p, Map.of(KubernetesSite.WORKLOAD_LABEL, workload.name())))) {
        broken.add(version + ": routed to " + workload + ", of which no pod is ready");
      }
    }

    private static Map<String, String> proxy() {
      return Map.of(KubernetesSite.COMPONENT_LABEL, KubernetesSite.PROXY);
    }

    private static String label(HasMetadata object, String label) {
      Map<String, String> labels = object.getMetadata().getLabels();
      return labels == null ? "" : labels.getOrDefault(label, "");
    }

    private static boolean ready(Pod pod, Map<String, String> labels) {
      return pod.getMetadata().getDeletionTimestamp() == null
          && pod.getMetadata().getLabels().entrySet().containsAll(labels.entrySet())
          && pod.getStatus() != null
          && pod.getStatus().getConditions().stream()
              .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    }
  }

  @Override
  public void close() {
    watches.forEach(Watch::close);
  }
}
