package dev.swiftdeploy.cli;

import static dev.swiftdeploy.cli.Delivery.Patience.NO_DENIAL;
import static dev.swiftdeploy.cli.Delivery.Patience.THROUGH_HOLDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.local.daemon.StatusFile;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When those who wait are told that it is there, or what stopped it. */
class DeliveryTest {
  private static final String CANDIDATE =
      """
      ,"candidate":{"release":"bbbbbbbbbbbb","version":"1.1.0","replicas":1,"ready":1,"weight":10,\
      "step":1,"steps":3}""";

  private static Status status(String ready, String reason, String message, String more) {
    boolean is = ready.equals("Ready");
    boolean stalled = ready.equals("Stalled");
    String json =
        """
        {"resource":"demo","platform":"process","generation":1,"observed_generation":1,
         "spec_digest":"","mode":"stable","version":"1.1.0","workloads":[],
         "conditions":[
           {"type":"Ready","status":"%s","reason":"%s","message":"%s"},
           {"type":"Stalled","status":"%s","reason":"%s","message":"%s"}],
         "stable":{"release":"aaaaaaaaaaaa","version":"1.0.0","replicas":1,"ready":1,"weight":90},
         "next":{"rule":"hold","why":"held","step":"propose"},
         "policy":{"engine":"embedded","verified":true},"chain":{"seq":1,"head":""}%s}
        """
            .formatted(
                is ? "TRUE" : "FALSE",
                reason,
                message,
                stalled ? "TRUE" : "FALSE",
                reason,
                message,
                more.contains("refused") ? more : more + ",\"refused\":[]");
    try {
      return Json.MAPPER.readValue(json, Status.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }

  private static String denied(String kind, boolean enact, boolean failedReview) {
    return CANDIDATE
        + ",\"last_decision\":{\"id\":\"d-1\",\"kind\":\"%s\",\"transition\":\"\",\"enact\":%s,"
            .formatted(kind, enact)
        + "\"verdict\":\"denied\",\"message\":\"BLOCKED\",\"violations\":[],\"failed_review\":%s}"
            .formatted(failedReview);
  }

  private static Status advance(boolean enact, boolean failedReview) {
    return status("", "AdvanceBlocked", "BLOCKED", denied("advance", enact, failedReview));
  }

  @Test
  void whatIsReadyIsThere() {
    assertThat(Delivery.judge(status("Ready", "Converged", "", ""), THROUGH_HOLDS, false))
        .contains(Exit.DONE);
  }

  @Test
  void aPlatformThatFailsIsWaitedForAWhile() {
    Status taken = status("", "PlatformFailed", "port 8080 is taken", "");
    assertThat(Delivery.judge(taken, THROUGH_HOLDS, false)).isEmpty();
    assertThat(Delivery.judge(taken, THROUGH_HOLDS, true)).contains(Exit.FAILED);
  }

  @Test
  void aStepOnItsWayIsWaitedFor() {
    Status hold = status("", "Hold", "held at 10 %", CANDIDATE);
    assertThat(Delivery.judge(hold, THROUGH_HOLDS, false)).isEmpty();
    assertThat(Delivery.judge(hold, NO_DENIAL, false)).isEmpty();
  }

  @Test
  void aDeniedDeployIsBlockedAtOnce() {
    assertThat(Delivery.judge(status("", "CanaryBlocked", "BLOCKED", ""), THROUGH_HOLDS, false))
        .contains(Exit.BLOCKED);
  }

  @Test
  void tooLittleEvidenceIsWaitedForUntilItLasts() {
    Status few = advance(true, false);
    assertThat(Delivery.judge(few, THROUGH_HOLDS, false)).isEmpty();
    assertThat(Delivery.judge(few, NO_DENIAL, false)).isEmpty();
    assertThat(Delivery.judge(few, THROUGH_HOLDS, true)).contains(Exit.BLOCKED);
  }

  @Test
  void whatSpeaksAgainstTheCandidateBlocksWhenItsStepIsOver() {
    assertThat(Delivery.judge(advance(false, true), THROUGH_HOLDS, false)).isEmpty();
    assertThat(Delivery.judge(advance(true, true), THROUGH_HOLDS, false)).contains(Exit.BLOCKED);
  }

  @Test
  void whoWantsItPromotedIsToldAtOnceWhatSpeaksAgainstIt() {
    assertThat(Delivery.judge(advance(false, true), NO_DENIAL, false)).contains(Exit.BLOCKED);
  }

  @Test
  void aDeniedRollbackIsNoStepOfTheCandidate() {
    Status rollback = status("", "RollbackBlocked", "BLOCKED", denied("rollback", true, false));
    assertThat(Delivery.judge(rollback, THROUGH_HOLDS, false)).contains(Exit.BLOCKED);
  }

  @Test
  void policyThatCanNotBeAskedHasItsOwnCode() {
    Status down = status("Stalled", "PolicyUnavailable", "", CANDIDATE);
    assertThat(Delivery.judge(down, NO_DENIAL, false)).contains(Exit.UNAVAILABLE);
    assertThat(Exit.UNAVAILABLE).isEqualTo(4);
  }

  @Test
  void aRequestThatWaitsForWhatPolicyDoesNotAnswerEndsWithThatCode() {
    CommandFailure down = late(status("Stalled", "PolicyUnavailable", "it is down", CANDIDATE));
    assertThat(down.exitCode()).isEqualTo(Exit.UNAVAILABLE);
    assertThat(down).hasMessage("not done after 300 s; the daemon goes on. it is down");
    CommandFailure slow = late(advance(true, true));
    assertThat(slow.exitCode()).isEqualTo(Exit.FAILED);
    assertThat(slow).hasMessage("not done after 300 s; the daemon goes on");
  }

  private static CommandFailure late(Status status) {
    return Requests.late(
        Optional.of(new StatusFile.Document(1, List.of(), List.of(status))),
        ResourceName.of("demo"),
        "daemon",
        "swiftdeploy status",
        Duration.ofSeconds(300));
  }

  @Test
  void aRefusedReleaseIsAFailureOnlyIfItIsTheOneThatWasUnhealthy() {
    String why = "release bbbbbbbbbbbb is refused: slow";
    String other = refused("cccccccccccc", "Unhealthy");
    String own = refused("bbbbbbbbbbbb", "Unhealthy");
    assertThat(Delivery.judge(status("Stalled", "Refused", why, other), THROUGH_HOLDS, false))
        .contains(Exit.BLOCKED);
    assertThat(Delivery.judge(status("Stalled", "Refused", why, own), THROUGH_HOLDS, false))
        .contains(Exit.FAILED);
    assertThat(Delivery.judge(status("Stalled", "Refused", why, own), NO_DENIAL, false))
        .contains(Exit.BLOCKED);
  }

  private static String refused(String release, String reason) {
    return ",\"refused\":[{\"release\":\"%s\",\"reason\":\"%s\",\"message\":\"slow\"}]"
        .formatted(release, reason);
  }

  @Test
  void aStableReleaseWhoseCanaryWasRolledBackIsNotPutInCanaryModeAgain() {
    Status settled = status("Ready", "Converged", "", refused("aaaaaaaaaaaa", "RolledBack"));
    assertThat(PromoteCommand.refusal(settled, Mode.CANARY))
        .contains("release aaaaaaaaaaaa is refused: slow");
    assertThat(PromoteCommand.refusal(settled, Mode.STABLE)).isEqualTo(Optional.empty());
  }

  private static List<String> next(Status status) {
    Spec.Health health =
        new Spec.Health(new HttpPath("/up"), Duration.ofSeconds(1), Duration.ofSeconds(9));
    return Delivery.next(
        status, health, "daemon", words -> "swiftdeploy " + words, "swiftdeploy deploy --retry");
  }

  private static Status refusedFor(String reason) {
    String why = "release bbbbbbbbbbbb is refused: slow";
    return status("Stalled", "Refused", why, refused("bbbbbbbbbbbb", reason));
  }

  @Test
  void whoIsStoppedReadsWhatComesNext() {
    assertThat(next(advance(true, true)))
        .containsExactly("The daemon asks again, and goes on by itself once policy allows it.");
    assertThat(next(refusedFor("Unhealthy")))
        .containsExactly(
            "Healthy is what answers GET /up with 2xx within 9 s: services.health, path and"
                + " deadline",
            "To try it again: swiftdeploy deploy --retry");
    assertThat(next(refusedFor("RolledBack")))
        .containsExactly("To try it again: swiftdeploy deploy --retry");
    assertThat(next(status("Stalled", "AuditDamaged", "damaged", "")))
        .containsExactly(
            "What runs goes on. To take note of it, so that transitions go on, too: swiftdeploy"
                + " audit acknowledge --reason TEXT");
    assertThat(next(status("Stalled", "Paused", "paused", ""))).isEmpty();
  }
}
