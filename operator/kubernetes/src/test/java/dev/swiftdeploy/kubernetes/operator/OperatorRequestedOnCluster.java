package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a person asks once, by an annotation: on record, answered, and used up. */
class OperatorRequestedOnCluster {
  private Shop shop;

  @BeforeEach
  void start() {
    shop = new Shop(cluster -> ApiClients.config(Optional.empty()));
  }

  /** More than the analysis window. */
  private static final Duration WINDOW = Duration.ofSeconds(6);

  @AfterEach
  void stop() {
    shop.close();
  }

  private List<Request> requests() {
    return shop.chain().stream()
        .filter(r -> r.entry() instanceof Entry.Requested)
        .map(r -> ((Entry.Requested) r.entry()).request())
        .toList();
  }

  private List<Entry.Decided> decided(TransitionKind kind) {
    return shop.chain().stream()
        .filter(r -> r.entry() instanceof Entry.Decided)
        .map(r -> (Entry.Decided) r.entry())
        .filter(d -> d.enact() && d.transition().kind() == kind)
        .toList();
  }

  private void annotate(String key, String value) {
    assertThat(
            shop.kubectl(
                "annotate",
                "--field-manager=kim",
                "sd",
                "shop",
                "swiftdeploy.dev/" + key + "=" + value))
        .contains("annotated");
  }

  private void usedUp(String key) {
    await(key + " is used up")
        .atMost(Shop.PATIENCE)
        .until(() -> shop.field("{.metadata.annotations.swiftdeploy\\.dev/" + key + "}").isEmpty());
  }

  @Test
  void promoteNowSkipsTheHold() throws InterruptedException {
    String hour = "steps: [{weight: 20, hold: 1h}, {weight: 100, hold: 1h}]";
    shop.declare("1.0.0", hour);
    shop.awaitServing("1.0.0");
    shop.declare("2.0.0", hour);
    shop.awaitField(
        "{.status.candidate.version} {.status.candidate.actualWeight}" + Shop.UNDER_WAY,
        "2.0.0 20");
    Thread.sleep(WINDOW.toMillis()); // a review of a window without requests would use it up

    annotate("promote-now", "known good");

    shop.awaitServing("2.0.0");
    usedUp("promote-now");
    assertThat(requests())
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.kind()).isEqualTo(Request.Kind.PROMOTE_NOW);
              assertThat(r.reason()).isEqualTo("known good");
              assertThat(r.actor()).isEqualTo("kim");
            });
    assertThat(decided(TransitionKind.PROMOTE).get(0).transition().skipsHold())
        .as("policy is told that the hold is skipped")
        .isTrue();
    assertThat(shop.events()).contains("Requested", "Promoted");
  }

  @Test
  void retryTriesARefusedReleaseAgain() {
    shop.declare("1.0.0", "steps: []");
    shop.awaitServing("1.0.0");
    // Within that time the pods of the second attempt have to be ready.
    String never =
        "[{\"op\":\"add\",\"path\":\"/spec/services/env\",\"value\":[{\"name\":\"FAKE\","
            + "\"value\":\"later\"}]},{\"op\":\"add\",\"path\":\"/spec/services/health\","
            + "\"value\":{\"deadline\":\"20s\"}}]";
    assertThat(shop.kubectl("patch", "sd", "shop", "--type=json", "-p", never)).contains("patched");
    await("the retreat")
        .atMost(Shop.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(shop.condition("Stalled", "status")).isEqualTo("True");
              assertThat(shop.field("{.status.refused}")).contains("not healthy within 20 s");
            });
    assertThat(shop.field("{.status.stable.version}")).isEqualTo("1.0.0");
    String refused = shop.field("{.status.refused[0].release}");
    shop.kubelet.mend();

    annotate("retry", "the registry is back");

    shop.awaitField("{.status.stable.release} {.status.refused}", refused + " []");
    usedUp("retry");
    assertThat(requests())
        .singleElement()
        .satisfies(r -> assertThat(r.kind()).isEqualTo(Request.Kind.RETRY));
  }
}
