package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.adapters.metrics.MetricsThreads;
import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.audit.KubernetesAuditLog;
import dev.swiftdeploy.kubernetes.platform.NodeFacts;
import dev.swiftdeploy.kubernetes.release.Registry;
import dev.swiftdeploy.kubernetes.release.RegistryReleaseResolver;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A tick for a resource as a watch shows it that lags behind what this process has written. */
class StaleResourceOnCluster {
  private final Cluster cluster = new Cluster();
  private final EmbeddedPolicyEngine policy =
      new EmbeddedPolicyEngine(
          Path.of("../../policies"),
          EmbeddedPolicyEngine.Options.DEFAULTS.withCache(
              Path.of("target", "policy-cache").toAbsolutePath()));

  private Around around(MetricsThreads scrapes) {
    return new Around(
        cluster.client(),
        policy,
        new RegistryReleaseResolver(new Registry(), Clock.systemUTC(), Duration.ofMinutes(1)),
        false,
        NodeFacts.Stats.NONE,
        Clock.systemUTC(),
        scrapes,
        CrashPoints.NONE,
        (namespace, digest) -> {},
        log -> log,
        (site, event) -> {});
  }

  private SwiftDeployResource declared(String annotations) {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: shop, annotations: {%s}}
        spec: {services: {image: "shop@sha256:%s", version: "1.0.0"}}
        """
            .formatted(annotations, "a1".repeat(32));
    Cluster.Ran ran = cluster.kubectlWith(text, "apply", "-f", "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
    return shop();
  }

  private SwiftDeployResource shop() {
    return cluster
        .client()
        .resources(SwiftDeployResource.class)
        .inNamespace(cluster.namespace())
        .withName("shop")
        .get();
  }

  @Test
  void whatWasAskedAndTakenAwayIsNeitherAskedAgainNorAFailure() {
    try (cluster;
        policy;
        MetricsThreads scrapes = new MetricsThreads();
        SwiftDeployReconciler reconciler = new SwiftDeployReconciler(around(scrapes), many -> {})) {
      SwiftDeployResource asked = declared("swiftdeploy.dev/retry: it is mended");

      reconciler.reconcile(asked, null);
      assertThat(shop().getMetadata().getAnnotations()).doesNotContainKey("swiftdeploy.dev/retry");
      reconciler.reconcile(asked, null);

      KubernetesAuditLog log =
          new KubernetesAuditLog(
              cluster.client(),
              cluster.namespace(),
              ResourceName.of("shop"),
              asked.getMetadata().getUid(),
              Clock.systemUTC());
      assertThat(log.records())
          .filteredOn(record -> record.entry() instanceof Entry.Requested)
          .hasSize(1);
    }
  }

  /** No finalizer holds it here, as where somebody took it away. */
  @Test
  void aLoopEndsWhereAnotherResourceOfItsNameIsThere() {
    AtomicInteger loops = new AtomicInteger();
    try (cluster;
        policy;
        MetricsThreads scrapes = new MetricsThreads();
        SwiftDeployReconciler reconciler = new SwiftDeployReconciler(around(scrapes), loops::set)) {
      SwiftDeployResource first = declared("");
      reconciler.reconcile(first, null);
      cluster.kubectl("delete", "sd", "shop");
      SwiftDeployResource second = declared("");
      assertThat(second.getMetadata().getUid()).isNotEqualTo(first.getMetadata().getUid());

      reconciler.reconcile(second, null);

      assertThat(loops).hasValue(1);
    }
  }
}
