package dev.swiftdeploy.kubernetes.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps releases as ControllerRevisions, whose data the API server lets nobody change. They hold
 * env values as plainly as the resource's own spec does, and go with the resource: one of a
 * resource of the same name that was deleted is as good as gone.
 */
public final class KubernetesReleaseStore implements ReleaseStore {
  private static final String RELEASE = "release";

  private final KubernetesClient client;
  private final KubernetesSite site;
  private final Map<ReleaseId, Release> known = new ConcurrentHashMap<>();

  public KubernetesReleaseStore(KubernetesClient client, KubernetesSite site) {
    this.client = client;
    this.site = site;
  }

  /**
   * @throws PlatformException if it can't be kept
   */
  @Override
  public void put(Release release) {
    if (known.containsKey(release.id())) {
      return;
    }
    try {
      ControllerRevision revision =
          new ControllerRevisionBuilder()
              .withMetadata(site.meta(name(release.id()), site.labels(RELEASE)))
              .withData(Json.MAPPER.<JsonNode>valueToTree(release))
              .withRevision(1L)
              .build();
      client.resource(revision).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || get(release.id()).isEmpty()) {
        throw new PlatformException(
            "release " + release.id() + " can't be kept: " + e.getMessage(),
            "Check the API server, the operator's rights and the namespace's quota",
            e);
      }
    }
    known.put(release.id(), release);
  }

  /**
   * @throws PlatformException if the API server can't be asked
   */
  @Override
  public Optional<Release> get(ReleaseId id) {
    Release there = known.get(id);
    if (there != null) {
      return Optional.of(there);
    }
    Optional<Release> read = read(id).filter(release -> release.id().equals(id));
    read.ifPresent(release -> known.put(id, release));
    return read;
  }

  private Optional<Release> read(ReleaseId id) {
    try {
      ControllerRevision revision =
          client
              .apps()
              .controllerRevisions()
              .inNamespace(site.namespace())
              .withName(name(id))
              .get();
      if (revision == null || revision.getData() == null || !site.mayBeOurs(revision)) {
        return Optional.empty();
      }
      JsonNode data = Json.MAPPER.valueToTree(revision.getData());
      return Optional.of(Json.MAPPER.treeToValue(data, Release.class));
    } catch (KubernetesClientException e) {
      throw new PlatformException(
          "release " + id + " can't be read: " + e.getMessage(),
          "Check the API server and the operator's rights",
          e);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      return Optional.empty(); // not one that this version knows: as good as not kept
    }
  }

  private String name(ReleaseId id) {
    return site.name(RELEASE + "-" + id);
  }
}
