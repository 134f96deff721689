package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.plan.Given.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.Mode;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The planner's table: what is given, and the whole plan as text. Each row of section 4 of the
 * design is here, and each rule answers at least once.
 */
class PlannerTest {

  private static void plans(Given given, String expected) {
    assertThat(given.planned()).isEqualTo(expected);
  }

  @Nested
  @DisplayName("– / – / A")
  class Nothing {
    @Test
    void deploysWhateverTheMode() {
      String deploy =
          """
          first-deploy: nothing runs yet: vA (A)
            propose deploy A
          """;
      plans(given().spec("A"), deploy);
      plans(given().spec("A").mode(Mode.CANARY).steps(10, 100), deploy);
    }

    @Test
    void deployUnderWayStartsProvesAndRoutes() {
      plans(
          given().spec("A").replicas(2).deploying("A"),
          """
          under-way: deploy A: stable-A/0 is missing, stable-A/1 is missing, there is no proxy
            start stable-A (2 replicas)
          """);
      plans(
          given().spec("A").deploying("A").starting("stable-A", 0),
          """
          under-way: deploy A: waiting for stable-A/0 to be healthy, traffic to be switched, once all is healthy
            wait
          """);
      plans(
          given().spec("A").deploying("A").proven(),
          """
          under-way: deploy A: there is no proxy
            route stable-A 100 %
          """);
      plans(
          given().spec("A").deploying("A").switched(),
          """
          under-way: deploy A is done
            record applied
          """);
    }

    @Test
    void aDeployThatGetsNotHealthyIsGivenUp() {
      plans(
          given().spec("A").deploying("A").starting("stable-A", 0).after(60),
          """
          under-way-unhealthy: deploy A is given up: not healthy within 60 s: stable-A/0 does not answer
            record failed: Unhealthy
          """);
    }

    @Test
    void aFailedDeployIsRetreatedFromUnderItsGrant() {
      plans(
          given().spec("A").deploying("A").failed("Unhealthy"),
          """
          retreat-due: deploy A failed: it is said
            rollback from A as granted by d-1
          """);
    }

    @Test
    void withoutAGrantTheRetreatIsAskedFor() {
      plans(
          given().spec("A").withoutGrants().deploying("A").failed("Unhealthy"),
          """
          retreat-asked: deploy A failed: it is said
            propose rollback from A
          """);
    }

    @Test
    void theRetreatRemovesWhatWasStarted() {
      plans(
          given()
              .spec("A")
              .deploying("A")
              .failed("Unhealthy")
              .retreating(Cause.UNHEALTHY)
              .starting("stable-A", 0),
          """
          under-way: rollback from A: stable-A is not wanted
            remove stable-A
          """);
    }

    @Test
    void thenTheReleaseIsRefused() {
      plans(
          given()
              .spec("A")
              .deploying("A")
              .failed("Unhealthy")
              .retreating(Cause.UNHEALTHY)
              .applied(),
          """
          refused: release A is refused: never got healthy
            wait
          """);
    }
  }

  @Nested
  @DisplayName("A / – / A")
  class Converged {
    private Given settled() {
      return given().spec("A").stable("A");
    }

    @Test
    void restsInModeStable() {
      plans(
          settled(),
          """
          converged: vA (A) serves
            rest
          """);
    }

    @Test
    void aModeTurnedToCanaryIsACanaryOfTheSameRelease() {
      plans(
          settled().mode(Mode.CANARY).steps(10, 100),
          """
          mode-canary: the spec's mode turned to canary: vA (A)
            propose canary A to 10 %
          """);
    }

    @Test
    void aModeTurnedToCanaryWithoutStepsIsACanaryWithHalfOfTheTraffic() {
      plans(
          settled().mode(Mode.CANARY),
          """
          mode-canary: the spec's mode turned to canary: vA (A)
            propose canary A to 50 %
          """);
    }

    @Test
    void modeCanaryFromTheFirstDeployOnIsSettled() {
      plans(
          given().mode(Mode.CANARY).steps(10, 100).stable("A"),
          """
          converged: vA (A) serves
            rest
          """);
    }

    @Test
    void settledInModeCanaryAndTurnedToStableIsConfigured() {
      plans(
          given().mode(Mode.CANARY).steps(10, 100).stable("A").mode(Mode.STABLE),
          """
          configure: settings changed: mode
            propose configure A
          """);
    }

    @Test
    void settingsAreConfigured() {
      plans(
          settled().port(9090),
          """
          configure: settings changed: proxy
            propose configure A
          """);
      plans(
          settled().replicas(3),
          """
          configure: settings changed: replicas
            propose configure A
          """);
      plans(
          settled().replicas(3).port(9090),
          """
          configure: settings changed: proxy and replicas
            propose configure A
          """);
    }

    @Test
    void settingsComeBeforeAnotherRelease() {
      plans(
          settled().port(9090).spec("B"),
          """
          configure: settings changed: proxy
            propose configure A
          """);
    }

    @Test
    void configuringStartsProvesAndRoutes() {
      plans(
          settled().replicas(2).configuring(),
          """
          under-way: configure A: stable-A/1 is missing, the proxy routes otherwise: stable-A 100 %
            start stable-A (2 replicas)
          """);
      plans(
          settled().replicas(2).configuring().proven(),
          """
          under-way: configure A: the proxy routes otherwise: stable-A 100 %
            route stable-A 100 %
          """);
      plans(
          given().replicas(2).stable("A").replicas(1).configuring().switched(),
          """
          under-way: configure A: stable-A has more than 1 replicas
            scale stable-A down to 1
          """);
    }

