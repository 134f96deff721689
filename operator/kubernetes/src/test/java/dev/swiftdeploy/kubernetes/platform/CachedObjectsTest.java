package dev.swiftdeploy.kubernetes.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.platform.VirtualClock;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a loop sees of its own writes while the watches lag behind them. */
class CachedObjectsTest {
  private final List<Service> shown = new ArrayList<>();
  private final VirtualClock clock = new VirtualClock();
  private final CachedObjects known =
      new CachedObjects(
          new CachedObjects.Shown() {
            @Override
            public <T extends HasMetadata> List<T> of(
                Class<T> kind, String namespace, String resource) {
              return shown.stream().map(kind::cast).toList();
            }
          },
          clock);

  private static Service service(String uid, int version) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withName("demo")
        .withNamespace(Samples.SITE.namespace())
        .addToLabels(KubernetesSite.RESOURCE_LABEL, Samples.SITE.resource().value())
        .withUid(uid)
        .withResourceVersion(String.valueOf(version))
        .endMetadata()
        .build();
  }

  private void shows(Service... now) {
    shown.clear();
    shown.addAll(List.of(now));
  }

  private List<String> seen() {
    return known.of(Service.class, Samples.SITE).stream()
        .map(s -> s.getMetadata().getUid() + "@" + s.getMetadata().getResourceVersion())
        .toList();
  }

  @Test
  void whatIsNotShownYetIsThere() {
    known.wrote(service("a", 5));
    assertThat(seen()).containsExactly("a@5");
    shows(service("a", 4));
    assertThat(seen()).containsExactly("a@5");
    shows(service("a", 6));
    assertThat(seen()).containsExactly("a@6");
    shows();
    assertThat(seen()).as("it was shown, and is gone").isEmpty();
  }

  @Test
  void whatIsDeletedIsGoneWhateverIsStillShownOfIt() {
    known.removed(service("a", 5));
    shows(service("a", 5));
    assertThat(seen()).isEmpty();
    shows(service("a", 6));
    assertThat(seen()).as("written to until it is gone").isEmpty();
    shows(service("b", 7));
    assertThat(seen()).as("another one of that name").containsExactly("b@7");
  }

  /** Deleted and made again before a watch has shown any of it. */
  @Test
  void whatIsMadeAgainIsThereWhileTheOneBeforeIsStillShown() {
    shows(service("a", 5));
    known.removed(service("a", 5));
    known.wrote(service("b", 7));

    assertThat(seen()).containsExactly("b@7");
    shows(service("a", 6));
    assertThat(seen()).containsExactly("b@7");
    shows();
    assertThat(seen()).containsExactly("b@7");
    shows(service("b", 8));
    assertThat(seen()).containsExactly("b@8");
  }

  @Test
  void whatSomebodyElseMadeAgainMeanwhileIsThere() {
    known.wrote(service("a", 5));
    shows(service("b", 9));
    assertThat(seen()).containsExactly("b@9");
  }

  @Test
  void anOwnWriteThatIsNeverShownIsNotBelievedForLong() {
    known.wrote(service("a", 5));
    clock.advance(Duration.ofSeconds(11));
    assertThat(seen()).isEmpty();
  }
}
