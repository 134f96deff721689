package dev.swiftdeploy.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.ReportedStatus;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.core.status.StatusProjector;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a host elsewhere tells comes to the same status as the tick's own view. */
class ReportedStatusTest {
  private final World world = new World();

  @BeforeEach
  void aCanaryIsTried() {
    world.metrics = new MeasuredWorkloads();
    world.restart();
    world.settle();
    world.declare(s -> s.steps(10, 50, 100).to("B"));
  }

  private Status own() {
    return StatusProjector.project(
        world.loop.view().orElseThrow(), "process", "scripted", world.audit.head());
  }

  private Status reported() {
    Status own = own();
    return new ReportedStatus(
            own.uid(),
            own.platform(),
            own.generation(),
            own.observedGeneration(),
            own.specDigest(),
            own.conditions(),
            own.url(),
            own.next().rule(),
            own.next().why(),
            own.next().step(),
            own.policy())
        .project(
            world.loop.view().orElseThrow().desired().resource(),
            world.state(),
            world.loop.view().orElseThrow().observation(),
            world.audit.head(),
            world.audit.damage());
  }

  /** Without figures, whose window only the loop sees, and what it keeps of unrecorded answers. */
  private static JsonNode comparable(Status status) {
    ObjectNode json = Json.MAPPER.valueToTree(status);
    for (String side : new String[] {"stable", "candidate"}) {
      if (json.path(side) instanceof ObjectNode track) {
        track.remove("metrics");
        track.remove("requests_per_second");
      }
    }
    json.remove("last_decision");
    ((ObjectNode) json.get("next")).remove("answer");
    return json;
  }

  @Test
  void itIsTheSameAtEveryTickOfACanaryAndARollback() {
    for (int i = 0; i < 250; i++) {
      world.clock.advance(world.tick().after());
      if (i == 120) {
        world.ask(Request.Kind.ROLLBACK);
        world.tick();
      }
      Status own = own();
      Status reported = reported();
      assertThat(comparable(reported)).isEqualTo(comparable(own));
      assertThat(reported.next().answer().map(Status.DecisionStatus::id))
          .isEqualTo(own.next().answer().map(Status.DecisionStatus::id));
    }
    assertThat(world.state().refused()).as("the rollback was among it").isNotEmpty();
  }

  @Test
  void figuresAreThoseOfTheLastRecordedReview() {
    for (int i = 0; i < 200 && !held(); i++) {
      world.clock.advance(world.tick().after());
    }
    Status.Track candidate = reported().candidate().orElseThrow();

    assertThat(candidate.metrics().orElseThrow().p99Ms()).isEqualTo(20);
    assertThat(candidate.requestsPerSecond()).isPresent();
    assertThat(reported().stable().orElseThrow().metrics()).isPresent();
    assertThat(reported().next().answer().orElseThrow().verdict()).isEqualTo("allowed");
  }

  @Test
  void whatCannotBeSeenIsNotCalledReady() {
    for (int i = 0; i < 200 && !held(); i++) {
      world.clock.advance(world.tick().after());
    }
    assertThat(ready(own())).isEqualTo(Condition.Status.FALSE);

    world.platform.unreachable(true);
    world.tick();

    Condition ready = own().conditions().get(0);
    assertThat(ready.status()).isEqualTo(Condition.Status.UNKNOWN);
    assertThat(ready.reason()).isEqualTo("PlatformFailed");
    assertThat(ready.message()).isEqualTo("the machine does not answer");
    assertThat(own().next().rule()).isEqualTo("unseen");
    assertThat(comparable(reported())).isEqualTo(comparable(own()));

    world.platform.unreachable(false);
    world.clock.advance(world.tick().after());
    assertThat(ready(own())).isNotEqualTo(Condition.Status.UNKNOWN);
  }

  private static Condition.Status ready(Status status) {
    return status.conditions().get(0).status();
  }

  private boolean held() {
    return own().next().rule().equals("hold") && own().next().answer().isPresent();
  }

  @Test
  void beforeTheFirstReviewOfACandidateThereAreNoFigures() {
    for (int i = 0; i < 50 && own().candidate().isEmpty(); i++) {
      world.clock.advance(world.tick().after());
    }
    assertThat(reported().candidate().orElseThrow().metrics()).isEqualTo(Optional.empty());
  }
}