    @Test
    void settingsThatCanNotBeBroughtAboutAreUnfit() {
      plans(
          settled().port(9090).configuring().trouble("port 9090 is taken").after(60),
          """
          under-way-unhealthy: configure A is given up: not healthy within 60 s: port 9090 is taken
            record failed: Unhealthy
          """);
      plans(
          settled().port(9090).configuring().failed("Unhealthy"),
          """
          retreat-asked: configure A failed: it is said
            propose rollback A from A
          """);
      plans(
          settled()
              .port(9090)
              .configuring()
              .failed("Unhealthy")
              .retreating(Cause.UNHEALTHY)
              .applied(),
          """
          unfit: the new settings could not be brought about: it is said
            wait
          """);
    }

    @Test
    void unfitSettingsDoNotKeepAnotherReleaseBack() {
      Given unfit =
          settled()
              .port(9090)
              .spec("B")
              .configuring()
              .failed("Unhealthy")
              .retreating(Cause.UNHEALTHY)
              .applied();
      plans(
          unfit,
          """
          replace: the spec asks for another release: vB (B)
            propose deploy B from A
          """);
      assertThat(((Step.Propose) unfit.plan().step()).transition().after().proxy())
          .as("with the settings that work")
          .isEqualTo(unfit.state().admitted().proxy());
    }

    @Test
    void anotherSpecIsNotUnfit() {
      plans(
          settled()
              .port(9090)
              .configuring()
              .failed("Unhealthy")
              .retreating(Cause.UNHEALTHY)
              .applied()
              .port(9091),
          """
          configure: settings changed: proxy
            propose configure A
          """);
    }

    @Test
    void settingsThatAreOvertakenAreNoMatterOfARollbackThatWaits() {
      plans(
          settled().port(9090).configuring().port(9091).asked(Request.Kind.ROLLBACK),
          """
          under-way-overtaken: configure A is given up: the spec's settings changed again
            record failed: Overtaken
          """);
      plans(
          settled().port(9090).configuring().asked(Request.Kind.ROLLBACK).deleted(),
          """
          under-way-overtaken: configure A is given up: a teardown was asked for
            record failed: Overtaken
          """);
    }

    @Test
    void overtakenSettingsAreNotUnfit() {
      plans(
          settled().port(9090).configuring().failed("Overtaken").retreating(Cause.SPEC).applied(),
          """
          configure: settings changed: proxy
            propose configure A
          """);
    }

    @Test
    void settingsThatChangeAgainOvertakeTheOnesUnderWay() {
      plans(
          settled().port(9090).configuring().port(9091),
          """
          under-way-overtaken: configure A is given up: the spec's settings changed again
            record failed: Overtaken
          """);
      plans(
          settled().port(9090).configuring().switched().port(9091),
          """
          under-way: configure A is done
            record applied
          """);
    }
  }

  @Nested
  @DisplayName("A / – / B")
  class Replace {
    private Given other() {
      return given().stable("A").spec("B");
    }

    @Test
    void withoutStepsIsDeployedBeside() {
      plans(
          other(),
          """
          replace: the spec asks for another release: vB (B)
            propose deploy B from A
          """);
    }

    @Test
    void withoutStepsInModeCanaryIsHeldAtHalfOfTheTraffic() {
      Given held = given().mode(Mode.CANARY).stable("A").candidate("B", 0).after(5);
      plans(
          other().mode(Mode.CANARY),
          """
          canary: the spec asks for another release: vB (B)
            propose canary B to 50 %
          """);
      plans(
          held,
          """
          hold: release B is held at 50 %: mode is canary
            review promote B
          """);
      plans(
          held.mode(Mode.STABLE),
          """
          promote: release B has been through all steps
            propose promote B
          """);
    }

    @Test
    void withStepsIsACanary() {
      plans(
          other().steps(10, 50, 100),
          """
          canary: the spec asks for another release: vB (B)
            propose canary B to 10 %
          """);
      plans(
          other().steps(10, 100).mode(Mode.CANARY),
          """
          canary: the spec asks for another release: vB (B)
            propose canary B to 10 %
          """);
    }

    @Test
    void theNewOneIsProvenBeforeTrafficGoesThere() {
      plans(
          other().deploying("B"),
          """
          under-way: deploy B from A: stable-B/0 is missing, the proxy routes otherwise: stable-A 100 %
            start stable-B (1 replica)
          """);
      plans(
          other().deploying("B").starting("stable-B", 0),
          """
          under-way: deploy B from A: waiting for stable-B/0 to be healthy, traffic to be switched, once all is healthy
            wait
          """);
      plans(
          other().deploying("B").proven(),
          """
          under-way: deploy B from A: the proxy routes otherwise: stable-A 100 %
            route stable-B 100 %
          """);
    }

    @Test
    void theOldOneGoesAfterTheDrain() {
      plans(
          other().deploying("B").switched().draining(),
          """
          under-way: deploy B from A: waiting for requests in flight to end (drain)
            wait
          """);
      plans(
          other().deploying("B").switched(),
          """
          under-way: deploy B from A: stable-A is not wanted
            remove stable-A
          """);
      plans(
          other().deploying("B").switched().gone("stable-A"),
          """
          under-way: deploy B from A is done
            record applied
          """);
    }

    @Test
    void whatServesIsKeptServingMeanwhile() {
      plans(
          other().deploying("B").starting("stable-B", 0).exited("stable-A", 0),
          """
          under-way: deploy B from A: stable-A/0 has exited, the proxy routes otherwise: stable-A 100 %
            start stable-A (1 replica)
          """);
      plans(
          other().deploying("B").starting("stable-B", 0).noProxy(),
          """
          under-way: deploy B from A: there is no proxy
            route stable-A 100 %
          """);
      plans(
          other().deploying("B").starting("stable-B", 0).unhealthy("stable-A", 0, 61),
          """
          under-way: deploy B from A: stable-A/0 runs and does not answer, the proxy routes otherwise: stable-A 100 %
            restart stable-A/0
          """);
    }

