package dev.swiftdeploy.core.loop;

import static dev.swiftdeploy.core.spec.SpecOf.id;
import static dev.swiftdeploy.core.spec.SpecOf.workload;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.swiftdeploy.core.admission.ScriptedPolicy;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.StableRelease;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.FakePlatform;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.SpecOf;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.core.status.StatusProjector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The loop around the planner, as obligations. */
class ReleaseLoopTest {
  private final World world = new World();

  private void serves(String letter) {
    assertThat(world.state().admitted().stable().map(StableRelease::id)).contains(id(letter));
    assertThat(world.platform.serves()).isTrue();
  }

  private void running(String... workloads) {
    assertThat(
            world.platform.observe().workloads().stream()
                .map(w -> SpecOf.lettered(w.workload().name()))
                .toList())
        .containsExactly(workloads);
  }

  private World deployed(String... letters) {
    for (String letter : letters) {
      world.declare(letter).settle();
    }
    return world;
  }

  // ---- deploy ----

  @Test
  void aFirstDeployIsDecidedThenDoneThenRecorded() {
    world.settle();

    serves("A");
    assertThat(world.story())
        .containsExactly("opened", "policy changed", "decided deploy A: allowed", "applied");
    assertThat(world.done()).containsExactly("start stable-A (1 replica)", "route stable-A 100 %");
    assertThat(world.releases.get(id("A"))).isPresent();
  }

  @Test
  void everyEffectRestsOnARecordOfAnAllow() {
    deployed("A", "B");
    world.platform.kill(workload("stable-B"), 0);
    world.run(5).settle();

    for (FakePlatform.Applied applied : world.platform.applied()) {
      Entry resting = world.audit.records().get((int) applied.permission().seq() - 1).entry();
      assertThat(resting)
          .isInstanceOfSatisfying(
              Entry.Decided.class,
              d -> {
                assertThat(d.verdict().word()).isEqualTo("allowed");
                assertThat(d.decisionId()).isEqualTo(applied.permission().decisionId());
              });
    }
  }

  @Test
  void aReplacementIsProvenBeforeTheOldOneGoes() {
    deployed("A", "B");

    serves("B");
    running("stable-B");
    assertThat(world.done().subList(2, 5))
        .containsExactly("start stable-B (1 replica)", "route stable-B 100 %", "remove stable-A");
  }

  @Test
  void aDenialChangesNothing() {
    world.policy.deny("disk_below_threshold");
    world.run(3);

    assertThat(world.done()).isEmpty();
    assertThat(world.platform.observe()).isEqualTo(Observation.NOTHING);
    assertThat(world.eventReasons()).contains("DeployBlocked");
    assertThat(world.events)
        .anySatisfy(
            e ->
                assertThat(e.message())
                    .startsWith("BLOCKED: Scripted: disk_below_threshold (scripted/disk_below_"));
    assertThat(world.state().underWay()).isEmpty();
  }

  @Test
  void aDenialLeavesWhatRunsAlone() {
    deployed("A");
    List<String> before = world.done();
    world.policy.deny("disk_below_threshold");
    world.declare("B").run(120);

    serves("A");
    running("stable-A");
    assertThat(world.done()).isEqualTo(before);
  }

  @Test
  void aPolicyThatCanNotBeAskedAllowsNothing() {
    for (Unavailability.Kind kind : Unavailability.Kind.values()) {
      World fresh = new World();
      fresh.policy.down(kind);
      fresh.run(3);
      assertThat(fresh.done()).isEmpty();
      assertThat(fresh.events)
          .filteredOn(e -> e.reason().equals("PolicyUnavailable"))
          .isNotEmpty()
          .allSatisfy(e -> assertThat(e.message()).contains("(" + kind.reason() + ")"));
      assertThat(fresh.story()).contains("decided deploy A: unavailable");
      assertThat(fresh.state().unavailableSince()).isPresent();
      fresh.policy.up();
      fresh.settle();
      assertThat(fresh.platform.serves()).isTrue();
    }
  }

  @Test
  void anAnswerThatIsNoDecisionAllowsNothing() {
    world.policy.answer(ScriptedPolicy.malformed());
    world.run(3);
    assertThat(world.done()).isEmpty();
    assertThat(world.eventReasons()).contains("PolicyUnavailable");
    assertThat(world.events.toString()).contains("(PolicyMalformed)");
    world.policy.answer(NullNode.instance);
    world.policy.change(2);
    world.run(3);
    assertThat(world.done()).isEmpty();
  }

