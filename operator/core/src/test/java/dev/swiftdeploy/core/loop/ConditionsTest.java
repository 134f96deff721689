package dev.swiftdeploy.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Kstatus;
import dev.swiftdeploy.core.status.StatusProjector;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What tools that wait are told in each state, as docs/kubernetes.md has it; and which reasons
 * people filter by.
 */
class ConditionsTest {
  private static Arguments state(
      String name, Consumer<World> brought, String reasons, Kstatus kstatus) {
    return Arguments.of(Named.of(name, brought), reasons, kstatus);
  }

  private static void canary(World world) {
    world.declare(s -> s.steps(10, 50, 100).to("B"));
    world.run(12);
  }

  private static void held(World world) {
    world.declare(s -> s.steps(10).mode(Mode.CANARY).to("B"));
    world.run(60);
  }

  static Stream<Arguments> states() {
    return Stream.of(
        state("converged", w -> {}, "Ready/Converged, DeployAdmitted", Kstatus.CURRENT),
        state(
            "a canary under way",
            ConditionsTest::canary,
            "Reconciling/Hold, AdvanceAdmitted",
            Kstatus.IN_PROGRESS),
        state(
            "a candidate that is blocked, and asked about again",
            w -> {
              w.policy.deny("latency_too_high", TransitionKind.ADVANCE);
              canary(w);
            },
            "Reconciling/AdvanceBlocked, AdvanceBlocked",
            Kstatus.IN_PROGRESS),
        state(
            "a canary that is blocked, and asked about again",
            w -> {
              w.policy.deny("disk_below_threshold");
              canary(w);
            },
            "Reconciling/CanaryBlocked, CanaryBlocked",
            Kstatus.IN_PROGRESS),
        state(
            "held for a person",
            ConditionsTest::held,
            "Ready/Hold, PromoteAdmitted",
            Kstatus.CURRENT),
        state(
            "held for a person, and policy would not promote it",
            w -> {
              w.policy.deny("latency_too_high", TransitionKind.PROMOTE);
              held(w);
            },
            "Ready/PromoteBlocked, PromoteBlocked",
            Kstatus.CURRENT),
        state(
            "held for a person, and policy is away",
            w -> {
              held(w);
              w.policy.down(Unavailability.Kind.UNREACHABLE);
              w.run(20);
            },
            "Stalled/PolicyUnavailable, PolicyUnreachable",
            Kstatus.FAILED),
        state(
            "policy is away in the middle of a canary",
            w -> {
              canary(w);
              w.policy.down(Unavailability.Kind.TIMEOUT);
              w.run(20);
            },
            "Stalled/PolicyUnavailable, PolicyTimeout",
            Kstatus.FAILED),
        state(
            "policy is away, and nothing is to be asked",
            w -> {
              w.policy.down(Unavailability.Kind.TIMEOUT);
              w.run(20);
            },
            "Ready/Converged, DeployAdmitted",
            Kstatus.CURRENT),
        state(
            "refused",
            w -> {
              canary(w);
              w.ask(Request.Kind.ROLLBACK);
              w.run(60);
            },
            "Stalled/Refused, Refused",
            Kstatus.FAILED),
        state(
            "paused",
            w -> w.declare(s -> s.to("B").paused(true)).run(20),
            "Stalled/Paused, DeployAdmitted",
            Kstatus.FAILED),
        state(
            "its records are lost",
            w -> {
              w.lines.clear();
              w.restart().run(20);
            },
            "Stalled/StateLost, NotAsked",
            Kstatus.FAILED),
        state(
            "its records are damaged",
            w -> {
              w.lines.set(3, w.lines.get(3).replace("allowed", "denied"));
              w.restart().run(20);
            },
            "Stalled/AuditDamaged, ",
            Kstatus.FAILED));
  }

  @ParameterizedTest
  @MethodSource("states")
  void oneOfReadyReconcilingAndStalledIsTrue(
      Consumer<World> brought, String reasons, Kstatus kstatus) {
    World world = new World();
    world.settle();
    brought.accept(world);

    Map<String, String> conditions = new HashMap<>();
    Map<String, String> told = new HashMap<>();
    for (Condition condition :
        StatusProjector.project(
                world.loop.view().orElseThrow(), "kubernetes", "scripted", world.audit.head())
            .conditions()) {
      String is = condition.status().name();
      conditions.put(condition.type(), is.charAt(0) + is.substring(1).toLowerCase(Locale.ROOT));
      told.put(condition.type(), condition.reason());
    }
    assertThat(Stream.of("Ready", "Reconciling", "Stalled"))
        .filteredOn(type -> "True".equals(conditions.get(type)))
        .singleElement()
        .satisfies(
            type ->
                assertThat(type + "/" + told.get(type) + ", " + told.get("Admitted"))
                    .startsWith(reasons));
    assertThat(Kstatus.of(7, 7, false, conditions)).isEqualTo(kstatus);
    assertThat(Kstatus.of(8, 7, false, conditions)).isEqualTo(Kstatus.IN_PROGRESS);
    assertThat(Kstatus.of(7, 7, true, conditions)).isEqualTo(Kstatus.TERMINATING);
  }
}