    @Test
    void aLostProxyIsRoutedToWhatIsProven() {
      plans(
          other().deploying("B").switched().noProxy(),
          """
          under-way: deploy B from A: there is no proxy
            route stable-B 100 %
          """);
      plans(
          other().deploying("B").switched().noProxy().spec("C"),
          """
          under-way: deploy B from A: there is no proxy
            route stable-B 100 %
          """);
    }

    @Test
    void notHealthyInTimeIsGivenUpAndRefused() {
      Given late = other().deploying("B").starting("stable-B", 0).after(60);
      plans(
          late,
          """
          under-way-unhealthy: deploy B from A is given up: not healthy within 60 s: stable-B/0 does not answer
            record failed: Unhealthy
          """);
      assertThat(((Step.GiveUp) late.plan().step()).refuses()).isPresent();
      plans(
          other().deploying("B").failed("Unhealthy").starting("stable-B", 0),
          """
          retreat-due: deploy B from A failed: it is said
            rollback A from B as granted by d-2
          """);
      plans(
          other()
              .deploying("B")
              .failed("Unhealthy")
              .retreating(Cause.UNHEALTHY)
              .starting("stable-B", 0),
          """
          under-way: rollback A from B: stable-B is not wanted
            remove stable-B
          """);
      plans(
          other().deploying("B").failed("Unhealthy").retreating(Cause.UNHEALTHY).applied(),
          """
          refused: release B is refused: never got healthy
            wait
          """);
    }

    @Test
    void theDeadlineIsCountedFromTheDaemonsStart() {
      plans(
          other().deploying("B").after(59).restarted().starting("stable-B", 0).after(59),
          """
          under-way: deploy B from A: waiting for stable-B/0 to be healthy, traffic to be switched, once all is healthy
            wait
          """);
    }

    @Test
    void aDecisionIsValidForMinutes() {
      plans(
          other().deploying("B").after(660).restarted().starting("stable-B", 0),
          """
          under-way-expired: deploy B from A is given up: its decision is older than 10 minutes
            record failed: DecisionExpired
          """);
    }

    @Test
    void aReleaseIsNotBlamedForAProxyThatCanNotBeSet() {
      plans(
          other().deploying("B").proven().trouble("port 8080 is taken").after(61),
          """
          under-way: deploy B from A: the proxy routes otherwise: stable-A 100 %
            route stable-B 100 %
          """);
      Given expired = other().deploying("B").proven().trouble("port 8080 is taken").after(660);
      plans(
          expired,
          """
          under-way-expired: deploy B from A is given up: its decision is older than 10 minutes
            record failed: DecisionExpired
          """);
      assertThat(((Step.GiveUp) expired.plan().step()).refuses()).isEmpty();
    }

    @Test
    void newAndBrokenAfterTheSwitchItGoesBackWhileTheOldOneIsThere() {
      plans(
          other().deploying("B").switched().backingOff("stable-B", 0),
          """
          under-way: deploy B from A: waiting for stable-B/0 to be started again (backing off)
            wait
          """);
      plans(
          other().deploying("B").switched().backingOff("stable-B", 0).after(60),
          """
          under-way-unhealthy: deploy B from A is given up: not healthy within 60 s: stable-B/0 has exited
            record failed: Unhealthy
          """);
      plans(
          other().deploying("B").switched().backingOff("stable-B", 0).gone("stable-A").after(60),
          """
          under-way: deploy B from A is done
            record applied
          """);
    }

    @Test
    void aSpecThatChangesBeforeTheSwitchOvertakes() {
      plans(
          other().deploying("B").starting("stable-B", 0).spec("C"),
          """
          under-way-overtaken: deploy B from A is given up: the spec now asks for release C
            record failed: Overtaken
          """);
      plans(
          other().deploying("B").starting("stable-B", 0).spec("A"),
          """
          under-way-overtaken: deploy B from A is given up: the spec now asks for release A
            record failed: Overtaken
          """);
      plans(
          other().deploying("B").failed("Overtaken").spec("C"),
          """
          retreat-due: deploy B from A failed: it is said
            rollback A from B as granted by d-2
          """);
    }

    @Test
    void aSpecThatChangesAfterTheSwitchWaits() {
      plans(
          other().deploying("B").switched().spec("C"),
          """
          under-way: deploy B from A: stable-A is not wanted
            remove stable-A
          """);
    }

    @Test
    void aTeardownBeforeTheSwitchOvertakes() {
      plans(
          other().deploying("B").starting("stable-B", 0).asked(Request.Kind.TEARDOWN),
          """
          under-way-overtaken: deploy B from A is given up: a teardown was asked for
            record failed: Overtaken
          """);
      plans(
          other().deploying("B").starting("stable-B", 0).deleted(),
          """
          under-way-overtaken: deploy B from A is given up: a teardown was asked for
            record failed: Overtaken
          """);
    }

    @Test
    void aRollbackBeforeTheSwitchOvertakesAndIsAnsweredByTheRetreat() {
      plans(
          other().deploying("B").starting("stable-B", 0).asked(Request.Kind.ROLLBACK),
          """
          under-way-overtaken: deploy B from A is given up: a rollback was asked for
            record failed: RolledBackByPerson
          """);
      Given retreat =
          other().deploying("B").asked(Request.Kind.ROLLBACK).failed("RolledBackByPerson");
      plans(
          retreat,
          """
          retreat-due: deploy B from A failed: it is said
            rollback A from B as granted by d-2
          """);
      assertThat(((Step.UseGrant) retreat.plan().step()).transition().request())
          .as("the retreat is what the person asked for, not a reason for a second one")
          .isEqualTo(retreat.state().request().map(Request::id));
    }
  }