  @Test
  void aDenialThatRepeatsIsWrittenOnceAndCounted() {
    world.policy.deny("disk_below_threshold");
    world.run(120);
    assertThat(world.story().stream().filter(s -> s.startsWith("decided")))
        .containsExactly("decided deploy A: denied");
    int repeated = world.policy.calls() - 1;
    assertThat(repeated).isPositive();

    world.policy.deny("load_above_threshold");
    world.run(60);
    assertThat(world.story().stream().filter(s -> s.startsWith("decided")))
        .containsExactly(
            "decided deploy A: denied", "decided deploy A: denied, repeated " + repeated);
  }

  @Test
  void askingAgainBacksOff() {
    world.policy.deny("disk_below_threshold");
    world.run(31);
    assertThat(world.policy.calls()).as("at 0, 1, 3, 7, 15 and 31 s").isEqualTo(6);
    world.run(60);
    assertThat(world.policy.calls()).as("and each 30 s then").isEqualTo(8);
  }

  @Test
  void aChangedPolicyIsAskedAtOnce() {
    world.policy.deny("disk_below_threshold");
    world.run(60);
    world.policy.allow();
    world.policy.change(2);
    world.tick();
    assertThat(world.state().underWay()).isPresent();
    assertThat(world.story())
        .containsSubsequence(
            "policy changed", "policy changed", "decided deploy A: allowed, repeated 5");
  }

  @Test
  void aPolicyThatIsLoadedByTheFirstQuestionIsNoChangedOne() {
    world.policy.loadsWhenAsked();
    world.policy.deny("disk_below_threshold");
    world.run(0).tick();
    assertThat(world.policy.calls()).isEqualTo(1);
    assertThat(world.story())
        .containsSubsequence("policy changed", "decided deploy A: denied")
        .doesNotHaveDuplicates();
  }

  @Test
  void aTransitionUnderWayKeepsItsDecisionAndTheNextReviewIsTheNewPolicys() {
    deployed("A");
    world.declare("B").tick();
    Permission permission = world.state().underWay().orElseThrow().permission();
    int calls = world.policy.calls();

    // a policy that would deny it
    world.policy.deny("disk_below_threshold");
    world.policy.change(2);
    world.settle();
    serves("B");
    assertThat(world.policy.calls()).isEqualTo(calls);
    assertThat(world.platform.applied().stream().skip(2).map(FakePlatform.Applied::permission))
        .isNotEmpty()
        .allMatch(permission::equals);
    assertThat(decided()).last().satisfies(d -> digestIs(d, 1));
    assertThat(changes())
        .last()
        .isEqualTo(
            new Entry.PolicyChanged(
                "scripted", Optional.of(ScriptedPolicy.digest(1)), ScriptedPolicy.digest(2)));

    world.declare("C").run(5);
    serves("B");
    assertThat(decided()).last().satisfies(d -> digestIs(d, 2));
  }

  /** Who reads the chain knows of a policy before it decides, and it is not asked twice. */
  @Test
  void aPolicyThatChangesWhileItIsAskedIsOnRecordBeforeItsAnswer() {
    deployed("A");
    world.policy.deny("disk_below_threshold");
    world.policy.changesWhenAsked(2);
    int calls = world.policy.calls();
    world.declare("B").tick();
    world.tick();

    assertThat(world.story()).endsWith("policy changed", "decided deploy B from A: denied");
    assertThat(changes())
        .last()
        .satisfies(c -> assertThat(c.to()).isEqualTo(ScriptedPolicy.digest(2)));
    assertThat(decided()).last().satisfies(d -> digestIs(d, 2));
    assertThat(world.policy.calls()).isEqualTo(calls + 1);
  }

  private List<Entry.Decided> decided() {
    return entries(Entry.Decided.class);
  }

  private List<Entry.PolicyChanged> changes() {
    return entries(Entry.PolicyChanged.class);
  }

