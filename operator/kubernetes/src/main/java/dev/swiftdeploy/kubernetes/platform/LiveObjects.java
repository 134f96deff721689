package dev.swiftdeploy.kubernetes.platform;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/** Asks the API server each time. */
public final class LiveObjects implements KnownObjects {
  private final KubernetesClient client;

  public LiveObjects(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public <T extends HasMetadata> List<T> of(Class<T> kind, KubernetesSite site) {
    return client
        .resources(kind)
        .inNamespace(site.namespace())
        .withLabel(KubernetesSite.RESOURCE_LABEL, site.resource().value())
        .list()
        .getItems();
  }

  @Override
  public void wrote(HasMetadata object) {}

  @Override
  public void removed(HasMetadata object) {}
}