  @Nested
  @DisplayName("A / B@k / B")
  class OnItsWay {
    private Given at(int step) {
      return given().steps(10, 50, 100).stable("A").candidate("B", step);
    }

    @Test
    void isReviewedWhenTheStepIsAnIntervalOld() {
      String waits =
          """
          hold: release B is held at 10 % until 2026-01-01T00:00:15Z
            wait
          """;
      plans(at(0), waits);
      plans(at(0).after(4), waits);
      assertThat(((Step.Wait) at(0).after(4).plan().step()).after())
          .isEqualTo(Duration.ofSeconds(1));
      plans(
          at(0).after(-10),
          """
          hold: release B is held at 10 % until 2026-01-01T00:00:15Z
            review advance B to 50 %
          """);
      plans(
          at(2),
          """
          promote: release B has been through all steps
            wait
          """);
    }

    @Test
    void isHeldAndTheNextStepReviewed() {
      plans(
          at(0).after(5),
          """
          hold: release B is held at 10 % until 2026-01-01T00:00:15Z
            review advance B to 50 %
          """);
      plans(
          at(1).after(14),
          """
          hold: release B is held at 50 % until 2026-01-01T00:00:15Z
            review advance B to 100 %
          """);
    }

    @Test
    void advancesWhenTheHoldIsOver() {
      plans(
          at(0).after(15),
          """
          advance: the hold of step 1 is over
            propose advance B to 50 %
          """);
    }

    @Test
    void anAdvanceIsARouteAlone() {
      plans(
          at(0).advancing(),
          """
          under-way: advance B to 50 %: the proxy routes otherwise: stable-A 90 %, canary-B 10 %
            route stable-A 50 %, canary-B 50 %
          """);
      plans(
          at(0).advancing().unhealthy("canary-B", 0, 5),
          """
          under-way: advance B to 50 %: waiting for canary-B/0 to be healthy, traffic to be switched, once all is healthy
            wait
          """);
    }

    @Test
    void isPromotedFromTheLastStep() {
      plans(
          at(2).after(5),
          """
          promote: release B has been through all steps
            propose promote B
          """);
    }

    @Test
    void inModeCanaryIsHeldAtTheLastStepAndReviewed() {
      plans(
          at(2).mode(Mode.CANARY).after(5),
          """
          hold: release B is held at 100 %: mode is canary
            review promote B
          """);
      assertThat(at(2).mode(Mode.CANARY).plan().condition()).isEqualTo(Standing.READY);
    }

    @Test
    void stepsTakenOutOfTheSpecLeadToThePromotion() {
      plans(
          at(1).steps().after(5),
          """
          promote: release B has been through all steps
            propose promote B
          """);
    }

    @Test
    void promotingStartsTheReleaseAsStable() {
      plans(
          at(2).promoting(),
          """
          under-way: promote B: stable-B/0 is missing, the proxy routes otherwise: stable-A 0 %, canary-B 100 %
            start stable-B (1 replica)
          """);
      plans(
          at(2).promoting().proven(),
          """
          under-way: promote B: the proxy routes otherwise: stable-A 0 %, canary-B 100 %
            route stable-B 100 %
          """);
      plans(
          at(2).promoting().switched(),
          """
          under-way: promote B: stable-A is not wanted, canary-B is not wanted
            remove canary-B, remove stable-A
          """);
    }

    @Test
    void aFailedPromoteTakesTheCandidateWithIt() {
      Given retreat = at(2).promoting().failed("Unhealthy");
      plans(
          retreat,
          """
          retreat-due: promote B failed: it is said
            rollback A from B as granted by d-2
          """);
      assertThat(((Step.UseGrant) retreat.plan().step()).transition().after().candidate())
          .isEmpty();
    }

    @Test
    void aFailedAdvanceTakesTheCandidateWithIt() {
      Given retreat = at(0).advancing().failed("Unhealthy");
      plans(
          retreat,
          """
          retreat-due: advance B to 50 % failed: it is said
            rollback A from B as granted by d-2
          """);
      assertThat(((Step.UseGrant) retreat.plan().step()).transition().after().candidate())
          .isEmpty();
    }

    @Test
    void anOvertakenPromoteKeepsTheCandidateAndItsGrant() {
      plans(
          at(2).promoting().mode(Mode.CANARY),
          """
          under-way-overtaken: promote B is given up: the spec's mode is canary again
            record failed: Overtaken
          """);
      Given retreat = at(2).promoting().failed("Overtaken").mode(Mode.CANARY);
      plans(
          retreat,
          """
          retreat-asked: promote B failed: it is said
            propose rollback A from B
          """);
      assertThat(((Step.Propose) retreat.plan().step()).transition().after())
          .isEqualTo(retreat.state().admitted());
    }

    @Test
    void aCandidateThatIsNotWantedAnyMoreGoesWithTheTransitionThatItWasIn() {
      Given retreat = at(2).promoting().failed("Overtaken").spec("C");
      plans(
          retreat,
          """
          retreat-due: promote B failed: it is said
            rollback A from B as granted by d-2
          """);
      assertThat(((Step.UseGrant) retreat.plan().step()).transition().after().candidate())
          .isEmpty();
    }

