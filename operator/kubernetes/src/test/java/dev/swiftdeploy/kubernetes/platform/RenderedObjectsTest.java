package dev.swiftdeploy.kubernetes.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.ResourceName;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is applied, whole, beside what it should be. */
class RenderedObjectsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @Test
  void aWorkload() throws Exception {
    assertGolden(
        "workload.yaml", WorkloadObjects.render(Samples.SITE, Samples.STABLE, Samples.RELEASE, 2));
  }

  @Test
  void theProxy() throws Exception {
    assertGolden("proxy.yaml", ProxyObjects.render(Samples.SITE, Samples.CONFIG));
  }

  @Test
  void aSingleReplicaHasNoBudgetThatWouldHoldItsNode() {
    assertThat(WorkloadObjects.render(Samples.SITE, Samples.STABLE, Samples.RELEASE, 1))
        .extracting(HasMetadata::getKind)
        .containsExactly("NetworkPolicy", "Deployment", "Service");
  }

  @Test
  void whatTheProxyRoutesIsReadBackFromItsConfigMap() {
    ConfigMap map = (ConfigMap) ProxyObjects.render(Samples.SITE, Samples.CONFIG).get(0);

    assertThat(ProxyObjects.configOf(map)).contains(Samples.CONFIG);

    map.getData().compute(ProxyObjects.FILE, (name, text) -> text + "# edited");
    assertThat(ProxyObjects.configOf(map)).isEmpty();
  }

  @Test
  void everyPodMeetsTheRestrictedLevel() {
    List<PodSpec> pods =
        Stream.concat(
                WorkloadObjects.render(Samples.SITE, Samples.STABLE, Samples.RELEASE, 1).stream(),
                ProxyObjects.render(Samples.SITE, Samples.CONFIG).stream())
            .filter(Deployment.class::isInstance)
            .map(o -> ((Deployment) o).getSpec().getTemplate().getSpec())
            .toList();

    assertThat(pods).hasSize(2);
    for (PodSpec pod : pods) {
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      assertThat(pod.getContainers())
          .allSatisfy(
              c -> {
                assertThat(c.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
                assertThat(c.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
              });
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    }
  }

  @Test
  void longNamesAreShortenedAndStayApart() {
    String longName = "a".repeat(63);
    KubernetesSite one = new KubernetesSite("n", ResourceName.of(longName), "u");
    KubernetesSite other =
        new KubernetesSite("n", ResourceName.of(longName.substring(1) + "b"), "u");

    assertThat(one.name(Samples.CANARY))
        .hasSizeLessThanOrEqualTo(63)
        .endsWith("-" + Samples.CANARY.name())
        .isNotEqualTo(other.name(Samples.CANARY));
    assertThat(Samples.SITE.name(Samples.CANARY)).isEqualTo("demo-" + Samples.CANARY.name());
  }

  private static void assertGolden(String name, List<HasMetadata> objects) throws Exception {
    String text = objects.stream().map(Serialization::asYaml).collect(Collectors.joining(""));
    Path file = GOLDEN.resolve(name);
    if (Boolean.getBoolean("swiftdeploy.generate")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, text);
    }
    assertThat(text).isEqualTo(Files.readString(file));
  }
}
