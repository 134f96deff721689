package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whose objects, and where: what they are named and labelled, and who owns them.
 *
 * @param uid of the SwiftDeploy resource: they go with it
 */
public record KubernetesSite(String namespace, ResourceName resource, String uid) {
  /** Which SwiftDeploy resource an object is of. */
  public static final String RESOURCE_LABEL = "swiftdeploy.dev/resource";

  /** Which workload an object is of: {@code stable-3f2a9c01b7de}. */
  static final String WORKLOAD_LABEL = "swiftdeploy.dev/workload";

  /** What an object is rendered from, by digest: equal, and it needs no write. */
  static final String RENDERED = "swiftdeploy.dev/rendered";

  /** The decision that an object rests on. */
  static final String DECISION = "swiftdeploy.dev/decision";

  static final String COMPONENT_LABEL = "app.kubernetes.io/component";
  static final String WORKLOAD = "workload";
  static final String PROXY = "proxy";

  private static final String DEPLOYMENT = "Deployment";
  private static final String RESOURCE = "SwiftDeploy";
  private static final int LONGEST = 63;
  private static final int HASH = 8;

  /** The name of an object: the resource's and a suffix, shortened where a name holds no more. */
  public String name(String suffix) {
    String name = resource + "-" + suffix;
    if (name.length() <= LONGEST) {
      return name;
    }
    String hash = Digests.sha256(resource.value()).substring(0, HASH);
    int left = LONGEST - suffix.length() - HASH - 2;
    return resource.value().substring(0, left) + "-" + hash + "-" + suffix;
  }

  String name(Workload workload) {
    return name(workload.name());
  }

  /** What the objects of a component are labelled with; their pods, too. */
  public SortedMap<String, String> labels(String component) {
    SortedMap<String, String> labels = new TreeMap<>();
    labels.put("app.kubernetes.io/name", resource.value());
    labels.put("app.kubernetes.io/managed-by", "swiftdeploy");
    labels.put(COMPONENT_LABEL, component);
    labels.put(RESOURCE_LABEL, resource.value());
    return labels;
  }

  SortedMap<String, String> labels(Workload workload) {
    SortedMap<String, String> labels = labels(WORKLOAD);
    labels.put(WORKLOAD_LABEL, workload.name());
    return labels;
  }

  /** What finds a workload's pods. */
  Map<String, String> selector(Workload workload) {
    return new TreeMap<>(Map.of(RESOURCE_LABEL, resource.value(), WORKLOAD_LABEL, workload.name()));
  }

  /** What finds the pods of all workloads. */
  Map<String, String> workloadSelector() {
    return new TreeMap<>(Map.of(RESOURCE_LABEL, resource.value(), COMPONENT_LABEL, WORKLOAD));
  }

  /** What finds the proxy's pods. */
  Map<String, String> proxySelector() {
    return new TreeMap<>(Map.of(RESOURCE_LABEL, resource.value(), COMPONENT_LABEL, PROXY));
  }

  public ObjectMeta meta(String name, Map<String, String> labels) {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(namespace)
        .withLabels(labels)
        .withOwnerReferences(owner())
        .build();
  }

  /** A workload's Service: nothing without its Deployment. */
  static boolean serves(HasMetadata object) {
    return object.getMetadata().getLabels().containsKey(WORKLOAD_LABEL)
        && !(object instanceof Deployment);
  }

  /** Whether it goes with its Deployment. */
  static boolean owned(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .anyMatch(owner -> owner.getKind().equals(DEPLOYMENT));
  }

  /** Makes it go with that Deployment. */
  void own(HasMetadata deployment, HasMetadata object) {
    object
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion("apps/v1")
                    .withKind(DEPLOYMENT)
                    .withName(deployment.getMetadata().getName())
                    .withUid(deployment.getMetadata().getUid())
                    .withController(true)
                    .withBlockOwnerDeletion(false)
                    .build()));
  }

  /** False: it goes with another resource, a deleted one of the same name. */
  public boolean mayBeOurs(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(owner -> owner.getKind().equals(RESOURCE))
        .allMatch(owner -> owner.getUid().equals(uid));
  }

  private OwnerReference owner() {
    return new OwnerReferenceBuilder()
        .withApiVersion(SwiftDeployResource.GROUP + "/" + SwiftDeployResource.VERSION)
        .withKind(RESOURCE)
        .withName(resource.value())
        .withUid(uid)
        .withController(true)
        .withBlockOwnerDeletion(false)
        .build();
  }
}