    @Test
    void promoteNowSkipsTheHold() {
      plans(
          at(0).asked(Request.Kind.PROMOTE_NOW),
          """
          promote-now: a person asked to promote release B now
            propose promote B
          """);
      Given now = at(0).asked(Request.Kind.PROMOTE_NOW);
      Transition transition = ((Step.Propose) now.plan().step()).transition();
      assertThat(transition.skipsHold()).isTrue();
      assertThat(transition.step()).contains(0);
      assertThat(
              ((Step.Propose) at(2).asked(Request.Kind.PROMOTE_NOW).plan().step())
                  .transition()
                  .skipsHold())
          .isFalse();
    }

    @Test
    void settingsAreConfiguredAndTheWindowStays() {
      plans(
          at(0).port(9090),
          """
          configure: settings changed: proxy
            propose configure A
          """);
      plans(
          at(0).after(10).replicas(2).configuring().applied(),
          """
          hold: release B is held at 10 % until 2026-01-01T00:00:15Z
            review advance B to 50 %
          """);
    }

    @Test
    void aFailedConfigureLeavesTheCandidateItsGrant() {
      plans(
          given()
              .stable("A")
              .mode(Mode.CANARY)
              .steps(10, 100)
              .candidate("A", 0)
              .port(9090)
              .configuring()
              .failed("Unhealthy"),
          """
          retreat-asked: configure A failed: it is said
            propose rollback A from A
          """);
    }

    @Test
    void anotherSpecRollsTheCandidateBackFirst() {
      plans(
          at(1).spec("A"),
          """
          candidate-unwanted: the spec asks for release A
            rollback A from B as granted by d-2
          """);
      plans(
          at(1).spec("C"),
          """
          candidate-unwanted: the spec asks for release C
            rollback A from B as granted by d-2
          """);
    }

    @Test
    void policyOrdersTheRollback() {
      plans(
          at(1).denied(true, "Error rate too high", "Latency too high"),
          """
          rollback-ordered: policy orders the rollback of release B: Error rate too high; Latency too high
            rollback A from B as granted by d-2
          """);
      plans(
          at(1).denied(false, "Error rate too high").after(5),
          """
          hold: release B is held at 50 % until 2026-01-01T00:00:15Z
            review advance B to 100 %
          """);
    }

    @Test
    void unhealthyPastItsDeadlineItIsRolledBack() {
      plans(
          at(0).unhealthy("canary-B", 0, 60),
          """
          hold: release B is held at 10 % until 2026-01-01T00:00:15Z
            wait
          """);
      plans(
          at(0).unhealthy("canary-B", 0, 61),
          """
          candidate-unhealthy: release B unhealthy for more than 60 s
            rollback A from B as granted by d-2
          """);
      plans(
          given()
              .steps(10, 100)
              .stable("A")
              .withoutGrants()
              .candidate("B", 0)
              .unhealthy("canary-B", 0, 61),
          """
          candidate-unhealthy-asked: release B unhealthy for more than 60 s
            propose rollback A from B
          """);
    }

    @Test
    void withoutPolicyForAsLongAsTheGrantSaysItIsRolledBack() {
      plans(
          at(0).unavailable().after(59),
          """
          advance: the hold of step 1 is over
            propose advance B to 50 %
          """);
      plans(
          at(0).unavailable().after(60),
          """
          policy-unavailable: policy could not be asked since 2026-01-01T00:00:00Z
            rollback A from B as granted by d-2
          """);
      plans(
          given()
              .steps(10, 100)
              .stable("A")
              .withoutGrants()
              .candidate("B", 0)
              .unavailable()
              .after(60),
          """
          advance: the hold of step 1 is over
            propose advance B to 100 %
          """);
    }

    @Test
    void policyIsTriedBeforeARestartedDaemonTakesItForGone() {
      plans(
          at(0).unavailable().after(3600).restarted().after(1),
          """
          advance: the hold of step 1 is over
            propose advance B to 50 %
          """);
    }

    @Test
    void whilePausedPolicyIsNotAskedAndSoNotTakenForGone() {
      plans(
          at(0).unavailable().after(60).paused(),
          """
          paused: paused: no transition is started
            wait
          """);
    }

    @Test
    void theRollbackRoutesAwayThenRemoves() {
      plans(
          at(0).rollingBackCandidate(Cause.PERSON),
          """
          under-way: rollback A from B: the proxy routes otherwise: stable-A 90 %, canary-B 10 %
            route stable-A 100 %
          """);
      plans(
          at(0).rollingBackCandidate(Cause.PERSON).switched().draining(),
          """
          under-way: rollback A from B: waiting for requests in flight to end (drain)
            wait
          """);
      plans(
          at(0).rollingBackCandidate(Cause.PERSON).switched(),
          """
          under-way: rollback A from B: canary-B is not wanted
            remove canary-B
          """);
    }

    @Test
    void aRollbackDoesNotWaitForAllOfTheStableRelease() {
      Given given =
          given()
              .replicas(2)
              .steps(10, 100)
              .stable("A")
              .candidate("B", 0)
              .rollingBackCandidate(Cause.UNHEALTHY)
              .backingOff("stable-A", 1)
              .backingOff("canary-B", 0)
              .backingOff("canary-B", 1);
      plans(
          given,
          """
          under-way: rollback A from B: stable-A/1 has exited, the proxy routes otherwise: stable-A 90 %, canary-B 10 %
            route stable-A 100 %
          """);
    }

    @Test
    void stableIsHealedBeforeARollbackRoutesThere() {
      plans(
          at(0).rollingBackCandidate(Cause.SPEC).backingOff("stable-A", 0),
          """
          under-way: rollback A from B: waiting for stable-A/0 to be started again (backing off), traffic to be switched, once some of it is healthy
            wait
          """);
    }

    @Test
    void aRollbackIsTriedForAsLongAsItTakesAndNeverBlamesTheStableRelease() {
      plans(
          at(0).rollingBackCandidate(Cause.UNHEALTHY).backingOff("stable-A", 0).after(700),
          """
          under-way: rollback A from B: waiting for stable-A/0 to be started again (backing off), traffic to be switched, once some of it is healthy
            wait
          """);
    }

