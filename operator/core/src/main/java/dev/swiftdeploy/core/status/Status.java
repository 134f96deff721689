package dev.swiftdeploy.core.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.core.admission.Violation;
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
    NextStep next,
    Optional<DecisionStatus> lastDecision,
    List<Refusal> refused,
    Optional<String> rollbackTo,
    PolicyStatus policy,
    ChainStatus chain) {

  /**
   * A release that was admitted.
   *
   * @param weight its wanted share of the traffic, in percent
   * @param step of the candidate, from 1
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Track(
      String release,
      String version,
      int replicas,
      int ready,
      int weight,
      Optional<Integer> step,
      Optional<Integer> steps,
      Optional<Instant> since) {}

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

  /** What the planner says. */
  public record NextStep(String rule, String why, String step) {}

  /**
   * The last answer of policy.
   *
   * @param kind of the transition
   * @param failedReview it speaks against the candidate, as policy sees it
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record DecisionStatus(
      String id,
      String kind,
      String transition,
      boolean enact,
      String verdict,
      String message,
      List<Violation> violations,
      boolean failedReview,
      Optional<String> reason,
      Optional<String> nextStep) {}

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
