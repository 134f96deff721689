package dev.swiftdeploy.core.audit;

import static dev.swiftdeploy.core.spec.SpecOf.id;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Grant;
import dev.swiftdeploy.core.admission.GrantCause;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.plan.Cause;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.StableRelease;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.SpecOf;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StateFoldTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Actor KIM = new Actor("kim", "command", true);

  private final StateFold fold = new StateFold();
  private Chain.Head head = Chain.Head.START;
  private Instant now = START;
  private int decisions;

  // ---- records ----

  private AuditRecord take(Entry entry) {
    AuditRecord record = Chain.seal(head, now, Optional.of(SpecOf.DEMO), entry);
    head = new Chain.Head(record.seq(), record.hash());
    fold.accept(record);
    now = now.plusSeconds(1);
    return record;
  }

  private String decide(Transition transition, boolean enact, Verdict verdict, Grant... grants) {
    Decision decision =
        new Decision(
            verdict == Verdict.ALLOWED,
            List.of(),
            false,
            verdict == Verdict.DENIED,
            List.of(grants));
    Optional<JsonNode> result =
        verdict == Verdict.UNAVAILABLE ? Optional.empty() : Optional.of(decision.json());
    return decide(transition, enact, verdict, result, Optional.empty());
  }

  private String decide(
      Transition transition,
      boolean enact,
      Verdict verdict,
      Optional<JsonNode> result,
      Optional<String> grantedBy) {
    String id = "d-" + ++decisions;
    take(
        new Entry.Decided(
            id,
            transition,
            enact,
            verdict,
            decisions,
            "spec-" + decisions,
            KIM,
            new PolicyRef("fake", Optional.empty(), true),
            Optional.empty(),
            result,
            verdict == Verdict.UNAVAILABLE
                ? Optional.of(new Unavailability(Unavailability.Kind.TIMEOUT, "late", "wait"))
                : Optional.empty(),
            grantedBy,
            verdict == Verdict.DENIED ? state().failedReviews() + 1 : state().failedReviews(),
            0));
    return id;
  }

  private String allow(Transition transition, Grant... grants) {
    return decide(transition, true, Verdict.ALLOWED, grants);
  }

  private void applied(String decision) {
    take(new Entry.Applied(decision));
  }

  private void failed(String decision, String reason, Optional<Refusal> refuses) {
    take(new Entry.Failed(Optional.of(decision), Optional.empty(), reason, "so", refuses));
  }

  private State state() {
    return fold.state();
  }

  // ---- transitions ----

  private static StableRelease stable(String letter) {
    return new StableRelease(id(letter), Version.of("v" + letter), 1, Mode.STABLE, DEADLINE);
  }

  private static Admitted only(String letter) {
    return new Admitted(
        Optional.of(stable(letter)),
        Optional.empty(),
        Optional.of(ProxySettings.of("demo", SpecOf.release("A").spec())));
  }

  private static Admitted both(String stable, String candidate, int step, int replicas) {
    Candidate c =
        new Candidate(
            id(candidate), Version.of("v" + candidate), replicas, step, 10 * (step + 1), DEADLINE);
    return new Admitted(Optional.of(stable(stable)), Optional.of(c), only(stable).proxy());
  }

  private Transition to(TransitionKind kind, Admitted after) {
    return to(kind, after, Optional.empty(), Optional.empty());
  }

  private Transition to(
      TransitionKind kind, Admitted after, Optional<Refusal> refuses, Optional<String> request) {
    Optional<ReleaseId> to =
        after.candidate().map(Candidate::id).or(() -> after.stable().map(StableRelease::id));
    return new Transition(
        kind,
        Cause.SPEC,
        state().admitted().stable().map(StableRelease::id),
        to,
        Optional.empty(),
        Optional.empty(),
        false,
        DEADLINE,
        refuses,
        request,
        after);
  }

  private void deployed(String letter) {
    applied(allow(to(TransitionKind.DEPLOY, only(letter))));
  }

  private static Grant rollback(String subject, String to) {
    return new Grant(
        TransitionKind.ROLLBACK,
        id(subject),
        Optional.of(id(to)),
        EnumSet.allOf(GrantCause.class),
        Optional.empty());
  }

  private static Grant teardown(String subject) {
    return new Grant(
        TransitionKind.TEARDOWN,
        id(subject),
        Optional.empty(),
        EnumSet.of(GrantCause.PERSON),
        Optional.empty());
  }

  private static Refusal refusal(String letter) {
    return new Refusal(id(letter), "Tested", "so");
  }

  private List<String> held() {
    return state().grants().stream()
        .map(
            h ->
                SpecOf.lettered(
                    h.grant().kind().word() + " " + h.grant().subject() + " by " + h.decisionId()))
        .toList();
  }

  // ---- what is under way ----

  @Test
  void nothingIsKnownBeforeTheFirstRecord() {
    assertThat(state().empty()).isTrue();
    assertThat(state().admitted()).isEqualTo(Admitted.NOTHING);
    take(new Entry.Opened(Entry.Opened.FORMAT, "u-1", "process"));
    assertThat(state().empty()).isFalse();
    assertThat(state().uid()).contains("u-1");
    assertThat(state().platform()).contains("process");
  }

  @Test
  void onlyAnAllowToBeEnactedIsUnderWay() {
    Transition deploy = to(TransitionKind.DEPLOY, only("A"));
    decide(deploy, true, Verdict.DENIED);
    assertThat(state().underWay()).isEmpty();
    decide(deploy, true, Verdict.UNAVAILABLE);
    assertThat(state().underWay()).isEmpty();
    decide(deploy, false, Verdict.ALLOWED);
    assertThat(state().underWay()).isEmpty();

    Instant at = now;
    String admitting = allow(deploy);

    State.UnderWay under = state().underWay().orElseThrow();
    assertThat(under.decisionId()).isEqualTo(admitting);
    assertThat(under.transition()).isEqualTo(deploy);
    assertThat(under.since()).isEqualTo(at);
    assertThat(under.specDigest()).isEqualTo("spec-4");
    assertThat(under.permission()).isEqualTo(new Permission(admitting, state().seq()));
    assertThat(state().admitted()).as("until it is applied").isEqualTo(Admitted.NOTHING);
    assertThat(state().standing()).isEmpty();
    assertThat(state().generation()).isEqualTo(4);
    assertThat(state().specDigest()).isEqualTo("spec-4");
  }

  @Test
  void whatIsAppliedIsAdmittedAndStandsOnItsDecision() {
    String admitting = allow(to(TransitionKind.DEPLOY, only("A")));
    Permission permission = state().underWay().orElseThrow().permission();
    applied(admitting);

    assertThat(state().underWay()).isEmpty();
    assertThat(state().admitted()).isEqualTo(only("A"));
    assertThat(state().standing()).contains(permission);
    assertThat(state().recent())
        .singleElement()
        .satisfies(
            o -> {
              assertThat(o.outcome()).isEqualTo("applied");
              assertThat(o.decisionId()).isEqualTo(admitting);
              assertThat(o.to()).contains(id("A"));
            });
  }

  @Test
  void anOutcomeOfAnotherDecisionIsNone() {
    allow(to(TransitionKind.DEPLOY, only("A")));
    applied("d-77");
    failed("d-77", "Unhealthy", Optional.empty());
    assertThat(state().underWay()).isPresent();
    assertThat(state().retreatDue()).isEmpty();
  }

  @Test
  void fromWhatFailedARetreatIsDueUntilOneIsAdmitted() {
    deployed("A");
    String failing = allow(to(TransitionKind.DEPLOY, only("B")));
    failed(failing, "Unhealthy", Optional.of(refusal("B")));

    assertThat(state().underWay()).isEmpty();
    assertThat(state().admitted()).isEqualTo(only("A"));
    assertThat(state().retreatDue())
        .contains(
            new State.FailedTransition(
                failing, to(TransitionKind.DEPLOY, only("B")), "Unhealthy", "so"));
    assertThat(state().refused()).containsOnlyKeys(id("B"));

    Transition retreat = to(TransitionKind.ROLLBACK, only("A"));
    decide(retreat, true, Verdict.DENIED);
    assertThat(state().retreatDue()).isPresent();
    String admitting = allow(retreat);
    assertThat(state().retreatDue()).isEmpty();
    applied(admitting);
    assertThat(state().recent())
        .map(State.Outcome::outcome)
        .containsExactly("applied", "failed", "applied");
  }

  @Test
  void fromAWayBackThereIsNothingToRetreatFrom() {
    deployed("A");
    applied(allow(to(TransitionKind.CANARY, both("A", "B", 0, 1))));
    failed(allow(to(TransitionKind.ROLLBACK, only("A"))), "Overtaken", Optional.empty());
    assertThat(state().retreatDue()).isEmpty();

    applied(allow(to(TransitionKind.ROLLBACK, only("A"))));
    failed(allow(to(TransitionKind.ROLLBACK, only("C"))), "Unhealthy", Optional.empty());
    assertThat(state().retreatDue()).as("C was not there before").isPresent();
  }

  @Test
  void theLastTenOutcomesAreKept() {
    for (int i = 0; i < 12; i++) {
      deployed(i % 2 == 0 ? "A" : "B");
    }
    assertThat(state().recent()).hasSize(10);
    assertThat(state().recent().get(0).decisionId()).isEqualTo("d-12");
  }

  // ---- grants ----

  @Test
  void aGrantIsHeldWithItsDecisionWhileItsReleaseIsNotSettled() {
    deployed("A");
    String admitting =
        allow(to(TransitionKind.DEPLOY, only("B")), rollback("B", "A"), teardown("B"));
    assertThat(held()).containsExactly("rollback B by d-2", "teardown B by d-2");
    assertThat(state().grants().get(0).permission())
        .isEqualTo(state().underWay().orElseThrow().permission());

    applied(admitting);
    assertThat(held()).as("settled; a teardown's stays").containsExactly("teardown B by d-2");
    deployed("C");
    assertThat(held()).as("B is not stable any more").isEmpty();
  }

  @Test
  void whatIsOnlyReviewedGrantsNothing() {
    decide(to(TransitionKind.DEPLOY, only("A")), false, Verdict.ALLOWED, rollback("A", "B"));
    assertThat(held()).isEmpty();
  }

  @Test
  void aCandidatesGrantIsHeldThroughItsSteps() {
    deployed("A");
    applied(allow(to(TransitionKind.CANARY, both("A", "B", 0, 1)), rollback("B", "A")));
    applied(allow(to(TransitionKind.ADVANCE, both("A", "B", 1, 1))));
    assertThat(held()).containsExactly("rollback B by d-2");
    applied(allow(to(TransitionKind.PROMOTE, only("B"))));
    assertThat(held()).isEmpty();
  }

  @Test
  void aGrantIsUsedOnce() {
    deployed("A");
    String failing = allow(to(TransitionKind.DEPLOY, only("B")), rollback("B", "A"), teardown("B"));
    failed(failing, "Unhealthy", Optional.empty());
    assertThat(held()).containsExactly("rollback B by d-2", "teardown B by d-2");
    decide(
        to(TransitionKind.ROLLBACK, only("A")),
        true,
        Verdict.ALLOWED,
        Optional.empty(),
        Optional.of(failing));
    assertThat(held()).as("no other one is").containsExactly("teardown B by d-2");
  }

  @Test
  void aGrantIsForItsReleaseItsWayAndItsCause() {
    deployed("A");
    allow(
        to(TransitionKind.DEPLOY, only("B")),
        new Grant(
            TransitionKind.ROLLBACK,
            id("B"),
            Optional.of(id("A")),
            EnumSet.of(GrantCause.UNHEALTHY),
            Optional.empty()));
    TransitionKind rollback = TransitionKind.ROLLBACK;
    Optional<ReleaseId> a = Optional.of(id("A"));
    Optional<ReleaseId> b = Optional.of(id("B"));
    assertThat(state().grantFor(rollback, b, a, Cause.UNHEALTHY)).isPresent();
    assertThat(state().grantFor(rollback, b, a, Cause.POLICY)).as("it orders it").isPresent();
    assertThat(state().grantFor(rollback, b, a, Cause.PERSON)).isEmpty();
    assertThat(state().grantFor(rollback, b, a, Cause.SPEC)).isEmpty();
    assertThat(state().grantFor(rollback, b, a, Cause.UNAVAILABLE_FOR)).isEmpty();
    assertThat(state().grantFor(rollback, a, a, Cause.UNHEALTHY)).isEmpty();
    assertThat(state().grantFor(rollback, b, b, Cause.UNHEALTHY)).isEmpty();
    assertThat(state().grantFor(rollback, b, Optional.empty(), Cause.UNHEALTHY)).isEmpty();
    assertThat(state().grantFor(rollback, Optional.empty(), a, Cause.UNHEALTHY)).isEmpty();
    assertThat(state().grantFor(TransitionKind.TEARDOWN, b, a, Cause.UNHEALTHY)).isEmpty();
  }

  // ---- what is remembered ----

  @Test
  void earlierStableReleasesAreRememberedNewestFirst() {
    deployed("A");
    deployed("B");
    deployed("C");
    assertThat(state().earlier()).map(StableRelease::id).containsExactly(id("B"), id("A"));
    deployed("A");
    assertThat(state().earlier()).map(StableRelease::id).containsExactly(id("C"), id("B"));
  }

  @Test
  void afterARollbackThereIsNoneUntilAnotherReleaseIsStable() {
    deployed("A");
    deployed("B");
    deployed("C");
    applied(
        allow(to(TransitionKind.ROLLBACK, only("B"), Optional.of(refusal("C")), Optional.empty())));
    assertThat(state().earlier()).isEmpty();
    assertThat(state().refused()).containsOnlyKeys(id("C"));
    deployed("D");
    assertThat(state().earlier()).map(StableRelease::id).containsExactly(id("B"));
  }

  @Test
  void takingACandidateBackForgetsNoEarlierRelease() {
    deployed("A");
    deployed("B");
    applied(allow(to(TransitionKind.CANARY, both("B", "C", 0, 1))));
    applied(allow(to(TransitionKind.ROLLBACK, only("B"))));
    assertThat(state().earlier()).map(StableRelease::id).containsExactly(id("A"));
  }

  @Test
  void aRefusalLastsUntilARetryNamesIt() {
    deployed("A");
    failed(allow(to(TransitionKind.DEPLOY, only("B"))), "Unhealthy", Optional.of(refusal("B")));
    take(new Entry.Requested(request("r-1", Request.Kind.RETRY, "C")));
    assertThat(state().refused()).containsOnlyKeys(id("B"));
    assertThat(state().request()).as("not answered").isPresent();
    take(new Entry.Requested(request("r-2", Request.Kind.RETRY, "B")));
    assertThat(state().refused()).isEmpty();
    assertThat(state().request()).map(Request::id).as("answered").contains("r-1");
  }

  @Test
  void settingsThatFailedAreUnfitUntilOthersAreApplied() {
    deployed("A");
    failed(allow(to(TransitionKind.CONFIGURE, only("A"))), "Overtaken", Optional.empty());
    assertThat(state().unfit()).isEmpty();
    failed(allow(to(TransitionKind.CONFIGURE, only("A"))), "Unhealthy", Optional.empty());
    assertThat(state().unfit()).contains(new State.Unfit("spec-3", "so"));
    applied(allow(to(TransitionKind.CONFIGURE, only("A"))));
    assertThat(state().unfit()).isEmpty();
    failed(allow(to(TransitionKind.CONFIGURE, only("A"))), "Unhealthy", Optional.empty());
    take(new Entry.Requested(new Request("r-1", Request.Kind.RETRY, "kim", "", Optional.empty())));
    assertThat(state().unfit()).as("a person may try again").isEmpty();
    assertThat(state().request()).isEmpty();
  }

  @Test
  void aStepsTimeAndReviewsBeginWithTheStep() {
    deployed("A");
    applied(allow(to(TransitionKind.CANARY, both("A", "B", 0, 1))));
    Instant began = now.minusSeconds(1);
    assertThat(state().candidateSince()).contains(began);
    decide(to(TransitionKind.ADVANCE, both("A", "B", 1, 1)), false, Verdict.DENIED);
    decide(to(TransitionKind.ADVANCE, both("A", "B", 1, 1)), false, Verdict.DENIED);
    assertThat(state().failedReviews()).isEqualTo(2);

    applied(allow(to(TransitionKind.CONFIGURE, both("A", "B", 0, 3))));
    assertThat(state().candidateSince()).as("settings change no step").contains(began);
    assertThat(state().failedReviews()).isEqualTo(2);

    applied(allow(to(TransitionKind.ADVANCE, both("A", "B", 1, 3))));
    assertThat(state().candidateSince()).contains(now.minusSeconds(1));
    assertThat(state().failedReviews()).isZero();
    applied(allow(to(TransitionKind.PROMOTE, only("B"))));
    assertThat(state().candidateSince()).isEmpty();
  }

  // ---- policy, requests, daemons ----

  @Test
  void policyIsUnavailableSinceTheFirstOfItsSilences() {
    Transition deploy = to(TransitionKind.DEPLOY, only("A"));
    Instant first = now;
    decide(deploy, true, Verdict.UNAVAILABLE);
    decide(deploy, true, Verdict.UNAVAILABLE);
    assertThat(state().unavailableSince()).contains(first);
    decide(deploy, true, Verdict.ALLOWED, Optional.empty(), Optional.of("d-0"));
    assertThat(state().unavailableSince()).as("a grant is no answer").contains(first);
    decide(deploy, true, Verdict.DENIED);
    assertThat(state().unavailableSince()).isEmpty();
  }

  @Test
  void aRequestIsUsedUpByWhatAnswersIt() {
    deployed("A");
    take(new Entry.Requested(request("r-1", Request.Kind.ROLLBACK, "A")));
    decide(
        to(TransitionKind.ROLLBACK, only("B"), Optional.empty(), Optional.of("r-0")),
        true,
        Verdict.DENIED);
    assertThat(state().request()).isPresent();
    decide(
        to(TransitionKind.ROLLBACK, only("B"), Optional.empty(), Optional.of("r-1")),
        true,
        Verdict.DENIED);
    assertThat(state().request()).isEmpty();

    take(new Entry.Requested(request("r-2", Request.Kind.ROLLBACK, "A")));
    take(
        new Entry.Failed(
            Optional.empty(), Optional.of("r-2"), "RequestUnusable", "so", Optional.empty()));
    assertThat(state().request()).isEmpty();
    assertThat(state().retreatDue()).isEmpty();
  }

  @Test
  void theMostUrgentRequestComesFirst() {
    List<String> order = new ArrayList<>();
    take(new Entry.Requested(request("r-1", Request.Kind.PROMOTE_NOW, "A")));
    take(new Entry.Requested(request("r-2", Request.Kind.ROLLBACK, "A")));
    take(new Entry.Requested(request("r-3", Request.Kind.ROLLBACK, "A")));
    take(new Entry.Requested(request("r-4", Request.Kind.TEARDOWN, "A")));
    while (state().request().isPresent()) {
      String id = state().request().get().id();
      order.add(id);
      take(
          new Entry.Failed(
              Optional.empty(), Optional.of(id), "RequestUnusable", "so", Optional.empty()));
    }
    assertThat(order).containsExactly("r-4", "r-2", "r-3", "r-1");
  }

  @Test
  void tornDownUntilADaemonStarts() {
    deployed("A");
    deployed("B");
    failed(allow(to(TransitionKind.DEPLOY, only("C"))), "Unhealthy", Optional.of(refusal("C")));
    applied(allow(to(TransitionKind.TEARDOWN, Admitted.NOTHING)));
    assertThat(state().tornDown()).isTrue();
    assertThat(state().admitted()).isEqualTo(Admitted.NOTHING);
    assertThat(state().earlier()).isEmpty();
    assertThat(state().refused()).isEmpty();
    assertThat(held()).isEmpty();
    assertThat(state().uid()).as("the chain goes on").isEqualTo(state().uid());
    take(new Entry.Started(1, "0.1", KIM));
    assertThat(state().tornDown()).isFalse();
    assertThat(state().startedAt()).contains(now.minusSeconds(1));
  }

  @Test
  void stoppedUntilItIsBroughtUp() {
    deployed("A");
    take(new Entry.Stopped("kim"));
    assertThat(state().stopped()).isTrue();
    assertThat(state().admitted()).isEqualTo(only("A"));
    take(new Entry.Started(1, "0.1", KIM));
    assertThat(state().stopped()).isTrue();
    take(new Entry.Repaired(List.of(), List.of(), "d-1"));
    assertThat(state().stopped()).isFalse();
    take(new Entry.Stopped("kim"));
    deployed("B");
    assertThat(state().stopped()).isFalse();
  }

  @Test
  void thePolicyThatDecidesIsKnown() {
    take(new Entry.PolicyChanged("embedded", Optional.empty(), "p-1"));
    assertThat(state().policyDigest()).contains("p-1");
    take(new Entry.PolicyChanged("embedded", Optional.of("p-1"), "p-2"));
    assertThat(state().policyDigest()).contains("p-2");
  }

  private static Request request(String id, Request.Kind kind, String release) {
    return new Request(id, kind, "kim", "", Optional.of(id(release)));
  }

  @Test
  void aSampleChangesNothing() {
    take(new Entry.Opened(Entry.Opened.FORMAT, "u-1", "process"));
    applied(allow(to(TransitionKind.DEPLOY, only("A"))));
    State before = state();
    take(new Entry.Sampled(JsonNodeFactory.instance.objectNode().put("any", "thing")));

    assertThat(state()).isEqualTo(before);
  }

  @Test
  void theLastDecisionsAreKeptNewestFirst() {
    for (int i = 0; i < 12; i++) {
      decide(to(TransitionKind.DEPLOY, only("A")), true, Verdict.DENIED);
    }

    assertThat(state().decisions().stream().map(r -> r.decided().decisionId()).toList())
        .hasSize(10)
        .startsWith("d-12", "d-11")
        .endsWith("d-3");
  }
}