    @Test
    void aRollbackThatCanNotBeDoneCanBeTornDown() {
      Given stuck =
          at(0)
              .rollingBackCandidate(Cause.UNHEALTHY)
              .backingOff("stable-A", 0)
              .asked(Request.Kind.TEARDOWN);
      plans(
          stuck,
          """
          under-way-overtaken: rollback A from B is given up: a teardown was asked for
            record failed: Overtaken
          """);
      plans(
          at(0)
              .rollingBackCandidate(Cause.UNHEALTHY)
              .asked(Request.Kind.TEARDOWN)
              .failed("Overtaken"),
          """
          teardown: a person asked for a teardown
            teardown as granted by d-1
          """);
    }

    @Test
    void aCanaryIsNotHeldUpByWhatAilsTheStableRelease() {
      plans(
          given()
              .stable("A")
              .steps(10, 100)
              .spec("B")
              .startingCanary("B")
              .backingOff("stable-A", 0)
              .healthy("canary-B", 0),
          """
          under-way: canary B to 10 %: stable-A/0 has exited, the proxy routes otherwise: stable-A 100 %
            route stable-A 90 %, canary-B 10 %
          """);
    }

    @Test
    void itsOwnCrashedInstancesAreStartedAgain() {
      plans(
          at(0).exited("canary-B", 0),
          """
          repair: restoring what was admitted: canary-B/0 has exited
            start canary-B (1 replica)
          """);
    }
  }

  @Nested
  @DisplayName("A / A′ / …")
  class SameRelease {
    private Given canaryOfItself() {
      return given().stable("A").mode(Mode.CANARY).steps(10, 100).candidate("A", 1);
    }

    @Test
    void isHeldAtTheLastStep() {
      plans(
          canaryOfItself().after(5),
          """
          hold: release A is held at 100 %: mode is canary
            review promote A
          """);
    }

    @Test
    void modeBackToStableIsAPromote() {
      plans(
          canaryOfItself().mode(Mode.STABLE),
          """
          promote-back: the spec's mode is stable again
            propose promote A
          """);
      plans(
          canaryOfItself().mode(Mode.STABLE).promoting(),
          """
          under-way: promote A: the proxy routes otherwise: stable-A 0 %, canary-A 100 %
            route stable-A 100 %
          """);
      plans(
          canaryOfItself().mode(Mode.STABLE).promoting().applied(),
          """
          converged: vA (A) serves
            rest
          """);
    }

    @Test
    void anotherReleaseRollsItBackFirst() {
      plans(
          canaryOfItself().spec("B"),
          """
          candidate-unwanted: the spec asks for release B
            rollback A from A as granted by d-2
          """);
    }
  }

  @Nested
  class Requests {
    @Test
    void rollbackOfACandidate() {
      Given given =
          given().steps(10, 100).stable("A").candidate("B", 0).asked(Request.Kind.ROLLBACK);
      plans(
          given,
          """
          rollback-candidate: release B rolled back by kim
            rollback A from B as granted by d-2
          """);
      assertThat(((Step.UseGrant) given.plan().step()).transition().refuses()).isPresent();
    }

    @Test
    void rollbackOfTheStableRelease() {
      plans(
          given().stable("A").stable("B").asked(Request.Kind.ROLLBACK),
          """
          rollback-stable: release B rolled back by kim, back to vA (A)
            propose rollback A from B
          """);
    }

    @Test
    void rollingBackProvesTheEarlierRelease() {
      Given back = given().stable("A").stable("B").rollingBackStable();
      plans(
          back,
          """
          under-way: rollback A from B: stable-A/0 is missing, the proxy routes otherwise: stable-B 100 %
            start stable-A (1 replica)
          """);
      plans(
          given().stable("A").stable("B").rollingBackStable().starting("stable-A", 0).after(60),
          """
          under-way-unhealthy: rollback A from B is given up: not healthy within 60 s: stable-A/0 does not answer
            record failed: Unhealthy
          """);
      plans(
          given().stable("A").stable("B").rollingBackStable().failed("Unhealthy"),
          """
          retreat-due: rollback A from B failed: it is said
            rollback B from A as granted by d-3
          """);
    }

    @Test
    void afterARollbackTheSpecsReleaseIsRefused() {
      plans(
          given().stable("A").stable("B").rollingBackStable().applied(),
          """
          refused: release B is refused: rolled back by kim
            wait
          """);
    }

    @Test
    void aSecondRollbackIsAUsageError() {
      plans(
          given()
              .stable("A")
              .stable("B")
              .stable("C")
              .rollingBackStable()
              .applied()
              .asked(Request.Kind.ROLLBACK),
          """
          request-unusable: there is nothing to roll back to: no earlier release that isn't refused
            dismiss request rollback
          """);
    }

    @Test
    void aRollbackLeadsToNoReleaseThatIsRefused() {
      plans(
          given().stable("A").stable("B").refused("A").asked(Request.Kind.ROLLBACK),
          """
          request-unusable: there is nothing to roll back to: no earlier release that isn't refused
            dismiss request rollback
          """);
      plans(
          given().stable("A").stable("B").stable("C").refused("B").asked(Request.Kind.ROLLBACK),
          """
          rollback-stable: release C rolled back by kim, back to vA (A)
            propose rollback A from C
          """);
    }

    @Test
    void aRefusedReleaseIsTriedAgainWhenAsked() {
      plans(
          given().stable("A").stable("B").rollingBackStable().applied().askedRetry("B"),
          """
          replace: the spec asks for another release: vB (B)
            propose deploy B from A
          """);
      plans(
          given().stable("A").askedRetry("B"),
          """
          request-unusable: release B is not refused
            dismiss request retry
          """);
    }

