package dev.swiftdeploy.kubernetes.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.release.ReleaseStoreContract;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Releases on a real API server. */
class KubernetesReleaseStoreOnCluster extends ReleaseStoreContract {
  private static final AtomicInteger MADE = new AtomicInteger();
  private static Cluster cluster;

  private final String name = "demo-" + MADE.incrementAndGet();
  private String uid = "";

  @BeforeAll
  static void connect() {
    cluster = new Cluster();
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  @Override
  protected ReleaseStore open() {
    if (uid.isEmpty()) {
      // What has no owner that is there is collected.
      cluster.kubectlWith(
          "{apiVersion: swiftdeploy.dev/v1alpha1, kind: SwiftDeploy, metadata: {name: %s}, spec: {services: {image: \"app:1\"}}}"
              .formatted(name),
          "apply",
          "-f",
          "-");
      uid = cluster.kubectl("get", "sd", name, "-o", "jsonpath={.metadata.uid}").output();
    }
    return new KubernetesReleaseStore(
        cluster.client(), new KubernetesSite(cluster.namespace(), ResourceName.of(name), uid));
  }

  @Test
  void nobodyCanChangeWhatIsKept() {
    store.put(full());

    assertThat(
            cluster
                .kubectl(
                    "patch",
                    "controllerrevision",
                    name + "-release-" + full().id(),
                    "--type=merge",
                    "-p",
                    "{\"data\": {\"version\": \"6.6.6\"}}")
                .output())
        .contains("field is immutable");
  }

  /** It is collected soon after its owner, and must not be taken for the new resource's own. */
  @Test
  void whatADeletedResourceOfTheSameNameKeptIsNotKept() {
    store.put(full());
    ReleaseStore anew =
        new KubernetesReleaseStore(
            cluster.client(),
            new KubernetesSite(
                cluster.namespace(),
                ResourceName.of(name),
                "00000000-0000-0000-0000-000000000000"));

    assertThat(anew.get(full().id())).isEmpty();
    assertThatThrownBy(() -> anew.put(full())).isInstanceOf(PlatformException.class);
  }
}
