package dev.swiftdeploy.core.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.plan.Refusal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How one resource stands, for people and machines: a pure projection of what a tick saw.
 *
 * @param resource its name
 * @param generation of the spec that is declared now
 * @param observedGeneration of the spec that was decided on last
 * @param specDigest SHA-256 hex of the spec that this status is about
 * @param conditions {@code Ready, Reconciling, Stalled, Admitted}, as kstatus reads them
 * @param url where the proxy answers, while something serves
 * @param underWay the admitted transition that is being brought about
 * @param decisions the last ones on record, newest first
 * @param refused releases that are not to be tried
 * @param rollbackTo where a rollback would lead, if there is anything
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Status(
    String resource,
    Optional<String> uid,
    String platform,
    long generation,
    long observedGeneration,
    String specDigest,
    List<Condition> conditions,
    String mode,
    String version,
    Optional<String> url,
    Optional<Track> stable,
    Optional<Track> candidate,
    List<WorkloadStatus> workloads,
    Optional<RouteStatus> route,
    Optional<UnderWayStatus> underWay,
    NextStep next,
    Optional<DecisionStatus> lastDecision,
    List<DecisionStatus> decisions,
    List<Refusal> refused,
    Optional<String> rollbackTo,
    PolicyStatus policy,
    ChainStatus chain) {

  /**
   * The stable release or the candidate.
   *
   * @param workload its name
   * @param replicas wanted
   * @param ready healthy ones
   * @param weight its wanted share of the traffic, in percent, once what is under way is done
   * @param actualWeight the share that the proxy gives it now; absent where that isn't known
   * @param step of the candidate, from 1
   * @param stepWeights of the candidate's steps, in percent
   * @param since the candidate's step began
   * @param holdUntil the candidate's step is held at least so long
   * @param requestsPerSecond of people, over the window; absent where there is none
   * @param metrics over the window that policy is shown; absent where nothing was read
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Track(
      String release,
      String version,
      String workload,
      int replicas,
      int ready,
      int weight,
      Optional<Integer> actualWeight,
      Optional<Integer> step,
      Optional<Integer> steps,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Integer> stepWeights,
      Optional<Instant> since,
      Optional<Instant> holdUntil,
      Optional<Double> requestsPerSecond,
      Optional<WorkloadMetrics> metrics) {
    public Track {
      stepWeights = stepWeights == null ? List.of() : List.copyOf(stepWeights);
    }
  }

  /** A workload that is there, wanted or not. */
  public record WorkloadStatus(
      String name, int wanted, int ready, List<InstanceStatus> instances) {}

  /** An instance that is there. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record InstanceStatus(
      int slot, String state, Optional<String> address, int restarts, Optional<String> detail) {}

  /** What the proxy does. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record RouteStatus(
      boolean running,
      boolean current,
      boolean draining,
      Optional<String> weights,
      Optional<String> detail) {}

  /** An admitted transition without an outcome yet. */
  public record UnderWayStatus(String decision, String transition, Instant since) {}

  /**
   * What the planner says.
   *
   * @param answer what policy says to it, where it is a transition that policy was asked about
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record NextStep(String rule, String why, String step, Optional<DecisionStatus> answer) {}

  /**
   * An answer of policy.
   *
   * @param at when it was given
   * @param kind of the transition
   * @param enact false where only the answer was of interest
   * @param failedReview it speaks against the candidate, as policy sees it
   * @param failedReviews in a row, this one included
   * @param outcome {@code applied} or {@code failed}, once its transition has ended
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record DecisionStatus(
      String id,
      Optional<Instant> at,
      String kind,
      String transition,
      boolean enact,
      String verdict,
      String message,
      List<Violation> violations,
      boolean failedReview,
      Optional<String> reason,
      Optional<String> nextStep,
      int failedReviews,
      Optional<String> outcome) {}

  /** Who judges. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record PolicyStatus(
      String engine, Optional<String> digest, boolean verified, Optional<String> problem) {}

  /** The audit chain's end, and what is wrong with it. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record ChainStatus(long seq, String head, Optional<String> damage) {}

  /** The condition of that type. */
  public Condition condition(String type) {
    return conditions.stream()
        .filter(c -> c.type().equals(type))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no condition " + type));
  }
}