    @Test
    void whatCanNotBeDoneIsDismissed() {
      plans(
          given().stable("A").asked(Request.Kind.ROLLBACK),
          """
          request-unusable: there is nothing to roll back to: no earlier release that isn't refused
            dismiss request rollback
          """);
      plans(
          given().stable("A").asked(Request.Kind.PROMOTE_NOW),
          """
          request-unusable: there is no candidate to promote
            dismiss request promote_now
          """);
      plans(
          given()
              .steps(10, 100)
              .stable("A")
              .candidate("B", 0)
              .asked(Request.Kind.PROMOTE_NOW)
              .paused(),
          """
          request-unusable: it is paused: no transition is started
            dismiss request promote_now
          """);
    }

    @Test
    void requestsAreAnsweredOneAfterTheOther() {
      Given two = given().stable("A").asked(Request.Kind.PROMOTE_NOW).asked(Request.Kind.ROLLBACK);
      plans(
          two,
          """
          request-unusable: there is nothing to roll back to: no earlier release that isn't refused
            dismiss request rollback
          """);
      plans(
          two.dismissed(),
          """
          request-unusable: there is no candidate to promote
            dismiss request promote_now
          """);
      plans(
          given().stable("A").stable("B").asked(Request.Kind.ROLLBACK).asked(Request.Kind.TEARDOWN),
          """
          teardown: a person asked for a teardown
            teardown as granted by d-2
          """);
    }

    @Test
    void teardownUnderItsGrantOrAsked() {
      plans(
          given().stable("A").asked(Request.Kind.TEARDOWN),
          """
          teardown: a person asked for a teardown
            teardown as granted by d-1
          """);
      plans(
          given().withoutGrants().stable("A").deleted(),
          """
          teardown: the resource is deleted
            propose teardown
          """);
    }

    @Test
    void teardownTakesTheProxyThenTheCandidateThenTheRest() {
      plans(
          given().steps(10, 100).stable("A").candidate("B", 0).tearingDown(),
          """
          under-way: teardown: a proxy is there
            remove the route
          """);
      plans(
          given().steps(10, 100).stable("A").candidate("B", 0).tearingDown().noProxy(),
          """
          under-way: teardown: stable-A is not wanted, canary-B is not wanted
            remove canary-B, remove stable-A
          """);
      plans(
          given().stable("A").tearingDown().nothingThere(),
          """
          under-way: teardown is done
            record applied
          """);
    }

    @Test
    void tornDownItRestsUntilADaemonIsStarted() {
      plans(
          given().stable("A").tearingDown().applied(),
          """
          torn-down: it was torn down
            rest
          """);
      plans(
          given().stable("A").tearingDown().applied().restarted(),
          """
          first-deploy: nothing runs yet: vA (A)
            propose deploy A
          """);
    }

    @Test
    void whatIsDeletedAndGoneIsTornDownAlsoForTheNextDaemon() {
      plans(
          given().stable("A").tearingDown().applied().restarted().deleted(),
          """
          torn-down: it was torn down
            rest
          """);
      plans(
          given().deleted(),
          """
          torn-down: it was torn down
            rest
          """);
    }

    @Test
    void tornDownEveryRequestIsDismissed() {
      plans(
          given().stable("A").tearingDown().applied().asked(Request.Kind.TEARDOWN),
          """
          request-unusable: it was torn down already
            dismiss request teardown
          """);
      plans(
          given().stable("A").tearingDown().applied().asked(Request.Kind.ROLLBACK),
          """
          request-unusable: there is nothing to roll back to: no earlier release that isn't refused
            dismiss request rollback
          """);
    }
  }

  @Nested
  class TheSpecCanNotBeFollowed {
    @Test
    void pausedStartsNothing() {
      plans(
          given().stable("A").spec("B").paused(),
          """
          paused: paused: no transition is started
            wait
          """);
      plans(
          given().steps(10, 100).stable("A").candidate("B", 0).after(20).paused(),
          """
          paused: paused: no transition is started
            wait
          """);
    }

    @Test
    void pausedFinishesRetreatsAndRepairs() {
      plans(
          given().stable("A").spec("B").deploying("B").proven().paused(),
          """
          under-way: deploy B from A: the proxy routes otherwise: stable-A 100 %
            route stable-B 100 %
          """);
      plans(
          given().stable("A").spec("B").deploying("B").failed("Unhealthy").paused(),
          """
          retreat-due: deploy B from A failed: it is said
            rollback A from B as granted by d-2
          """);
      plans(
          given().stable("A").paused().exited("stable-A", 0),
          """
          repair: restoring what was admitted: stable-A/0 has exited
            start stable-A (1 replica)
          """);
    }

    @Test
    void unresolvedIsTold() {
      plans(
          given().stable("A").unresolved(),
          """
          unresolved: app.jar is not there. Fix: build it
            wait
          """);
      plans(
          given().unresolved(),
          """
          unresolved: app.jar is not there. Fix: build it
            wait
          """);
    }

    @Test
    void refusedIsTold() {
      plans(
          given().stable("A").refused("B").spec("B"),
          """
          refused: release B is refused: a test says so
            wait
          """);
      plans(
          given().stable("A").refused("B").spec("C"),
          """
          replace: the spec asks for another release: vC (C)
            propose deploy C from A
          """);
    }
  }

