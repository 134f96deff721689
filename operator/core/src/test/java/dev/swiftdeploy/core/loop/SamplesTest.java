package dev.swiftdeploy.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept for people to read later, and that nothing depends on it. */
class SamplesTest {
  private final World world = new World();
  private final MeasuredWorkloads metrics = new MeasuredWorkloads();

  SamplesTest() {
    world.metrics = metrics;
    world.restart();
  }

  private List<ObjectNode> samples() {
    return world.audit.records().stream()
        .map(r -> r.entry())
        .filter(Entry.Sampled.class::isInstance)
        .map(e -> ((Entry.Sampled) e).sample())
        .toList();
  }

  private World held() {
    world.settle();
    return world.declare(s -> s.steps(10, 100).mode(Mode.CANARY).to("B"));
  }

  @Test
  void whileACandidateIsJudgedBothSidesAreKept() {
    held().run(10);

    ObjectNode sample = samples().get(samples().size() - 1);
    assertThat(sample.get("version").asText()).isEqualTo(Samples.VERSION);
    assertThat(sample.at("/stable/workload").asText())
        .isEqualTo(SpecOf.workload("stable-A").name());
    assertThat(sample.at("/stable/weight").asInt()).isEqualTo(90);
    assertThat(sample.at("/candidate/workload").asText())
        .isEqualTo(SpecOf.workload("canary-B").name());
    assertThat(sample.at("/candidate/actual_weight").asInt()).isEqualTo(10);
    assertThat(sample.at("/candidate/metrics/p99_ms").asDouble()).isEqualTo(20);
  }

  @Test
  void thereIsAtMostOneInAnAnalysisInterval() {
    held();
    for (int i = 0; i < 140; i++) {
      world.loop.look(true);
      world.tick();
      world.clock.advance(Duration.ofMillis(100));
    }

    assertThat(samples()).hasSizeBetween(2, 3);
  }

  @Test
  void aLongStepLeavesFew() {
    held().run(Duration.ofHours(3).toSeconds());

    assertThat(samples()).hasSizeBetween(30, 80);
  }

  @Test
  void nothingIsWrittenWhereNothingIsDelivered() {
    world.settle();
    int before = world.audit.records().size();
    world.run(3600);

    assertThat(world.audit.records()).hasSize(before);
  }

  @Test
  void whoAsksGetsOneAlsoWhereNothingIsDelivered() {
    world.settle();
    world.loop.look(true);
    world.tick();

    assertThat(samples()).hasSize(1);
    assertThat(samples().get(0).has("candidate")).isFalse();
    assertThat(samples().get(0).at("/stable/ready").asInt()).isEqualTo(1);
  }

  @Test
  void whoAsksAgainWhereNothingHasChangedGetsNoOther() {
    World quiet = new World().settle();
    for (int i = 0; i < 100; i++) {
      quiet.loop.look(true);
      quiet.run(7);
    }

    assertThat(quiet.audit.records().stream().filter(r -> r.entry() instanceof Entry.Sampled))
        .hasSize(1);
  }

  @Test
  void whoOnlyLooksLeavesNothing() {
    world.settle();
    int before = world.audit.records().size();
    int asked = world.policy.calls();
    for (int i = 0; i < 100; i++) {
      world.loop.look(false);
      world.run(1);
    }

    assertThat(world.audit.records()).hasSize(before);
    assertThat(world.policy.calls()).isEqualTo(asked);
  }

  @Test
  void whatIsLookedAtIsReadForAWhile() {
    world.settle();
    assertThat(metrics.watched).isEmpty();
    world.loop.look(false);
    world.tick();
    assertThat(metrics.watched).hasSize(1);
    assertThat(world.loop.view().orElseThrow().stable().orElseThrow().metrics()).isPresent();
    world.run(40);
    assertThat(metrics.watched).isEmpty();
  }

  @Test
  void aLookDoesNotCountAsAReview() {
    world.policy.deny("latency_too_high");
    world.declare("A").run(3);
    int asked = world.policy.calls();
    world.loop.look(true);
    world.tick();

    assertThat(world.policy.calls()).isEqualTo(asked);
  }

  @Test
  void theStateIsTheSameWithAndWithoutThem() {
    held().run(60);
    State with = world.state();
    World without = new World();
    without.settle();
    without.declare(s -> s.steps(10, 100).mode(Mode.CANARY).to("B")).run(60);

    assertThat(samples()).isNotEmpty();
    assertThat(with.admitted()).isEqualTo(without.state().admitted());
    assertThat(with.recent().stream().map(State.Outcome::kind).toList())
        .isEqualTo(without.state().recent().stream().map(State.Outcome::kind).toList());
    assertThat(with.seq()).isLessThan(world.audit.head().seq());
  }

  @Test
  void aChainThatTakesNoSampleDoesNotStopACanary() {
    held();
    world.audit.refuse(entry -> entry instanceof Entry.Sampled);
    world.run(60);

    assertThat(samples()).isEmpty();
    assertThat(world.state().admitted().candidate().orElseThrow().weight()).isEqualTo(100);
    assertThat(world.eventReasons()).doesNotContain("RecordFailed");
  }
}
