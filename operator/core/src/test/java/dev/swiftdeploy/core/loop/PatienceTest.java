package dev.swiftdeploy.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.spec.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a record costs much, an answer that changes nothing waits for the next one. */
class PatienceTest {
  private final World world = new World();

  @BeforeEach
  void aServiceRuns() {
    world.settle();
    world.audit.patience(Duration.ofSeconds(12));
  }

  private List<String> reviewed() {
    return world.story().stream().filter(line -> line.startsWith("reviewed")).toList();
  }

  @Test
  void withShortHoldsTheDecisionTellsTheSameAndCountsIt() {
    world.declare(s -> s.to("B").steps(10, 50, 100)).settle();

    assertThat(reviewed()).isEmpty();
    assertThat(world.story())
        .contains(
            "decided advance B to 50 %: allowed, repeated 2",
            "decided advance B to 100 %: allowed, repeated 2", "decided promote B: allowed");
  }

  @Test
  void whatIsShownMeanwhileIsOnRecord() {
    world.declare(s -> s.to("B").steps(10, 50, 100)).run(8);

    assertThat(reviewed()).isEmpty();
    assertThat(world.loop.view().orElseThrow().lastDecided().map(Entry.Decided::transition))
        .hasValueSatisfying(t -> assertThat(t.kind()).isEqualTo(TransitionKind.CANARY));
  }

  @Test
  void soDoesADenialForWantOfEvidenceForAQuarterOfTheTime() {
    world.audit.patience(Duration.ofSeconds(36));
    world.declare(s -> s.to("B").steps(100)).run(3);
    world.policy.answer(new Decision(false, List.of(), false, false, List.of()).json());
    world.run(8);
    assertThat(world.policy.askedKinds()).as("it was asked").endsWith("promote");
    assertThat(world.story()).noneMatch(line -> line.contains("denied"));

    world.run(8);
    assertThat(world.story().get(world.story().size() - 1))
        .startsWith("decided promote B: denied, repeated ");
  }

  @Test
  void aFailedReviewIsWrittenAtOnce() {
    world.policy.deny("latency_too_high", TransitionKind.PROMOTE);
    world.declare(s -> s.to("B").steps(100)).run(11);

    assertThat(world.story()).contains("decided promote B: denied");
  }

  @Test
  void whatStandsForLongerIsWritten() {
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(120);

    assertThat(reviewed()).containsExactly("reviewed promote B: allowed, repeated 3");
  }

  @Test
  void whatEndsADenialIsWrittenAtOnce() {
    world.policy.deny("latency_too_high", TransitionKind.PROMOTE);
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(60);
    world.policy.allow();
    world.run(6);

    assertThat(reviewed()).hasSize(2);
    assertThat(reviewed().get(0)).startsWith("reviewed promote B: denied");
    assertThat(reviewed().get(1)).startsWith("reviewed promote B: allowed, repeated");
  }
}
