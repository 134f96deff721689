package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.platform.CachedObjects;
import dev.swiftdeploy.kubernetes.platform.KnownObjects;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A watch for each kind of object that belongs to SwiftDeploy resources, and of no other object:
 * what they have shown, and a tick of the resource whenever they show something new.
 */
final class Informers implements CachedObjects.Shown {
  private static final String INDEX = "swiftdeploy-resource";

  private final Map<Class<?>, InformerEventSource<?, SwiftDeployResource>> sources =
      new ConcurrentHashMap<>();
  private final boolean nodes;

  /**
   * @param nodes whether the cluster's nodes are watched, too
   */
  Informers(boolean nodes) {
    this.nodes = nodes;
  }

  /** Made anew for each start of the operator. */
  List<EventSource<?, SwiftDeployResource>> make(EventSourceContext<SwiftDeployResource> context) {
    List<EventSource<?, SwiftDeployResource>> made = new ArrayList<>();
    for (Class<? extends HasMetadata> kind : KnownObjects.KINDS) {
      made.add(source(kind, context));
    }
    if (nodes) {
      made.add(nodes(context));
    }
    return made;
  }

  private <T extends HasMetadata> InformerEventSource<T, SwiftDeployResource> source(
      Class<T> kind, EventSourceContext<SwiftDeployResource> context) {
    InformerEventSource<T, SwiftDeployResource> source =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(kind, SwiftDeployResource.class)
                .withName(kind.getSimpleName())
                .withLabelSelector(KubernetesSite.RESOURCE_LABEL)
                .withNamespacesInheritedFromController()
                .withSecondaryToPrimaryMapper(Informers::resource)
                .build(),
            context);
    source.addIndexers(Map.of(INDEX, object -> List.of(key(object))));
    sources.put(kind, source);
    return source;
  }

  /** Evidence, and no object of a resource: what becomes of one calls for no tick. */
  private InformerEventSource<Node, SwiftDeployResource> nodes(
      EventSourceContext<SwiftDeployResource> context) {
    InformerEventSource<Node, SwiftDeployResource> source =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(Node.class, SwiftDeployResource.class)
                .withName(Node.class.getSimpleName())
                .withNamespaces(Set.of(Constants.WATCH_ALL_NAMESPACES))
                .withSecondaryToPrimaryMapper(node -> Set.of())
                .build(),
            context);
    sources.put(Node.class, source);
    return source;
  }

  /** The cluster's nodes; empty where they are not watched. */
  Optional<List<Node>> nodes() {
    InformerEventSource<?, SwiftDeployResource> source = sources.get(Node.class);
    return source == null
        ? Optional.empty()
        : Optional.of(source.list().map(Node.class::cast).toList());
  }

  private static Set<ResourceID> resource(HasMetadata object) {
    return Set.of(new ResourceID(label(object), object.getMetadata().getNamespace()));
  }

  private static String label(HasMetadata object) {
    return String.valueOf(object.getMetadata().getLabels().get(KubernetesSite.RESOURCE_LABEL));
  }

  private static String key(HasMetadata object) {
    return key(object.getMetadata().getNamespace(), label(object));
  }

  private static String key(String namespace, String resource) {
    return namespace + "/" + resource;
  }

  @Override
  public <T extends HasMetadata> List<T> of(Class<T> kind, String namespace, String resource) {
    InformerEventSource<?, SwiftDeployResource> source = sources.get(kind);
    return source == null
        ? List.of()
        : source.byIndex(INDEX, key(namespace, resource)).stream().map(kind::cast).toList();
  }
}
