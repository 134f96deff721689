package dev.swiftdeploy.kubernetes.platform;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;

/** Port: what is known of a resource's objects, its own writes included. */
public interface KnownObjects {
  /** The kinds that are known, each labelled with {@link KubernetesSite#RESOURCE_LABEL}. */
  List<Class<? extends HasMetadata>> KINDS =
      List.of(
          Deployment.class,
          Service.class,
          Pod.class,
          ConfigMap.class,
          NetworkPolicy.class,
          PodDisruptionBudget.class);

  /** All of one kind that belong to a resource. */
  <T extends HasMetadata> List<T> of(Class<T> kind, KubernetesSite site);

  /** It was written just now; this is what the API server answered. */
  void wrote(HasMetadata object);

  /** It was deleted just now. */
  void removed(HasMetadata object);
}
