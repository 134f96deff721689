package dev.swiftdeploy.kubernetes.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.PackedPolicy;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.kubernetes.api.Conflicts;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Every policy that decided in a namespace, kept there beside the records that name it: a
 * ControllerRevision {@code swiftdeploy-policy-<digest>}, whose data the API server lets nobody
 * change. Without an owner: it stays, as the records do. Its data is {@code {"format", "zip"}}: the
 * policies directory, zipped, in base64.
 */
public final class KubernetesPolicyArchive {
  private static final String FORMAT = "swiftdeploy.dev/policy-archive/v1";
  private static final String LABEL = "swiftdeploy.dev/policy";
  private static final int LONGEST_LABEL = 63;

  private final KubernetesClient client;
  private final Set<String> kept = ConcurrentHashMap.newKeySet();

  public KubernetesPolicyArchive(KubernetesClient client) {
    this.client = client;
  }

  /** Its object's name. */
  public static String name(String digest) {
    return "swiftdeploy-policy-" + digest;
  }

  /**
   * Keeps a policy, unless it is known to be kept; the first time that costs a request.
   *
   * @param used where the engine keeps what it uses
   * @throws AuditException if it isn't kept: then no record may rest on it
   */
  public void keep(String namespace, String digest, PolicyArchive used) {
    String key = namespace + "/" + digest;
    if (kept.contains(key)) {
      return;
    }
    byte[] zip =
        used.read(digest)
            .map(PackedPolicy::pack)
            .orElseThrow(() -> new AuditException("policy " + digest + " is not to be had"));
    try {
      client.resource(revision(namespace, digest, zip)).create();
    } catch (KubernetesClientException e) {
      if (!Conflicts.alreadyExists(e)) {
        throw new AuditException("the policy that decides can't be kept: " + e.getMessage(), e);
      }
    }
    kept.add(key);
  }

  private static ControllerRevision revision(String namespace, String digest, byte[] zip) {
    ObjectNode data = Json.MAPPER.createObjectNode();
    data.put("format", FORMAT);
    data.put("zip", Base64.getEncoder().encodeToString(zip));
    return new ControllerRevisionBuilder()
        .withNewMetadata()
        .withName(name(digest))
        .withNamespace(namespace)
        .addToLabels("app.kubernetes.io/managed-by", "swiftdeploy")
        .addToLabels(LABEL, digest.substring(0, Math.min(LONGEST_LABEL, digest.length())))
        .endMetadata()
        .withData(data)
        .withRevision(1L)
        .build();
  }

  /**
   * The policy of that digest; empty if it is not kept there, or what is there is another one.
   *
   * @throws PlatformException if it can't be asked for
   */
  public Optional<PolicyBundle> read(String namespace, String digest) {
    ControllerRevision revision;
    try {
      revision =
          client.apps().controllerRevisions().inNamespace(namespace).withName(name(digest)).get();
    } catch (KubernetesClientException e) {
      boolean forbidden = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
      throw new PlatformException(
          forbidden
              ? "you may not get controllerrevisions.apps in namespace " + namespace
              : "the archived policy " + digest + " can't be had: " + e.getMessage(),
          forbidden
              ? "ask for a Role that allows it: the policies that decided are kept there"
              : "try again",
          e);
    }
    if (revision == null || revision.getData() == null) {
      return Optional.empty();
    }
    JsonNode data = Json.MAPPER.valueToTree(revision.getData());
    try {
      return PackedPolicy.unpack(Base64.getDecoder().decode(data.path("zip").asText("")))
          .filter(policy -> policy.digest().equals(digest));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no base64
    }
  }
}
