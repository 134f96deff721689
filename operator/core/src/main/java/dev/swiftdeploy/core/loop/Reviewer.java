package dev.swiftdeploy.core.loop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.AdmissionInput;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.DecisionParser;
import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.PolicyRef;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.evidence.Evidence;
import dev.swiftdeploy.core.plan.Desired;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import java.time.Instant;
import java.util.Optional;

/**
 * Asks policy about one transition: gathers the evidence, builds the input, judges the form of the
 * answer. Compares nothing and holds no threshold.
 */
public final class Reviewer {
  private final Ports ports;

  public Reviewer(Ports ports) {
    this.ports = ports;
  }

  /**
   * Asks; what comes back is the record to be, not yet recorded.
   *
   * @param failedReviews in a row, before this one
   * @param repeated how often the answer before was given without being written
   */
  public Entry.Decided review(
      Transition transition,
      boolean enact,
      Desired desired,
      State state,
      Actor actor,
      int failedReviews,
      int repeated) {
    String id = ports.ids().get();
    ObjectNode input =
        AdmissionInput.of(
            transition,
            id,
            desired,
            state,
            ports.platform().name(),
            actor,
            new Evidence(ports.host().read(), metrics(desired, state)),
            ports.clock().instant(),
            failedReviews,
            release -> release(release, desired));
    Answer answer = ports.policy().evaluate(id, input);
    PolicyRevision revision = ports.policy().revision();
    Optional<JsonNode> result = Optional.empty();
    Optional<Unavailability> unavailable = Optional.empty();
    Optional<String> digest = revision.digest();
    Verdict verdict = Verdict.UNAVAILABLE;
    int failed = failedReviews;
    if (answer instanceof Answer.NoAnswer none) {
      unavailable = Optional.of(none.unavailability());
    } else if (answer instanceof Answer.Document document) {
      result = Optional.of(document.result());
      digest = Optional.of(document.policyDigest());
      DecisionParser.Result parsed = DecisionParser.parse(document.result());
      if (parsed instanceof DecisionParser.Parsed good) {
        Decision decision = good.decision();
        verdict = decision.allow() ? Verdict.ALLOWED : Verdict.DENIED;
        failed = counted(transition, decision, failedReviews);
      } else if (parsed instanceof DecisionParser.Malformed bad) {
        unavailable =
            Optional.of(
                new Unavailability(
                    Unavailability.Kind.MALFORMED,
                    "policy's answer is not a decision: " + bad.why(),
                    "make data.swiftdeploy.admission.decision whole for every input: allow, violations,"
                        + " rollback and grants"));
      }
    }
    return new Entry.Decided(
        id,
        transition,
        enact,
        verdict,
        desired.generation(),
        desired.specDigest(),
        actor,
        new PolicyRef(ports.policy().name(), digest, revision.verified()),
        Optional.of(input),
        result,
        unavailable,
        Optional.empty(),
        failed,
        repeated);
  }

  /** Of a window that starts no earlier than the step; empty while there is no candidate. */
  private Optional<Evidence.Metrics> metrics(Desired desired, State state) {
    return state
        .admitted()
        .candidate()
        .map(
            candidate -> {
              Instant now = ports.clock().instant();
              Instant from = now.minus(desired.spec().canary().analysisWindow());
              Instant step = state.candidateSince().orElse(now);
              Instant since = step.isAfter(from) ? step : from;
              return new Evidence.Metrics(
                  ports.metrics().read(candidate.workload(), since),
                  state
                      .admitted()
                      .stable()
                      .flatMap(s -> ports.metrics().read(s.workload(), since)));
            });
  }

  /**
   * Failed reviews in a row: those of the candidate's way forward; what else is asked is not one.
   */
  private static int counted(Transition transition, Decision decision, int before) {
    boolean forward =
        transition.kind() == TransitionKind.ADVANCE || transition.kind() == TransitionKind.PROMOTE;
    if (!forward) {
      return before;
    }
    return decision.failedReview() ? before + 1 : decision.allow() ? 0 : before;
  }

  /** What people are shown: what policy would be, or of the stable release alone. */
  Optional<Evidence.Metrics> seen(Desired desired, State state) {
    Instant since = ports.clock().instant().minus(desired.spec().canary().analysisWindow());
    return metrics(desired, state)
        .or(
            () ->
                state
                    .admitted()
                    .stable()
                    .map(
                        s ->
                            new Evidence.Metrics(
                                Optional.empty(), ports.metrics().read(s.workload(), since))));
  }

  private Optional<Release> release(ReleaseId id, Desired desired) {
    return desired.release().filter(r -> r.id().equals(id)).or(() -> ports.releases().get(id));
  }
}
