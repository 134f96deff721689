package dev.swiftdeploy.core.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.evidence.Evidence;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.loop.Side;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Resource;
import java.util.List;
import java.util.Optional;

/**
 * What a host elsewhere tells of its last tick. With what is on record and what is there it makes
 * the same {@link Status} as the tick's own view: figures are those of the last recorded review of
 * the candidate, since the host's window can't be looked into.
 *
 * @param generation of the spec that is declared now
 * @param observedGeneration of the spec that the host tells of
 * @param specDigest of the spec that the host tells of; empty where that isn't known
 * @param rule that answered, {@code why}, and the {@code step} that it says, as text
 */
public record ReportedStatus(
    Optional<String> uid,
    String platform,
    long generation,
    long observedGeneration,
    String specDigest,
    List<Condition> conditions,
    Optional<String> url,
    String rule,
    String why,
    String step,
    Status.PolicyStatus policy) {

  public ReportedStatus {
    conditions = List.copyOf(conditions);
  }

  /**
   * Puts it together. Pure.
   *
   * @param declared now
   * @param head where the chain ends
   */
  public Status project(
      Resource declared,
      State state,
      Observation observation,
      Chain.Head head,
      Optional<AuditLog.Damage> damage) {
    Optional<Evidence.Metrics> metrics = metrics(state);
    return new Status(
        declared.name().value(),
        uid,
        platform,
        generation,
        observedGeneration,
        specDigest,
        conditions,
        declared.spec().services().mode().word(),
        declared.spec().services().version().value(),
        url,
        Side.stable(state, observation, metrics).map(Tracks::stable),
        Side.candidate(state, observation, metrics)
            .map(side -> Tracks.candidate(side, declared.spec(), state)),
        StatusProjector.workloads(observation, state),
        StatusProjector.route(observation),
        StatusProjector.underWay(state),
        new Status.NextStep(rule, why, step, answer(state)),
        state.lastReview().map(r -> Decisions.of(r.decided(), state)),
        StatusProjector.decisions(state),
        StatusProjector.refused(state),
        StatusProjector.rollbackTo(state),
        policy,
        new Status.ChainStatus(
            head.seq(), head.hash(), damage.map(d -> "line " + d.line() + ": " + d.message())));
  }

  /** What policy said to the step, where it is a transition that it was asked about. */
  private Optional<Status.DecisionStatus> answer(State state) {
    return state
        .lastReview()
        .map(State.Review::decided)
        .filter(
            d ->
                step.equals("propose " + d.transition().label())
                    || step.equals("review " + d.transition().label()))
        .map(d -> Decisions.of(d, state));
  }

  /** What policy was shown last, if it was about the candidate that is there. */
  private static Optional<Evidence.Metrics> metrics(State state) {
    Optional<ReleaseId> candidate = state.admitted().candidate().map(Candidate::id);
    return state
        .lastReview()
        .map(State.Review::decided)
        .filter(d -> candidate.isPresent() && d.transition().to().equals(candidate))
        .flatMap(Entry.Decided::input)
        .map(input -> input.path("metrics"))
        .filter(JsonNode::isObject)
        .map(both -> new Evidence.Metrics(side(both, "candidate"), side(both, "stable")));
  }

  private static Optional<WorkloadMetrics> side(JsonNode both, String side) {
    try {
      return both.path(side).isObject()
          ? Optional.of(Json.MAPPER.treeToValue(both.get(side), WorkloadMetrics.class))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty(); // figures of another version are not known
    }
  }
}
