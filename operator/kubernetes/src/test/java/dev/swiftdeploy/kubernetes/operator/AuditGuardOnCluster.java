package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.kubernetes.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The component {@code install/audit-guard}: the API server refuses an administrator what would
 * change the chain, and lets the operator work.
 */
class AuditGuardOnCluster {
  private static final String GUARD = "swiftdeploy-audit-guard";
  private static final String NONE = "steps: []";

  private Shop shop;
  private String name = "";
  private String guard = "";

  @BeforeEach
  void start() throws IOException {
    shop = new Shop(OperatorAccount::install);
    name = GUARD + "-" + shop.cluster.namespace();
    guard =
        Files.readString(Path.of("install/audit-guard/guard.yaml"))
                .replace(GUARD, name)
                .replace(
                    "serviceaccount:swiftdeploy-system:",
                    "serviceaccount:" + shop.cluster.namespace() + ":")
            // Other tests do to their chains what it is against.
            + "  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "
            + shop.cluster.namespace()
            + "}}}\n";
  }

  @AfterEach
  void stop() {
    shop.kubectl("delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", name);
    await("the guard to go")
        .atMost(Shop.PATIENCE)
        .until(() -> !create("{}").output().contains("only the operator appends"));
    shop.close();
  }

  private Cluster.Ran create(String line) {
    String uid = "00000000-0000-0000-0000-000000000000";
    return shop.cluster.kubectlWith(
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: Transition
        metadata: {name: %s-0000000001, labels: {swiftdeploy.dev/uid: %s}}
        spec: {resource: other, uid: %s, seq: 1, type: stopped, time: "2026-01-02T03:04:05Z", line: '%s'}
        """
            .formatted(uid, uid, uid, line),
        "create",
        "--dry-run=server",
        "-f",
        "-");
  }

  @Test
  void nobodyButTheOperatorAppendsAndNobodyChangesOrDeletes() {
    Cluster.Ran applied = shop.cluster.kubectlWith(guard, "apply", "-f", "-");
    assertThat(applied.exit()).as(applied.output()).isZero();
    await("the guard to stand")
        .atMost(Shop.PATIENCE)
        .until(() -> create("{}").output().contains("only the operator appends"));

    shop.declare("1.0.0", NONE);
    shop.awaitServing("1.0.0");

    List<String> transitions = shop.kubectl("get", "tr", "-o", "name").lines().toList();
    String refused = "the audit chain is never changed";
    String first = transitions.get(0);
    assertThat(shop.kubectl("delete", first)).contains(refused);
    assertThat(shop.kubectl("delete", "tr", "--all")).contains(refused);
    assertThat(shop.kubectl("label", first, "swiftdeploy.dev/uid-")).contains(refused);
    assertThat(shop.kubectl("annotate", first, "a=b")).contains(refused);
    assertThat(shop.kubectl("get", "tr", "-o", "name").lines().toList()).isEqualTo(transitions);

    assertThat(
            shop.kubectl(
                "delete",
                first,
                "--as=kim",
                "--as-group=system:masters",
                "--as-group=swiftdeploy:audit-break-glass"))
        .contains("deleted");
    await("the operator notices that, too")
        .atMost(Shop.PATIENCE)
        .until(() -> shop.condition("Stalled", "reason").equals("AuditDamaged"));
  }
}
