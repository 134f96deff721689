package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What somebody else changes in any object that is made is put right: on record as a repair, told
 * by an Event, and no transition.
 */
class OperatorDriftOnCluster {
  private static final String WORKLOAD = "app.kubernetes.io/component=workload";

  /** All of an object but what the API server and its controllers write in it. */
  private static final String ALL =
      "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.labels} {.spec}{.data}{\"\\n\"}{end}";

  private Shop shop;

  @BeforeEach
  void aServiceRuns() {
    shop = new Shop(cluster -> ApiClients.config(Optional.empty()));
    shop.declare("1.0.0", "steps: []");
    shop.awaitServing("1.0.0");
  }

  @AfterEach
  void stop() {
    shop.close();
  }

  private String name(String kind, String selector) {
    return shop.kubectl("get", kind, "-l", selector, "-o", "jsonpath={.items[0].metadata.name}");
  }

  private String all() {
    return shop.kubectl(
        "get", "deploy,svc,cm,netpol,pdb", "-l", "swiftdeploy.dev/resource=shop", "-o", ALL);
  }

  private List<Entry.Repaired> repairs() {
    return shop.chain().stream()
        .filter(r -> r.entry() instanceof Entry.Repaired)
        .map(r -> (Entry.Repaired) r.entry())
        .toList();
  }

  /** The same without ConfigMaps, what they are named by, and addresses. */
  private String lasting() {
    return addressless(all())
        .lines()
        .filter(line -> !line.startsWith("ConfigMap/"))
        .map(line -> line.replaceAll("shop-nginx-[0-9a-f]{12}", "shop-nginx-CONTENT"))
        .collect(Collectors.joining("\n"));
  }

  /** The configuration that nginx has leads to the address that the workload's Service has now. */
  private boolean routed() {
    String address =
        shop.kubectl("get", "svc", "-l", WORKLOAD, "-o", "jsonpath={.items[0].spec.clusterIP}");
    String map =
        shop.kubectl(
            "get",
            "deploy",
            "shop-nginx",
            "-o",
            "jsonpath={.spec.template.spec.volumes[0].configMap.name}");
    return shop.cluster
        .kubectl("get", "cm", map, "-o", "jsonpath={.data}")
        .output()
        .contains(address + ":");
  }

  /**
   * Changes something, and waits until it is put right. Two repairs may do it: pods go a moment
   * later than what they are of, and a Service that is made anew has another address, to which the
   * route is put right after it.
   */
  private void drifts(String what, String... kubectl) {
    String objects = lasting();
    int before = shop.chain().size();
    shop.kubectl(kubectl);
    await(what + ": the record").atMost(Shop.PATIENCE).until(() -> shop.chain().size() > before);
    await(what + ": put right")
        .atMost(Shop.PATIENCE)
        .until(() -> lasting().equals(objects) && routed());
    int[] seen = {0};
    await(what + ": rest")
        .atMost(Shop.PATIENCE)
        .pollInterval(Duration.ofMillis(1500))
        .until(() -> seen[0] == (seen[0] = shop.chain().size()));
    shop.awaitServing("1.0.0");
    List<AuditRecord> chain = shop.chain();
    assertThat(chain.subList(before, chain.size()))
        .as(what + ": repairs, and nothing else")
        .hasSizeBetween(1, 2)
        .allSatisfy(r -> assertThat(r.entry()).isInstanceOf(Entry.Repaired.class));
  }

  @Test
  void eachObjectIsPutRight() {
    String deployment = name("deploy", WORKLOAD);
    String service = name("svc", WORKLOAD);
    String before = all();

    drifts("scaled", "scale", "deploy", deployment, "--replicas=1");
    drifts("image set", "set", "image", "deploy/" + deployment, "service=evil:1");
    drifts(
        "policy edited",
        "patch",
        "netpol",
        "shop-workloads",
        "--type=merge",
        "-p",
        "{\"spec\":{\"ingress\":[{}]}}");
    drifts("budget gone", "delete", "pdb", "shop-workloads");
    drifts("nginx scaled", "scale", "deploy", "shop-nginx", "--replicas=0");
    drifts("nginx's policy gone", "delete", "netpol", "shop-nginx");
    drifts("proxy's Service gone", "delete", "svc", "shop");
    assertThat(addressless(all())).isEqualTo(addressless(before));

    drifts("ConfigMap gone", "delete", "cm", "-l", "swiftdeploy.dev/resource=shop");
    assertThat(addressless(all())).isEqualTo(addressless(before));

    drifts("workload's Service gone", "delete", "svc", service);
    drifts("Deployment gone", "delete", "deploy", deployment);

    assertThat(shop.events()).contains("Repaired").doesNotContain("DeployBlocked");
    assertThat(repairs())
        .allSatisfy(
            r -> {
              assertThat(r.found()).isNotEmpty();
              assertThat(r.effects()).isNotEmpty();
            });
    assertThat(shop.kubectl("get", "tr")).contains("repaired");
  }

  /** A Service that is made anew has another address. */
  private static String addressless(String objects) {
    return objects.replaceAll("\"clusterIPs?\":(\\[[^]]*]|\"[^\"]*\"),?", "");
  }
}
