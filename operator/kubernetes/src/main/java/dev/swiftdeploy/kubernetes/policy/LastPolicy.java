package dev.swiftdeploy.kubernetes.policy;

import dev.swiftdeploy.adapters.policy.PackedPolicy;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Base64;
import java.util.Optional;

/**
 * The policy that decided last, in the operator's own namespace: an operator that starts while what
 * it is given can't be used goes on with it. A ConfigMap {@code <lease>-policy} with {@code
 * policy.zip}: the policies directory, zipped.
 *
 * <p>It is where the operator's policies come from, too; those of a resource's namespace may be
 * another's, and nobody there chooses the judge.
 */
public final class LastPolicy {
  private static final String FILE = "policy.zip";
  private static final String SUFFIX = "-policy";

  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private volatile String kept = "";

  /**
   * Of the operators that share a lease.
   *
   * @param namespace of the lease
   */
  public LastPolicy(KubernetesClient client, String namespace, String lease) {
    this.client = client;
    this.namespace = namespace;
    this.name = lease + SUFFIX;
  }

  /** Whether a ConfigMap of that name is one. */
  public static boolean isName(String name) {
    return name.endsWith(SUFFIX);
  }

  /** Whether it is known to be the one that is kept. */
  public boolean is(String digest) {
    return kept.equals(digest);
  }

  /**
   * Keeps it, in place of the one before.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if it isn't kept
   */
  public void keep(PolicyBundle policy) {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .addToLabels("app.kubernetes.io/managed-by", "swiftdeploy")
            .endMetadata()
            .addToBinaryData(FILE, Base64.getEncoder().encodeToString(PackedPolicy.pack(policy)))
            .build();
    client.resource(map).fieldManager("swiftdeploy").forceConflicts().serverSideApply();
    kept = policy.digest();
  }

  /**
   * The one that is kept; empty: none is, or what is there is no policy.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if it can't be asked for
   */
  public Optional<PolicyBundle> read() {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(name).get();
    if (map == null || map.getBinaryData() == null) {
      return Optional.empty();
    }
    try {
      return PackedPolicy.unpack(
          Base64.getDecoder().decode(map.getBinaryData().getOrDefault(FILE, "")));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no base64
    }
  }
}
