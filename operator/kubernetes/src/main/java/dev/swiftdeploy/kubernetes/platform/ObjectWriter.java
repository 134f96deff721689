package dev.swiftdeploy.kubernetes.platform;

import static java.util.stream.Collectors.joining;

import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.release.Digests;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes by server-side apply, and deletes. Each change of what is there carries the version that
 * it was decided on: where somebody has changed the object since, the API server refuses it, and
 * the loop looks and plans anew. A status that moved on meanwhile is no such change.
 */
final class ObjectWriter {
  private final KubernetesClient client;
  private final KnownObjects known;

  ObjectWriter(KubernetesClient client, KnownObjects known) {
    this.client = client;
    this.known = known;
  }

  /** Brings an object about, unless it is there as it was rendered; what is there then. */
  HasMetadata write(
      HasMetadata wanted, Optional<? extends HasMetadata> there, Permission permission) {
    String rendered = Digests.sha256(Serialization.asJson(wanted)).substring(0, 16);
    if (there.isPresent() && isAs(there.get(), rendered) && Holds.holds(wanted, there.get())) {
      return there.get();
    }
    wanted
        .getMetadata()
        .setAnnotations(
            new TreeMap<>(
                Map.of(
                    KubernetesSite.RENDERED,
                    rendered,
                    KubernetesSite.DECISION,
                    permission.decisionId())));
    if (there.isEmpty()) {
      return applied(wanted, false); // somebody else's object of that name is left alone
    }
    return fresh(
        there.get(),
        now -> {
          wanted.getMetadata().setResourceVersion(now.getMetadata().getResourceVersion());
          wanted.getMetadata().setUid(now.getMetadata().getUid());
          return applied(wanted, true);
        });
  }

  /**
   * Applies.
   *
   * @param force whatever others have written to it; it is ours
   */
  private HasMetadata applied(HasMetadata wanted, boolean force) {
    HasMetadata applied =
        client
            .resource(wanted)
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager(KubernetesPlatform.OWNER)
                    .withForce(force)
                    .build());
    known.wrote(applied);
    return applied;
  }

  private static boolean isAs(HasMetadata there, String rendered) {
    Map<String, String> annotations = there.getMetadata().getAnnotations();
    return there.getMetadata().getDeletionTimestamp() == null
        && annotations != null
        && rendered.equals(annotations.get(KubernetesSite.RENDERED));
  }

  /** Deletes exactly the object that was seen, not one that was made anew under its name. */
  void delete(HasMetadata seen) {
    fresh(
        seen,
        now -> {
          client.resource(now).lockResourceVersion(now.getMetadata().getResourceVersion()).delete();
          known.removed(now);
          return now;
        });
  }

  /** Deletes in one request: those that were seen, which nobody makes anew under their names. */
  void deleteConfigMaps(KubernetesSite site, List<ConfigMap> gone, List<ConfigMap> kept) {
    String labels =
        site.labels(KubernetesSite.PROXY).entrySet().stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .collect(joining(","));
    String names =
        kept.stream()
            .map(map -> "metadata.name!=" + map.getMetadata().getName())
            .collect(joining(","));
    client.raw(
        "/api/v1/namespaces/%s/configmaps?labelSelector=%s&fieldSelector=%s"
            .formatted(
                site.namespace(),
                URLEncoder.encode(labels, StandardCharsets.UTF_8),
                URLEncoder.encode(names, StandardCharsets.UTF_8)),
        "DELETE",
        null);
    gone.forEach(known::removed);
  }

  /**
   * Acts on what was seen; if its version moved on, on what is there now, where that is the same.
   */
  private HasMetadata fresh(HasMetadata seen, UnaryOperator<HasMetadata> act) {
    try {
      return act.apply(seen);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      @Nullable HasMetadata now = client.resource(seen).get();
      if (now == null || !same(seen, now)) {
        throw e;
      }
      return act.apply(now);
    }
  }

  private static boolean same(HasMetadata seen, HasMetadata now) {
    return seen.getMetadata().getUid().equals(now.getMetadata().getUid())
        && seen.getMetadata().getGeneration() != null
        && Objects.equals(seen.getMetadata().getGeneration(), now.getMetadata().getGeneration());
  }
}
