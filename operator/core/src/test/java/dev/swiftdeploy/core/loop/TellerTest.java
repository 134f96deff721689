package dev.swiftdeploy.core.loop;

import static dev.swiftdeploy.core.spec.SpecOf.workload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.plan.Plan;
import dev.swiftdeploy.core.plan.Standing;
import dev.swiftdeploy.core.plan.Step;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.VirtualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is told once. */
class TellerTest {
  private final List<Event> events = new ArrayList<>();
  private final Teller teller = new Teller(new VirtualClock(), events::add);

  @Test
  void anOutcomeIsToldOnceItIsOnRecord() {
    for (Step step :
        List.of(
            new Step.Succeed(), new Step.GiveUp("Unhealthy", "not healthy", Optional.empty()))) {
      teller.plan(new Plan("under-way", Standing.RECONCILING, "deploy A is over", step));
    }
    assertThat(events).isEmpty();
  }

  @Test
  void effectsThatTakeTurnsAreToldOnceEach() {
    Effect one = new Effect.RemoveWorkload(workload("stable-A"));
    Effect other = new Effect.RemoveWorkload(workload("canary-B"));
    for (int i = 0; i < 3; i++) {
      teller.effect(one);
      teller.effect(other);
    }
    assertThat(events).extracting(Event::message).containsExactly(one.text(), other.text());

    teller.turned();
    teller.effect(one);
    assertThat(events).hasSize(3);
  }
}
