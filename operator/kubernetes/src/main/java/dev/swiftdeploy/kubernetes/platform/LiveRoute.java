package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Workload;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The route that the API server holds, read before a workload is removed. A delete is refused by
 * the API server where the workload itself has changed since it was looked at; that nginx, another
 * object, leads elsewhere by now can only be read. One read serves all that is removed after one
 * look.
 */
final class LiveRoute {
  private final KubernetesClient client;
  private final KubernetesSite site;

  /** Which proxy was read since the last look, "" where there was none; null: nothing was read. */
  private @Nullable String read;

  LiveRoute(KubernetesClient client, KubernetesSite site) {
    this.client = client;
    this.site = site;
  }

  /** It is looked anew: what was read counts no longer. */
  void forget() {
    read = null;
  }

  /**
   * Requires that the proxy is the one that was seen, and does not lead to a workload.
   *
   * @throws PlatformException if it is another one, or leads there
   */
  void requireAway(Workload workload, Seen seen) {
    Optional<Deployment> proxy = seen.proxy();
    if (!live().equals(version(proxy))) {
      throw new PlatformException(
          "the proxy was changed while " + workload + " was to be removed",
          "Nothing was removed; it is looked at and planned anew");
    }
    if (proxy.isPresent() && leads(seen.mountedConfig(), workload)) {
      throw new PlatformException(
          "the proxy leads to " + workload + ", or its configuration can't be read",
          "Nothing was removed; it is looked at and planned anew");
    }
  }

  private String live() {
    if (read == null) {
      read =
          version(
              Optional.ofNullable(
                      client
                          .apps()
                          .deployments()
                          .inNamespace(site.namespace())
                          .withName(ProxyObjects.deploymentName(site))
                          .get())
                  .filter(d -> d.getMetadata().getDeletionTimestamp() == null));
    }
    return read;
  }

  /** A status that moves on is no other version. */
  private static String version(Optional<Deployment> deployment) {
    return deployment
        .map(HasMetadata::getMetadata)
        .map((ObjectMeta meta) -> meta.getUid() + "/" + Objects.toString(meta.getGeneration()))
        .orElse("");
  }

  private static boolean leads(Optional<ProxyConfig> config, Workload workload) {
    return config
        .map(c -> c.route().backends().stream().anyMatch(b -> b.workload().equals(workload)))
        .orElse(true);
  }
}