  @Nested
  class Keeping {
    @Test
    void whatIsMissingIsRestored() {
      plans(
          given().stable("A").gone("stable-A"),
          """
          repair: restoring what was admitted: stable-A/0 is missing
            start stable-A (1 replica)
          """);
      plans(
          given().stable("A").noProxy(),
          """
          repair: restoring what was admitted: there is no proxy
            route stable-A 100 %
          """);
      plans(
          given().stable("A").proxyStopped(),
          """
          repair: restoring what was admitted: the proxy does not run: exited with 1
            route stable-A 100 %
          """);
      plans(
          given().stable("A").proxyEdited(),
          """
          repair: restoring what was admitted: the proxy routes otherwise: by a changed configuration
            route stable-A 100 %
          """);
      plans(
          given().stable("A").proxyStale(),
          """
          repair: restoring what was admitted: the proxy's configuration is not up to date
            route stable-A 100 %
          """);
      plans(
          given().stable("A").healthy("stable-C", 0),
          """
          repair: restoring what was admitted: stable-C is not wanted
            remove stable-C
          """);
      plans(
          given().stable("A").healthy("stable-A", 1),
          """
          repair: restoring what was admitted: stable-A has more than 1 replicas
            scale stable-A down to 1
          """);
    }

    @Test
    void stableIsHealedBeforeItIsRoutedTo() {
      plans(
          given().stable("A").nothingThere(),
          """
          repair: restoring what was admitted: stable-A/0 is missing, there is no proxy
            start stable-A (1 replica)
          """);
      plans(
          given().stable("A").nothingThere().starting("stable-A", 0),
          """
          degraded: waiting for stable-A/0 to be healthy, traffic to be switched, once some of it is healthy
            wait
          """);
    }

    @Test
    void servingComesBeforeCompleteness() {
      plans(
          given().replicas(2).stable("A").noProxy().backingOff("stable-A", 1),
          """
          repair: restoring what was admitted: stable-A/1 has exited, there is no proxy
            route stable-A 100 %
          """);
      plans(
          given().replicas(2).stable("A").proxyEdited().backingOff("stable-A", 1),
          """
          repair: restoring what was admitted: stable-A/1 has exited, the proxy routes otherwise: by a changed configuration
            route stable-A 100 %
          """);
    }

    @Test
    void aSilentInstanceIsRestartedAfterItsDeadline() {
      plans(
          given().stable("A").unhealthy("stable-A", 0, 60),
          """
          degraded: waiting for stable-A/0 to be healthy
            wait
          """);
      plans(
          given().stable("A").unhealthy("stable-A", 0, 61),
          """
          repair: restoring what was admitted: stable-A/0 runs and does not answer
            restart stable-A/0
          """);
    }

    @Test
    void whatCanNotBeStartedIsWaitedFor() {
      plans(
          given().stable("A").backingOff("stable-A", 0),
          """
          degraded: waiting for stable-A/0 to be started again (backing off)
            wait
          """);
      plans(
          given().stable("A").completed("stable-A", 0),
          """
          degraded: waiting for stable-A/0, which has ended
            wait
          """);
    }

    @Test
    void whatIsDegradedCanBeReplaced() {
      plans(
          given().stable("A").completed("stable-A", 0).spec("B"),
          """
          replace: the spec asks for another release: vB (B)
            propose deploy B from A
          """);
    }

    @Test
    void aRepairThatFailsDoesNotKeepEverythingElseBack() {
      plans(
          given().stable("A").gone("stable-A").trouble("the files are gone").spec("B"),
          """
          replace: the spec asks for another release: vB (B)
            propose deploy B from A
          """);
      plans(
          given()
              .stable("A")
              .gone("stable-A")
              .trouble("the files are gone")
              .asked(Request.Kind.TEARDOWN),
          """
          teardown: a person asked for a teardown
            teardown as granted by d-1
          """);
      plans(
          given().stable("A").gone("stable-A").trouble("the files are gone"),
          """
          repair-again: restoring what was admitted: stable-A/0 is missing
            start stable-A (1 replica)
          """);
    }

    @Test
    void whatWasStoppedIsBroughtUp() {
      plans(
          given().stable("A").stopped().restarted().nothingThere(),
          """
          repair: bringing up what was admitted: stable-A/0 is missing, there is no proxy
            start stable-A (1 replica)
          """);
    }

    @Test
    void whileARetreatIsDueOnlyWhatServesIsRestored() {
      plans(
          given()
              .stable("A")
              .spec("B")
              .withoutGrants()
              .deploying("B")
              .failed("Unhealthy")
              .starting("stable-B", 0)
              .exited("stable-A", 0),
          """
          repair: restoring what was admitted: stable-A/0 has exited
            start stable-A (1 replica)
          """);
    }
  }

  @Nested
  class StateLost {
    private Given lost() {
      return given().nothingThere().healthy("stable-A", 0);
    }

    private static final String STALLED =
        """
        state-lost: workloads are there and no record of them: the audit chain was lost. Put it back, or remove them with teardown
          wait
        """;

    @Test
    void withoutRecordsItStandsStill() {
      plans(lost(), STALLED);
    }

    @Test
    void onlyATeardownIsTaken() {
      plans(
          lost().asked(Request.Kind.TEARDOWN),
          """
          teardown: a person asked for a teardown
            propose teardown
          """);
      plans(
          lost().asked(Request.Kind.ROLLBACK),
          """
          state-lost: the audit chain was lost: only a teardown can be asked for
            dismiss request rollback
          """);
      plans(
          lost().asked(Request.Kind.TEARDOWN).tearingDown(),
          """
          under-way: teardown: stable-A is not wanted
            remove stable-A
          """);
    }

    @Test
    void aRequestOnRecordDoesNotMakeItOurs() {
      plans(lost().asked(Request.Kind.RETRY).dismissed().restarted(), STALLED);
    }
  }
}
