package dev.swiftdeploy.kubernetes.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a resource stands, as {@code core.status.Status} has it. Written by the operator alone. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("How it stands. Written by the operator alone.")
public record SwiftDeployStatus(
    @JsonPropertyDescription(
            "The generation of the spec that this status is about; -1 until the operator has looked.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "Ready, Reconciling and Stalled as kstatus reads them, and Admitted: whether policy"
                + " lets in what is declared.")
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription("Where the declared release should end up.") @Nullable String mode,
    @JsonPropertyDescription("The declared release's version.") @Nullable String version,
    @JsonPropertyDescription(
            "The declared version's share of the traffic, in percent: 0 while policy keeps it out.")
        @Nullable Integer weight,
    @JsonPropertyDescription("The candidate's step and how many there are, such as 2/3.")
        @Nullable String step,
    @JsonPropertyDescription("What policy said last: Allowed, Denied or Unavailable.")
        @Nullable String verdict,
    @JsonPropertyDescription("Where the proxy answers inside of the cluster.") @Nullable String url,
    @JsonPropertyDescription("The release that serves.") @Nullable Track stable,
    @JsonPropertyDescription("The release that is tried beside it.") @Nullable Track candidate,
    @JsonPropertyDescription("What the proxy routes.") @Nullable Route route,
    @JsonPropertyDescription("The admitted transition that is being brought about.")
        @Nullable UnderWay underWay,
    @JsonPropertyDescription("What is next, and why.") @Nullable Waiting waiting,
    @JsonPropertyDescription("The last answer of policy, with the evidence that it rests on.")
        @Nullable Review lastReview,
    @JsonPropertyDescription("The last answers of policy, the newest first.")
        @Nullable List<Decision> decisions,
    @JsonPropertyDescription("Releases that are not tried again until their id changes.")
        @Nullable List<Refused> refused,
    @JsonPropertyDescription("The release to which a rollback would lead.")
        @Nullable String rollbackTo,
    @JsonPropertyDescription("Who judges.") @Nullable PolicyUsed policy,
    @JsonPropertyDescription("Where the audit chain ends.") @Nullable ChainEnd chain) {

  /** The one of a resource that an operator has written; null: none has looked at it yet. */
  public static @Nullable SwiftDeployStatus written(SwiftDeployResource resource) {
    SwiftDeployStatus status = resource.getStatus();
    boolean written =
        status != null && status.observedGeneration() != null && status.observedGeneration() >= 0;
    return written ? status : null;
  }

  /** By the API conventions. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonClassDescription("One answer to how it stands, by the API conventions.")
  public record Condition(
      @JsonPropertyDescription("Ready, Reconciling, Stalled or Admitted.") @Required String type,
      @JsonPropertyDescription("True, False or Unknown.") @Required String status,
      @JsonPropertyDescription("The generation of the spec that this was found for.")
          @Nullable Long observedGeneration,
      @JsonPropertyDescription("When its status changed last.") @Nullable String lastTransitionTime,
      @JsonPropertyDescription("One word for machines.") @Required String reason,
      @JsonPropertyDescription("A sentence for people.") @Required String message) {}

  /** A release that was admitted. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Track(
      @JsonPropertyDescription("The release's id: a hash over what runs.") @Nullable String release,
      @JsonPropertyDescription("Its version.") @Nullable String version,
      @JsonPropertyDescription("How many instances of it should run.") @Nullable Integer replicas,
      @JsonPropertyDescription("How many of them are ready.") @Nullable Integer ready,
      @JsonPropertyDescription("Its admitted share of the traffic, in percent.")
          @Nullable Integer weight,
      @JsonPropertyDescription("The share that the proxy gives it now; absent where unknown.")
          @Nullable Integer actualWeight,
      @JsonPropertyDescription("Its step is held at least until then.")
          @Nullable String holdUntil) {}

  /** What the proxy does. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Route(
      @JsonPropertyDescription("The shares that the proxy gives now.") @Nullable String weights,
      @JsonPropertyDescription("Whether that is what was admitted.") @Nullable Boolean current,
      @JsonPropertyDescription("Requests of an earlier route are still in flight.")
          @Nullable Boolean draining) {}

  /** What is waited for. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Waiting(
      @JsonPropertyDescription("The planner's rule that answered.") @Nullable String rule,
      @JsonPropertyDescription("Why, for people.") @Nullable String why,
      @JsonPropertyDescription("What is done about it.") @Nullable String next) {}

  /** An admitted transition without an outcome yet. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record UnderWay(
      @JsonPropertyDescription("The decision that admitted it.") @Nullable String decision,
      @JsonPropertyDescription("What is being done.") @Nullable String transition,
      @JsonPropertyDescription("When it was admitted.") @Nullable String since) {}

  /** The last answer of policy, and what it was shown. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Review(
      @JsonPropertyDescription("The decision's id; swiftdeploy explain takes it.")
          @Nullable String decision,
      @JsonPropertyDescription("When it was given.") @Nullable String at,
      @JsonPropertyDescription("What was asked.") @Nullable String transition,
      @JsonPropertyDescription("Allowed, Denied or Unavailable.") @Nullable String verdict,
      @JsonPropertyDescription(
              "How many reviews in a row have spoken against the candidate, this one included.")
          @Nullable Integer failedReviews,
      @JsonPropertyDescription("What policy found, each observed against its threshold.")
          @Nullable List<Found> violations,
      @JsonPropertyDescription("What the candidate did in the window.")
          @Nullable Measured candidate,
      @JsonPropertyDescription("What the stable release did in the same window.")
          @Nullable Measured stable,
      @JsonPropertyDescription("What to do where policy could not be asked.")
          @Nullable String nextStep) {}

  /** A violation. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonClassDescription("What policy found.")
  public record Found(
      @JsonPropertyDescription("The policy and its code, such as canary/latency_too_high.")
          @Nullable String code,
      @JsonPropertyDescription("For people.") @Nullable String message,
      @JsonPropertyDescription("What was observed.") @Nullable String observed,
      @JsonPropertyDescription("What is required.") @Nullable String threshold) {}

  /** What a workload did in a window; what can't be told is absent, never zero. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Measured(
      @JsonPropertyDescription("Requests of people that it answered.") @Nullable Double requests,
      @JsonPropertyDescription("Requests of the probe, counted apart.")
          @Nullable Double syntheticRequests,
      @JsonPropertyDescription("The share of errors, 0 to 1.") @Nullable Double errorRate,
      @JsonPropertyDescription("Half of its answers took at most so many milliseconds.")
          @Nullable Double p50Ms,
      @JsonPropertyDescription("99 of 100 answers took at most so many milliseconds.")
          @Nullable Double p99Ms,
      @JsonPropertyDescription("How often its instances were restarted in the window.")
          @Nullable Integer restarts,
      @JsonPropertyDescription("How many instances could be read.") @Nullable Integer instances,
      @JsonPropertyDescription("How long the window is, in seconds.")
          @Nullable Double windowSeconds) {}

  /** An answer of policy. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonClassDescription("An answer of policy.")
  public record Decision(
      @JsonPropertyDescription("The decision's id; swiftdeploy explain takes it.")
          @Nullable String id,
      @JsonPropertyDescription("When it was given.") @Nullable String at,
      @JsonPropertyDescription("What was asked.") @Nullable String transition,
      @JsonPropertyDescription("Allowed, Denied or Unavailable.") @Nullable String verdict,
      @JsonPropertyDescription("What became of it: applied or failed.") @Nullable String outcome,
      @JsonPropertyDescription("Why, observed against threshold.") @Nullable String message) {}

  /** A release that is not tried again. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonClassDescription("A release that is not tried again.")
  public record Refused(
      @JsonPropertyDescription("The release's id.") @Nullable String release,
      @JsonPropertyDescription("Why it is refused.") @Nullable String message) {}

  /** Who judges. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PolicyUsed(
      @JsonPropertyDescription("The engine's name.") @Nullable String engine,
      @JsonPropertyDescription("The digest of the policies in use.") @Nullable String digest,
      @JsonPropertyDescription("What keeps the engine from judging, if anything.")
          @Nullable String problem) {}

  /** The audit chain's end. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ChainEnd(
      @JsonPropertyDescription("The last record's number.") @Nullable Long seq,
      @JsonPropertyDescription("Its hash, which is over all history.") @Nullable String head,
      @JsonPropertyDescription("What is wrong with the chain, if anything.")
          @Nullable String damage) {}
}
