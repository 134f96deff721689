package dev.swiftdeploy.core.loop;

import static dev.swiftdeploy.core.spec.SpecOf.id;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.spec.SpecOf;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.core.status.StatusProjector;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a person is shown of a canary, through all of its life. */
class StatusOfACanaryTest {
  private final World world = new World();

  @BeforeEach
  void aCanaryIsTried() {
    world.metrics = new MeasuredWorkloads();
    world.restart();
    world.settle();
    world.declare(s -> s.steps(10, 50, 100).to("B"));
  }

  private Status status() {
    return StatusProjector.project(
        world.loop.view().orElseThrow(), "process", "scripted", world.audit.head());
  }

  private Status.Track candidate() {
    return status().candidate().orElseThrow();
  }

  /** Ticks until a status has that; each tick's is looked at. */
  private Status until(java.util.function.Predicate<Status> there) {
    for (int i = 0; i < 500; i++) {
      if (there.test(status())) {
        return status();
      }
      world.clock.advance(world.tick().after());
    }
    throw new AssertionError("never: " + status());
  }

  @Test
  void aCandidateOnItsWayIsShownWithNoTrafficYet() {
    Status status = until(s -> s.underWay().isPresent() && s.workloads().size() == 2);

    assertThat(SpecOf.lettered(status.underWay().orElseThrow().transition()))
        .isEqualTo("canary B to 10 %");
    assertThat(status.workloads()).allMatch(w -> w.wanted() == 1);
    Status.Track candidate = status.candidate().orElseThrow();
    assertThat(candidate.release()).isEqualTo(id("B").value());
    assertThat(candidate.weight()).isEqualTo(10);
    assertThat(candidate.actualWeight()).contains(0);
    assertThat(status.stable().orElseThrow().weight()).isEqualTo(90);
    assertThat(status.stable().orElseThrow().actualWeight()).contains(100);
    assertThat(candidate.step()).contains(1);
    assertThat(candidate.holdUntil()).isEmpty();
  }

  @Test
  void aStepIsShownWithItsHoldAndBothSides() {
    until(s -> s.next().rule().equals("hold") && s.next().answer().isPresent());
    Status status = status();
    Status.Track candidate = status.candidate().orElseThrow();

    assertThat(candidate.stepWeights()).containsExactly(10, 50, 100);
    assertThat(candidate.step()).contains(1);
    assertThat(candidate.actualWeight()).contains(10);
    assertThat(candidate.holdUntil()).contains(candidate.since().orElseThrow().plus(SpecOf.HOLD));
    assertThat(candidate.metrics().orElseThrow().p99Ms()).isEqualTo(20);
    assertThat(candidate.requestsPerSecond()).isPresent();
    assertThat(status.stable().orElseThrow().metrics()).isPresent();
    assertThat(status.next().step()).startsWith("review advance");
    Status.DecisionStatus answer = status.next().answer().orElseThrow();
    assertThat(answer.verdict()).isEqualTo("allowed");
    assertThat(answer.enact()).isFalse();
    assertThat(answer.at()).isPresent();
  }

  @Test
  void whatPolicySaysAgainstTheNextStepIsThere() {
    world.policy.deny("latency_too_high", TransitionKind.ADVANCE);
    Status.DecisionStatus answer =
        until(s -> s.next().answer().filter(a -> a.failedReviews() == 3).isPresent())
            .next()
            .answer()
            .orElseThrow();
    assertThat(answer.verdict()).isEqualTo("denied");
    assertThat(answer.message()).startsWith("BLOCKED: Scripted: latency_too_high");
    assertThat(answer.violations()).hasSize(1);
    assertThat(status().decisions().get(0).id()).isEqualTo(answer.id());
  }

  @Test
  void whatBecameOfTheLastDecisionsIsThere() {
    Status status = until(s -> s.candidate().filter(c -> c.weight() == 50).isPresent());
    world.run(Duration.ofSeconds(5));

    assertThat(status.decisions().get(0).transition()).startsWith("advance");
    assertThat(status().decisions())
        .anySatisfy(
            d -> {
              assertThat(d.transition()).startsWith("canary");
              assertThat(d.outcome()).contains("applied");
            });
  }

  @Test
  void inAPromoteTheReleaseKeepsItsTraffic() {
    until(
        s ->
            s.underWay()
                .filter(
                    u ->
                        u.transition().startsWith("promote")
                            && s.route()
                                .flatMap(Status.RouteStatus::weights)
                                .filter(w -> w.startsWith("stable-" + id("B")))
                                .isPresent())
                .isPresent());

    assertThat(candidate().weight()).isEqualTo(100);
    assertThat(candidate().actualWeight()).contains(100);
    assertThat(status().stable().orElseThrow().weight()).isEqualTo(0);
    assertThat(status().stable().orElseThrow().actualWeight()).contains(0);
  }

  @Test
  void whoseProxyIsGoneHasNoActualWeight() {
    until(s -> s.next().rule().equals("hold") && s.next().answer().isPresent());
    world.platform.killProxy();
    world.tick();

    assertThat(candidate().actualWeight()).isEmpty();
    assertThat(candidate().weight()).isEqualTo(10);
  }

  @Test
  void itIsReadBackAsItWasWritten() throws JsonProcessingException {
    until(s -> s.next().rule().equals("hold") && s.next().answer().isPresent());
    String json = Json.MAPPER.writeValueAsString(status());

    assertThat(Json.MAPPER.writeValueAsString(Json.MAPPER.readValue(json, Status.class)))
        .isEqualTo(json);
    assertThat(json).contains("\"p99_ms\":20", "\"actual_weight\":10", "\"hold_until\":\"2026");
  }
}
