package dev.swiftdeploy.kubernetes.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.FakeKubelet;
import dev.swiftdeploy.kubernetes.FakeService;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import dev.swiftdeploy.kubernetes.audit.KubernetesAuditLog;
import dev.swiftdeploy.kubernetes.platform.ClusterHistory;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The resource {@code shop} in a namespace of its own, and all that is seen of it. */
final class WatchedShop implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(5);
  static final String IMAGE = "shop@sha256:" + "a1".repeat(32);

  final Cluster cluster;
  final FakeService service = new FakeService();
  final FakeKubelet kubelet;
  final ClusterHistory history;
  String version = "1.0.0";
  String image = IMAGE;
  String mode = "stable";
  String hold = "1s";
  int replicas = 1;

  /** Further keys of {@code services}, in flow style. */
  String more = "";

  WatchedShop() {
    cluster = new Cluster();
    kubelet = new FakeKubelet(cluster.client(), cluster.namespace(), number -> "127.0.0.1");
    history = new ClusterHistory(cluster.client(), cluster.namespace(), "shop");
  }

  void declare() {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: shop}
        spec:
          services: {image: "%s", version: "%s", port: %d, mode: %s, replicas: %d%s}
          canary:
            steps: [{weight: 20, hold: %s}, {weight: 60}]
            analysis: {interval: 1s, window: 5s}
        """
            .formatted(image, version, service.port(), mode, replicas, more, hold);
    Cluster.Ran ran = cluster.kubectlWith(text, "apply", "-f", "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
  }

  void declare(String next) {
    version = next;
    declare();
  }

  void ask(String request, String reason) {
    kubectl("annotate", "sd", "shop", "swiftdeploy.dev/" + request + "=" + reason);
  }

  void delete() {
    kubectl("delete", "sd", "shop", "--wait=false");
  }

  String kubectl(String... arguments) {
    return cluster.kubectl(arguments).output();
  }

  Optional<SwiftDeployStatus> status() {
    return history.resource().map(SwiftDeployResource::getStatus);
  }

  String condition(String type) {
    return status().map(SwiftDeployStatus::conditions).stream()
        .flatMap(List::stream)
        .filter(c -> c.type().equals(type))
        .map(SwiftDeployStatus.Condition::status)
        .findFirst()
        .orElse("");
  }

  /** All words and figures of the status, for what a test looks for. */
  String told() {
    return status().map(SwiftDeployStatus::toString).orElse("");
  }

  /** The status tells of no transition that is on its way: what takes long is told meanwhile. */
  boolean toldDone() {
    return status().filter(s -> s.underWay() == null).isPresent();
  }

  /** It is as it was declared, and nothing more is to come. */
  boolean settled() {
    return history
        .resource()
        .filter(
            r ->
                r.getStatus() != null
                    && r.getMetadata().getGeneration().equals(r.getStatus().observedGeneration()))
        .filter(r -> condition("Ready").equals("True") && condition("Reconciling").equals("False"))
        .isPresent();
  }

  boolean serves(String stable, String candidate) {
    return status()
        .filter(s -> stable.equals(version(s.stable())) && candidate.equals(version(s.candidate())))
        .isPresent();
  }

  private static String version(SwiftDeployStatus.Track track) {
    return track == null ? "" : track.version();
  }

  void awaitServing(String stable) {
    await(stable)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> settled() && serves(stable, ""));
  }

  boolean gone() {
    return history.resource().isEmpty() && history.owned().isEmpty();
  }

  /** The whole chain, which verifies. */
  List<AuditRecord> chain() {
    KubernetesAuditLog log =
        new KubernetesAuditLog(
            cluster.client(),
            cluster.namespace(),
            ResourceName.of("shop"),
            history.records().get(0).getSpec().uid(),
            Clock.systemUTC());
    assertThat(log.damage()).isEmpty();
    return log.records();
  }

  /** What was admitted and carried out, in its order. */
  static List<Entry.Decided> admitted(List<AuditRecord> chain) {
    return chain.stream()
        .map(AuditRecord::entry)
        .filter(Entry.Decided.class::isInstance)
        .map(Entry.Decided.class::cast)
        .filter(d -> d.enact() && d.verdict() == Verdict.ALLOWED)
        .toList();
  }

  /**
   * The chain verifies; it holds these transitions, each with one decision and one outcome; and
   * nothing was done outside of them, nor was the route ever one to nothing.
   */
  void obeyed(TransitionKind... kinds) {
    List<AuditRecord> chain = chain();
    assertThat(admitted(chain).stream().map(d -> d.transition().kind()))
        .as("one decision for each transition")
        .containsExactly(kinds);
    assertThat(
            chain.stream()
                .map(AuditRecord::entry)
                .filter(Entry.Applied.class::isInstance)
                .map(entry -> ((Entry.Applied) entry).decisionId()))
        .as("one outcome for each transition")
        .containsExactlyElementsOf(
            admitted(chain).stream().map(Entry.Decided::decisionId).toList());
    assertThat(history.broken()).isEmpty();
  }

  @Override
  public void close() {
    kubelet.close();
    service.close();
    history.close();
    cluster.close();
  }
}
