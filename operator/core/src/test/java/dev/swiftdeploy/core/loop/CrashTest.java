package dev.swiftdeploy.core.loop;

import static dev.swiftdeploy.core.spec.SpecOf.id;
import static dev.swiftdeploy.core.spec.SpecOf.workload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The daemon is killed at each pass of each of the loop's crash points, in each of these stories.
 * The next one reaches the same end, by the same transitions.
 */
class CrashTest {
  private static final Set<CrashPoint> OF_THE_LOOP =
      EnumSet.range(CrashPoint.LOOP_BEFORE_DECISION_RECORD, CrashPoint.LOOP_AFTER_OUTCOME_RECORD);

  private record Story(String name, Consumer<World> told) {}

  private static final List<Story> STORIES =
      List.of(
          new Story("a first deploy", World::settle),
          new Story("a replacement", w -> w.settle().declare("b").settle()),
          new Story(
              "a deploy that fails",
              w -> {
                w.platform.neverHealthy(id("b"));
                w.settle().declare("b").run(40);
              }),
          new Story(
              "a first deploy that fails",
              w -> {
                w.platform.ends(id("a"), 1);
                w.run(40);
              }),
          new Story(
              "a canary to its end",
              w -> w.settle().declare(s -> s.to("b").steps(10, 50, 100)).settle()),
          new Story(
              "a candidate that hangs",
              w -> {
                w.settle().declare(s -> s.to("b").steps(10, 100).mode(Mode.CANARY)).run(40);
                w.platform.hang(workload("canary-b"), 0);
                w.run(40);
              }),
          new Story(
              "a candidate that policy orders back",
              w -> {
                w.settle().declare(s -> s.to("b").steps(10, 100).mode(Mode.CANARY)).run(40);
                w.policy.orderRollback(i -> true);
                w.run(30);
              }),
          new Story(
              "a rollback of the stable release",
              w -> {
                w.settle().declare("b").settle();
                w.ask(Request.Kind.ROLLBACK);
                w.run(30);
              }),
          new Story("settings", w -> w.settle().declare(s -> s.port(9090).replicas(3)).settle()),
          new Story(
              "settings that the platform refuses",
              w -> {
                w.settle();
                w.platform.refuse(
                    e ->
                        e instanceof Effect.SetRoute r
                            && r.route().settings().port().number() == 9090);
                w.declare(s -> s.port(9090)).run(40);
              }),
          new Story(
              "a teardown",
              w -> {
                w.untilTornDown = true;
                w.settle().declare(s -> s.to("b").steps(10, 100).mode(Mode.CANARY)).run(40);
                w.ask(Request.Kind.TEARDOWN);
                w.run(20);
              }),
          new Story(
              "a deletion",
              w -> {
                w.settle();
                w.deleted = true;
                w.settle();
              }),
          new Story(
              "a repair",
              w -> {
                w.settle();
                w.platform.lose(workload("stable-a"));
                w.platform.killProxy();
                w.run(60);
              }),
          new Story("a stop", w -> w.settle().stop().restart().settle()));

  /** A person comes at a moment's time: had the daemon been away for long, they would be late. */
  private static final List<Story> STORIES_IN_A_HURRY =
      List.of(
          new Story(
              "a rollback during a deploy",
              w -> {
                w.settle().declare("b").settle();
                w.declare("c").run(1);
                w.ask(Request.Kind.ROLLBACK);
                w.run(30);
              }),
          new Story(
              "a spec that changes on the way",
              w -> {
                w.settle().declare("b").run(1);
                w.declare("c").settle();
              }));

  /** How a story ended, in words; what may differ after a crash is left out. */
  private static String end(World world) {
    return SpecOf.lettered(
        world.state().admitted()
            + "\nrefused "
            + world.state().refused().keySet().stream().sorted().toList()
            + "\nearlier "
            + world.state().earlier()
            + "\nrequest "
            + world.state().request()
            + "\nthere "
            + world.platform.observe().workloads().stream()
                .map(w -> w.workload() + ": " + w.healthy(9))
                .toList()
            + "\nroute "
            + world.platform.observe().route().flatMap(ObservedRoute::route).map(Route::label)
            + "\n"
            + world.plan().rule());
  }

  private static List<String> transitions(World world) {
    return world.story().stream()
        .filter(s -> s.startsWith("decided") && s.contains("allowed"))
        .map(s -> s.replaceAll(", repeated \\d+", ""))
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> theNextDaemonReachesTheSameEnd() {
    return Stream.concat(STORIES.stream(), STORIES_IN_A_HURRY.stream())
        .map(
            story ->
                DynamicTest.dynamicTest(
                    story.name(), () -> killEverywhere(story, Duration.ZERO, true)));
  }

  /** For longer than any deadline, and its start isn't on record: no release is to blame for it. */
  @TestFactory
  Stream<DynamicTest> soDoesOneThatComesLate() {
    return STORIES.stream()
        .map(
            story ->
                DynamicTest.dynamicTest(
                    story.name(), () -> killEverywhere(story, Duration.ofMinutes(5), false)));
  }

  private static void killEverywhere(Story story, Duration away, boolean recordsStart) {
    World calm = new World("a");
    story.told().accept(calm);
    String end = end(calm);
    List<String> transitions = transitions(calm);
    int killed = 0;
    for (CrashPoint point : OF_THE_LOOP) {
      for (int pass = 1; ; pass++) {
        World world = new World("a");
        world.away = away;
        world.recordsStart = recordsStart;
        int[] passed = {0};
        int at = pass;
        world.crashPoints =
            p -> {
              if (p == point && ++passed[0] == at) {
                throw new World.Crash(p);
              }
            };
        story.told().accept(world);
        if (passed[0] < pass) {
          break;
        }
        killed++;
        String where = story.name() + ", killed at pass " + pass + " of " + point;
        assertThat(end(world)).as(where).isEqualTo(end);
        assertThat(transitions(world)).as(where).isEqualTo(transitions);
        Obligations.everyEffectWasAdmitted(world, 0);
        Obligations.everyTransitionIsDecidedAndEndsOnce(world);
      }
    }
    assertThat(killed).as("crashes").isGreaterThan(5);
  }
}