  private <E> List<E> entries(Class<E> type) {
    return world.audit.records().stream()
        .map(r -> r.entry())
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private static void digestIs(Entry.Decided decided, int policy) {
    assertThat(decided.policy().digest()).contains(ScriptedPolicy.digest(policy));
  }

  /** Each failure of policy under its own name, never an allow, and what runs is left alone. */
  @ParameterizedTest
  @EnumSource
  void eachWayToHaveNoDecisionIsToldByItsOwnNameAndChangesNothing(Unavailability.Kind kind) {
    deployed("A");
    List<String> done = world.done();
    world.policy.down(kind);
    world.declare("B").run(120);

    serves("A");
    assertThat(world.done()).isEqualTo(done);
    assertThat(decided())
        .last()
        .satisfies(d -> assertThat(d.verdict()).isEqualTo(Verdict.UNAVAILABLE));
    assertThat(world.eventReasons()).contains("PolicyUnavailable");
    Status status =
        StatusProjector.project(
            world.loop.view().orElseThrow(), "process", "scripted", world.audit.head());
    for (String condition : List.of("Ready", "Stalled", "Admitted")) {
      assertThat(status.condition(condition).reason())
          .isEqualTo(condition.equals("Admitted") ? kind.reason() : "PolicyUnavailable");
      assertThat(status.condition(condition).message())
          .isEqualTo(
              "POLICY UNAVAILABLE: policy does not answer (" + kind.reason() + "). start it");
    }

    world.policy.up();
    world.run(60).settle();
    serves("B");
  }

  @Test
  void noTwoWaysToHaveNoDecisionShareAName() {
    assertThat(Stream.of(Unavailability.Kind.values()).map(Unavailability.Kind::reason))
        .doesNotHaveDuplicates()
        .allMatch(reason -> reason.matches("Policy[A-Z][A-Za-z]+"));
  }

  @Test
  void aChangedSpecIsAskedAtOnce() {
    world.policy.deny("disk_below_threshold");
    world.run(60);
    int calls = world.policy.calls();
    world.declare("B").tick();
    assertThat(world.policy.calls()).isEqualTo(calls + 1);
  }

  @Test
  void anAnswerIsAskedAgainAtOnceIfAPersonSaysSo() {
    world.policy.deny("disk_below_threshold");
    world.run(60);
    int calls = world.policy.calls();
    world.tick();
    assertThat(world.policy.calls()).isEqualTo(calls);
    world.loop.askAgain();
    world.tick();
    assertThat(world.policy.calls()).isEqualTo(calls + 1);
  }

  @Test
  void aClockThatIsSetBackDoesNotKeepAQuestionFromBeingAsked() {
    world.policy.deny("disk_below_threshold");
    world.run(60);
    int calls = world.policy.calls();
    world.clock.advance(Duration.ofHours(-5));
    world.tick();
    assertThat(world.policy.calls()).isEqualTo(calls + 1);
  }

  // ---- converged ----

  @Test
  void aConvergedTickWritesNothingAsksNothingDoesNothing() {
    deployed("A");
    int lines = world.lines.size();
    int calls = world.policy.calls();
    int effects = world.done().size();
    int events = world.events.size();

    for (int i = 0; i < 100; i++) {
      assertThat(world.tick().settled()).isTrue();
      world.clock.advance(Duration.ofSeconds(1));
    }

    assertThat(world.lines).hasSize(lines);
    assertThat(world.policy.calls()).isEqualTo(calls);
    assertThat(world.done()).hasSize(effects);
    assertThat(world.events.size() - events).as("that it is converged, once").isLessThan(2);
  }

  // ---- a deploy that fails ----

  @Test
  void aReleaseThatGetsNotHealthyIsRetreatedFromAndRefusedAndTheLastOneServes() {
    deployed("A");
    world.platform.neverHealthy(id("B"));
    world.declare("B");
    for (int i = 0; i < 700; i++) {
      world.run(Duration.ofMillis(100));
      assertThat(world.platform.serves()).isTrue();
    }

    serves("A");
    running("stable-A");
    assertThat(world.state().refused()).containsOnlyKeys(id("B"));
    assertThat(world.plan().rule()).isEqualTo("refused");
    assertThat(world.story().subList(4, 8))
        .containsExactly(
            "decided deploy B from A: allowed",
            "failed Unhealthy",
            "decided rollback A from B: allowed, granted",
            "applied");
    assertThat(world.policy.askedKinds()).containsExactly("deploy", "deploy");
  }

  @Test
  void aRetreatWorksWhilePolicyIsDown() {
    deployed("A");
    world.platform.neverHealthy(id("B"));
    world.declare("B").run(2);
    world.policy.down(Unavailability.Kind.UNREACHABLE);
    world.run(70);

    serves("A");
    running("stable-A");
  }

  @Test
  void withoutAGrantTheRetreatWaitsForPolicyAndTheServiceRunsOn() {
    world.policy.grants(false);
    deployed("A");
    world.platform.neverHealthy(id("B"));
    world.declare("B").run(2);
    world.policy.down(Unavailability.Kind.UNREACHABLE);
    world.run(120);
    serves("A");
    running("stable-A", "stable-B");
    world.policy.up();
    world.run(60);
    serves("A");
    running("stable-A");
  }

  @Test
  void aRefusedReleaseIsTriedAgainWhenAsked() {
    deployed("A");
    world.platform.neverHealthy(id("B"));
    world.declare("B").run(70);
    world.platform.well(id("B"));
    world.run(60);
    serves("A");
    world.ask(Request.Kind.RETRY, Optional.of(id("B")));
    world.settle();
    serves("B");
  }

  @Test
  void aReleaseThatEndsAtOnceIsRetreatedFrom() {
    deployed("A");
    world.platform.ends(id("B"), 1);
    world.declare("B").run(70);
    serves("A");
    running("stable-A");
    assertThat(world.state().refused()).containsOnlyKeys(id("B"));
  }

  @Test
  void aSpecThatChangesDuringADeployLeadsToWhatItSaysLast() {
    deployed("A");
    world.declare("B").run(Duration.ofMillis(1500));
    world.declare("C").settle();
    serves("C");
    running("stable-C");
    assertThat(world.story().subList(4, 10))
        .containsExactly(
            "decided deploy B from A: allowed",
            "failed Overtaken",
            "decided rollback A from B: allowed, granted",
            "applied",
            "decided deploy C from A: allowed",
            "applied");
  }

  // ---- requests ----

  @Test
  void aRollbackBringsThePreviousReleaseBackAndASecondOneIsDismissed() {
    deployed("A", "B");
    world.ask(Request.Kind.ROLLBACK);
    world.run(10);
    serves("A");
    running("stable-A");
    assertThat(world.state().refused()).containsOnlyKeys(id("B"));
    assertThat(world.plan().rule()).isEqualTo("refused");

    world.ask(Request.Kind.ROLLBACK);
    world.run(10);
    serves("A");
    assertThat(world.story()).endsWith("request rollback", "failed RequestUnusable");
    assertThat(world.state().request()).isEmpty();
  }

  @Test
  void aRollbackDuringADeployTakesBackThatDeployAndNoMore() {
    deployed("A", "B");
    world.declare("C").run(Duration.ofMillis(1500));
    world.ask(Request.Kind.ROLLBACK);
    world.run(10);

    serves("B");
    running("stable-B");
    assertThat(world.state().refused()).containsOnlyKeys(id("C"));
    assertThat(world.state().request()).isEmpty();
    assertThat(world.story())
        .endsWith(
            "request rollback",
            "failed RolledBackByPerson",
            "decided rollback B from C: allowed, granted",
            "applied");
  }

  @Test
  void aRollbackToAReleaseThatGetsNotHealthyStays() {
    deployed("A", "B");
    world.platform.neverHealthy(id("A"));
    world.ask(Request.Kind.ROLLBACK);
    world.run(90);
    serves("B");
    running("stable-B");
    assertThat(world.state().refused()).containsOnlyKeys(id("A"));
  }

  @Test
  void aDeniedRequestIsAnsweredAndUsedUp() {
    deployed("A", "B");
    world.policy.deny("not_now");
    world.ask(Request.Kind.ROLLBACK);
    world.run(30);
    serves("B");
    assertThat(world.state().request()).isEmpty();
    assertThat(world.story()).endsWith("request rollback", "decided rollback A from B: denied");
  }

  @Test
  void teardownRemovesEverythingUnderItsGrantWhilePolicyIsDown() {
    deployed("A");
    world.policy.down(Unavailability.Kind.UNREACHABLE);
    world.ask(Request.Kind.TEARDOWN);
    world.settle();
    assertThat(world.platform.observe()).isEqualTo(Observation.NOTHING);
    assertThat(world.state().tornDown()).isTrue();
    assertThat(world.story())
        .endsWith("request teardown", "decided teardown: allowed, granted", "applied");
  }

  @Test
  void aDeniedTeardownChangesNothing() {
    world.policy.grants(false);
    deployed("A");
    world.policy.deny("protected", TransitionKind.TEARDOWN);
    world.ask(Request.Kind.TEARDOWN);
    world.run(60);
    serves("A");
    assertThat(world.state().request()).isEmpty();
  }

  @Test
  void tornDownItStaysSoUntilADaemonStarts() {
    deployed("A");
    world.ask(Request.Kind.TEARDOWN);
    world.settle();
    world.declare("B").run(30);
    assertThat(world.platform.observe()).isEqualTo(Observation.NOTHING);
    world.restart().settle();
    serves("B");
  }

  @Test
  void aTeardownThatWasAnsweredIsNotAskedAgainByTheNextDaemon() {
    deployed("A");
    world.ask(Request.Kind.TEARDOWN);
    world.settle();
    world.ask(Request.Kind.TEARDOWN);
    world.settle();
    assertThat(world.state().request()).isEmpty();
    world.restart().settle();
    serves("A");
  }

  @Test
  void whatIsDeletedIsTornDown() {
    deployed("A");
    world.deleted = true;
    world.settle();
    assertThat(world.platform.observe()).isEqualTo(Observation.NOTHING);
  }

  // ---- settings ----

  @Test
  void settingsAreConfiguredInPlace() {
    deployed("A");
    world.declare(s -> s.replicas(3).port(9090)).settle();
    serves("A");
    assertThat(world.platform.observe().find(workload("stable-A")).orElseThrow().healthy(3))
        .isEqualTo(3);
    world.declare(s -> s.replicas(1)).settle();
    assertThat(world.platform.observe().find(workload("stable-A")).orElseThrow().instances())
        .hasSize(1);
    assertThat(world.done()).doesNotContain("remove stable-A");
  }

  @Test
  void settingsThatThePlatformRefusesAreUnfitAndTheOldOnesServeOn() {
    deployed("A");
    world.platform.refuse(
        e -> e instanceof Effect.SetRoute r && r.route().settings().port().number() == 9090);
    world.declare(s -> s.port(9090));
    for (int i = 0; i < 900; i++) {
      world.run(Duration.ofMillis(100));
      assertThat(world.platform.serves()).isTrue();
    }

    assertThat(world.plan().rule()).isEqualTo("unfit");
    assertThat(world.plan().why()).contains("could not route");
    assertThat(world.story().subList(4, 8))
        .containsExactly(
            "decided configure A: allowed",
            "failed Unhealthy",
            "decided rollback A from A: allowed",
            "applied");
    assertThat(world.state().refused()).isEmpty();

    world.platform.refuseNothing();
    world.ask(Request.Kind.RETRY);
    world.settle();
    assertThat(world.state().admitted().proxy().orElseThrow().port().number()).isEqualTo(9090);
  }

  @Test
  void settingsThatAreCorrectedAreNotWaitedFor() {
    deployed("A");
    world.platform.refuse(
        e -> e instanceof Effect.SetRoute r && r.route().settings().port().number() == 9090);
    world.declare(s -> s.port(9090)).run(5);
    world.declare(s -> s.port(9091)).run(5);
    assertThat(world.state().admitted().proxy().orElseThrow().port().number()).isEqualTo(9091);
    serves("A");
  }

  // ---- canary ----

  @Test
  void aCanaryGoesThroughItsStepsAndIsPromoted() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 50, 100)).settle();

    serves("B");
    running("stable-B");
    assertThat(world.story().stream().filter(s -> s.startsWith("decided")))
        .containsExactly(
            "decided deploy A: allowed",
            "decided canary B to 10 %: allowed",
            "decided advance B to 50 %: allowed, repeated 1",
            "decided advance B to 100 %: allowed, repeated 1",
            "decided promote B: allowed");
    assertThat(world.done())
        .containsSubsequence(
            "route stable-A 90 %, canary-B 10 %",
            "route stable-A 50 %, canary-B 50 %",
            "route stable-A 0 %, canary-B 100 %",
            "route stable-B 100 %");
  }

  @Test
  void aDeniedAdvanceLeavesTheWeightWhereItIs() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100)).run(10);
    world.policy.deny("latency_too_high", TransitionKind.ADVANCE);
    world.run(120);
    assertThat(world.state().admitted().candidate().orElseThrow().weight()).isEqualTo(10);
    assertThat(world.platform.serves()).isTrue();
    world.policy.allow();
    world.run(60);
    serves("B");
  }

  @Test
  void aDeniedAdvanceIsReviewedAtEveryIntervalAlsoAfterItsHold() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100)).run(10);
    world.policy.deny("latency_too_high", TransitionKind.ADVANCE);
    world.run(60);
    int calls = world.policy.calls();
    world.run(60);
    assertThat(world.policy.calls() - calls).as("every interval of 5 s").isBetween(11, 13);
  }

  @Test
  void inModeCanaryItIsHeldAtTheLastStepAndReviewedWithoutARecordEach() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(60);
    int lines = world.lines.size();
    int calls = world.policy.calls();
    world.run(60);
    assertThat(world.state().admitted().candidate().orElseThrow().weight()).isEqualTo(100);
    assertThat(world.policy.calls() - calls).as("every interval of 5 s").isBetween(11, 13);
    assertThat(world.lines).hasSize(lines);
    world.declare(s -> s.mode(Mode.STABLE)).settle();
    serves("B");
  }

  @Test
  void whileACandidateIsHeldWhatRunsIsLookedAtEverySecond() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(60);
    for (int i = 0; i < 10; i++) {
      Duration after = world.tick().after();
      assertThat(after).isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
      world.clock.advance(after);
    }
  }

  @Test
  void failedReviewsAreCountedAlsoWhereTheyAreNotWritten() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(10);
    world.policy.deny("latency_too_high");
    world.policy.orderRollback(i -> i.at("/history/failed_reviews").asInt() >= 3);
    world.run(60);
    serves("A");
    running("stable-A");
    assertThat(world.state().refused().get(id("B")).reason()).isEqualTo("PolicyOrderedRollback");
  }

  @Test
  void aReviewOutOfTurnIsNoFurtherFailedOne() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(10);
    world.policy.deny("latency_too_high");
    world.run(6);
    int failed = world.loop.view().orElseThrow().lastDecided().orElseThrow().failedReviews();
    assertThat(failed).isPositive();
    int calls = world.policy.calls();
    for (int i = 0; i < 10; i++) {
      world.loop.askAgain();
      world.tick();
    }
    assertThat(world.policy.calls()).as("each is asked").isEqualTo(calls + 10);
    assertThat(world.policy.asked().get(calls + 9).at("/history/failed_reviews").asInt())
        .isEqualTo(failed);
    world.run(6);
    assertThat(world.loop.view().orElseThrow().lastDecided().orElseThrow().failedReviews())
        .as("in turn it counts again")
        .isGreaterThan(failed);
  }

  @Test
  void anOrderedRollbackThatPolicyDeniesIsAskedWithBackOff() {
    world.policy.grants(false);
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100)).run(10);
    world.policy.orderRollback(i -> true);
    int calls = world.policy.calls();
    int lines = world.lines.size();
    world.run(120);
    assertThat(world.policy.calls() - calls).isLessThan(12);
    assertThat(world.lines.size() - lines).isLessThan(5);
    world.policy.allow();
    world.run(40);
    assertThat(world.state().refused()).containsOnlyKeys(id("B"));
  }

  @Test
  void aCandidateThatDiesIsRolledBackWhilePolicyIsDown() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    world.policy.down(Unavailability.Kind.TIMEOUT);
    world.platform.hang(workload("canary-B"), 0);
    world.run(75);
    serves("A");
    running("stable-A");
  }

  @Test
  void aCandidateThatEndsAgainAndAgainIsRolledBack() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    world.platform.ends(id("B"), 1);
    world.platform.kill(workload("canary-B"), 0);
    world.run(50);
    assertThat(world.state().admitted().candidate()).isPresent();
    world.run(30);
    serves("A");
    running("stable-A");
    assertThat(world.state().refused().get(id("B")).reason()).isEqualTo("Unhealthy");
  }

  @Test
  void aCandidateThatHangsIsNotSparedByAClockThatIsSetBack() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    world.platform.hang(workload("canary-B"), 0);
    world.run(5);
    world.clock.advance(Duration.ofMinutes(-5));
    world.run(70); // its deadline is a minute
    assertThat(world.state().admitted().candidate()).isEmpty();
    assertThat(world.state().refused().get(id("B")).reason()).isEqualTo("Unhealthy");
  }

  @Test
  void norIsAStableInstance() {
    deployed("A");
    world.platform.hang(workload("stable-A"), 0);
    world.run(5);
    world.clock.advance(Duration.ofMinutes(-5));
    world.run(70);
    serves("A");
    assertThat(world.done().stream().filter(e -> e.startsWith("restart"))).hasSize(1);
  }

  @Test
  void aCandidateThatComesBackInTimeStays() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    for (int i = 0; i < 4; i++) {
      world.platform.kill(workload("canary-B"), 0);
      world.run(40);
    }
    assertThat(world.state().admitted().candidate()).isPresent();
  }

  @Test
  void settingsDoNotCountAsReviewsOfTheCandidate() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    world.policy.deny("latency_too_high", TransitionKind.PROMOTE);
    world.run(20);
    int failed = world.loop.view().orElseThrow().lastDecided().orElseThrow().failedReviews();
    assertThat(failed).isGreaterThan(2);
    world.declare(s -> s.replicas(2)).run(10);
    assertThat(world.state().admitted().stable().orElseThrow().replicas()).isEqualTo(2);
    assertThat(
            world
                .policy
                .asked()
                .get(world.policy.calls() - 1)
                .at("/history/failed_reviews")
                .asInt())
        .isGreaterThanOrEqualTo(failed);
  }

  @Test
  void withoutPolicyTheCandidateGoesAfterTheTimeOfItsGrant() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    world.policy.down(Unavailability.Kind.TIMEOUT);
    world.run(75);
    serves("A");
    running("stable-A");
    assertThat(world.state().refused()).isEmpty();
  }

  @Test
  void afterARestartPolicyIsAskedBeforeItIsTakenForGone() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    world.policy.down(Unavailability.Kind.TIMEOUT);
    world.run(10);
    world.clock.advance(Duration.ofHours(1));
    world.policy.up();
    world.restart().run(30);
    assertThat(world.state().admitted().candidate()).isPresent();
    assertThat(world.state().unavailableSince()).isEmpty();
  }

  @Test
  void promoteNowSkipsTheHoldAndSaysSo() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(5);
    world.ask(Request.Kind.PROMOTE_NOW);
    world.run(10);
    serves("B");
    assertThat(world.policy.asked())
        .anySatisfy(i -> assertThat(i.at("/transition/skips_hold").asBoolean()).isTrue());
  }

  // ---- paused, stopped, repaired ----

  @Test
  void pausedItStartsNothingAndRepairs() {
    deployed("A");
    world.declare(s -> s.to("B").paused(true)).run(30);
    serves("A");
    world.platform.kill(workload("stable-A"), 0);
    world.run(10);
    serves("A");
    world.declare(s -> s.paused(false)).settle();
    serves("B");
  }

  @Test
  void aLostWorkloadAndALostProxyAreRestoredAndRecordedOnce() {
    deployed("A");
    world.platform.lose(workload("stable-A"));
    world.platform.killProxy();
    world.run(10);
    serves("A");
    assertThat(world.story().subList(4, world.story().size()))
        .containsExactly("repaired start stable-A (1 replica)", "repaired route stable-A 100 %");
  }

  @Test
  void eachRepairIsRecordedAlsoWhileACandidateIsHeld() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    for (int i = 0; i < 2; i++) {
      world.platform.killProxy();
      world.run(10);
    }
    assertThat(world.story().stream().filter(s -> s.startsWith("repaired route"))).hasSize(2);
  }

  @Test
  void aSilentInstanceIsRestartedOnce() {
    deployed("A");
    world.platform.endsIn(Duration.ofSeconds(20));
    world.platform.hang(workload("stable-A"), 0);
    world.run(120);
    assertThat(world.done().stream().filter(d -> d.equals("restart stable-A/0"))).hasSize(1);
    serves("A");
  }

  @Test
  void whatCanNotBeRestoredDoesNotKeepATeardownOrAFixBack() {
    deployed("A");
    world.platform.lose(workload("stable-A"));
    world.platform.refuse(
        e -> e instanceof Effect.StartWorkload s && s.workload().release().equals(id("A")));
    world.run(10);
    world.declare("B").settle();
    serves("B");

    world.platform.lose(workload("stable-B"));
    world.platform.refuse(e -> e instanceof Effect.StartWorkload);
    world.run(10);
    world.ask(Request.Kind.TEARDOWN);
    world.settle();
    assertThat(world.platform.observe()).isEqualTo(Observation.NOTHING);
  }

  @Test
  void whatCanNotBeRestoredIsTriedOnAlsoWhilePolicyDenies() {
    deployed("A");
    world.policy.deny("disk_below_threshold");
    world.platform.lose(workload("stable-A"));
    world.platform.refuse(e -> e instanceof Effect.StartWorkload);
    world.declare("B").run(60);
    int events = world.events.size();
    world.run(60);
    assertThat(world.events.stream().skip(events).filter(e -> e.level() != Event.Level.DETAIL))
        .as("nothing new is told")
        .isEmpty();
    world.platform.refuseNothing();
    world.run(10);
    serves("A");
  }

  @Test
  void whatThePlatformCanNotDoIsTheReason() {
    deployed("A");
    world.platform.refuse(e -> e instanceof Effect.StartWorkload);
    world.declare("B").run(10);

    Status status =
        StatusProjector.project(
            world.loop.view().orElseThrow(), "process", "scripted", world.audit.head());
    assertThat(status.condition("Ready").status()).isEqualTo(Condition.Status.FALSE);
    assertThat(status.condition("Ready").reason()).isEqualTo(StatusProjector.PLATFORM_FAILED);
    assertThat(world.loop.view().orElseThrow().trouble())
        .contains(status.condition("Ready").message());
  }

  @Test
  void aPlatformThatDoesNotAnswerIsWaitedFor() {
    deployed("A");
    world.platform.unreachable(true);
    world.declare("B").run(60);
    assertThat(world.loop.view().orElseThrow().trouble()).contains("the machine does not answer");
    world.platform.unreachable(false);
    world.settle();
    serves("B");
    assertThat(world.loop.view().orElseThrow().trouble()).isEmpty();
  }

  @Test
  void troubleThatIsOverIsNotTold() {
    deployed("A");
    world.platform.unreachable(true);
    world.run(10);
    world.platform.unreachable(false);
    world.settle();
    assertThat(world.loop.view().orElseThrow().trouble()).isEmpty();
  }

  @Test
  void stoppedInOrderItComesUpAgainWithoutATransition() {
    deployed("A");
    int calls = world.policy.calls();
    world.stop();
    assertThat(world.platform.observe()).isEqualTo(Observation.NOTHING);
    world.restart().settle();
    serves("A");
    assertThat(world.policy.calls()).isEqualTo(calls);
    assertThat(world.story())
        .endsWith(
            "stopped", "repaired start stable-A (1 replica)", "repaired route stable-A 100 %");
  }

  @Test
  void stoppedDuringADeployItGoesOnWithIt() {
    deployed("A");
    world.declare("B").run(Duration.ofMillis(500));
    world.stop();
    assertThat(world.platform.observe()).isEqualTo(Observation.NOTHING);
    world.restart().settle();
    serves("B");
    running("stable-B");
  }

  @Test
  void whatWasNeverAdmittedIsNotStopped() {
    world.releases.put(SpecOf.release("A").release());
    world.platform.apply(
        new Effect.StartWorkload(workload("stable-A"), 1),
        new dev.swiftdeploy.core.audit.HeldGrant(null, "x", 1).permission());
    world.stop();
    running("stable-A");
  }

  // ---- the chain ----

  @Test
  void withoutARecordThereIsNoTransition() {
    deployed("A");
    world.audit.full(true);
    world.declare("B").run(30);
    serves("A");
    running("stable-A");
    assertThat(world.eventReasons()).contains("RecordFailed");
    world.audit.full(false);
    world.settle();
    serves("B");
  }

  @Test
  void onAFullDiskAGrantedRetreatAndRepairsGoOn() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    world.audit.full(true);
    world.platform.hang(workload("canary-B"), 0);
    world.platform.killProxy();
    world.run(90);
    assertThat(world.platform.serves()).isTrue();
    running("stable-A");
    assertThat(world.state().admitted().candidate()).as("not on record yet").isPresent();

    world.audit.full(false);
    world.run(10);
    assertThat(world.state().admitted().candidate()).isEmpty();
    assertThat(world.state().refused()).containsOnlyKeys(id("B"));
    serves("A");
  }

  @Test
  void whatARetreatLeadsToIsRepairedWhileItCannotBeRecorded() {
    deployed("A");
    world.declare(s -> s.to("B").steps(10, 100).mode(Mode.CANARY)).run(40);
    world.audit.full(true);
    world.declare("A").run(30);
    running("stable-A");

    world.platform.kill(workload("stable-A"), 0);
    world.run(30);

    assertThat(world.platform.serves()).isTrue();
    running("stable-A");
    world.audit.full(false);
    world.run(10);
    serves("A");
  }

  @Test
  void aFailedDeployOnAFullDiskKeepsTheServiceUp() {
    deployed("A");
    world.platform.neverHealthy(id("B"));
    world.declare("B").run(2);
    world.audit.full(true);
    world.run(90);
    assertThat(world.platform.serves()).isTrue();
    world.audit.full(false);
    world.run(10);
    serves("A");
    running("stable-A");
  }

  @Test
  void aDamagedChainStopsTransitionsAndTheServiceRunsOn() {
    deployed("A");
    String line = world.lines.get(3);
    world.lines.set(3, line.replace("allowed", "denied"));
    assertThat(world.lines.get(3)).isNotEqualTo(line);
    world.policy.change(2);
    world.restart();
    world.declare("B").run(60);
    assertThat(world.platform.serves()).isTrue();
    running("stable-A");
    assertThat(world.events.stream().filter(e -> e.reason().equals("AuditDamaged"))).hasSize(1);
    assertThat(world.eventReasons()).doesNotContain("RecordFailed");
    assertThat(world.loop.view().orElseThrow().damage()).isPresent();
  }

  @Test
  void aLostChainStandsStillAndOnlyATeardownIsTaken() {
    deployed("A");
    world.lines.clear();
    world.restart().run(30);
    assertThat(world.plan().rule()).isEqualTo("state-lost");
    assertThat(world.platform.serves()).isTrue();
    world.ask(Request.Kind.ROLLBACK);
    world.run(30);
    assertThat(world.platform.serves()).isTrue();
    assertThat(world.plan().rule()).isEqualTo("state-lost");
    assertThat(world.state().request()).isEmpty();

    world.ask(Request.Kind.TEARDOWN);
    world.settle();
    assertThat(world.platform.observe()).isEqualTo(Observation.NOTHING);
    world.restart().settle();
    serves("A");
  }

  @Test
  void theChainIsWhole() {
    deployed("A", "B");
    Chain.Head head = Chain.Head.START;
    for (String line : world.lines) {
      Chain.Read read = Chain.read(head, line);
      assertThat(read).isInstanceOf(Chain.Read.Good.class);
      head = new Chain.Head(head.seq() + 1, ((Chain.Read.Good) read).record().hash());
    }
  }
}
