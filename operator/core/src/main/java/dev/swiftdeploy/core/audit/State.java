package dev.swiftdeploy.core.audit;

import dev.swiftdeploy.core.admission.GrantCause;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Cause;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.StableRelease;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.ReleaseId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is known of one resource: a fold of its records, never stored by itself.
 *
 * @param uid of the resource; absent before its first record
 * @param seq of the last record that it was folded from; samples are not among them
 * @param generation and {@code specDigest}: of the last decision
 * @param admitted what should be there
 * @param standing the permission that {@code admitted} rests on
 * @param underWay an admitted transition without an outcome
 * @param retreatDue a transition that failed and was not retreated from
 * @param refused releases that are not to be tried
 * @param earlier stable releases before the present one, newest first
 * @param grants that can still be used
 * @param request a person's request that was not answered
 * @param lastReview the last decision
 * @param failedReviews in a row, of the present candidate
 * @param unavailableSince policy gave no decision since then
 * @param candidateSince the present step was applied then
 * @param candidateBorn its first step was applied then
 * @param startedAt the last daemon began then
 * @param stopped the service was stopped in order and not brought up since
 * @param tornDown the last transition was a teardown, and no daemon was started since
 * @param policyDigest that decided last
 * @param unfit spec digest of settings that could not be configured, and why
 * @param recent the last transitions that ended, newest first, at most 10
 * @param decisions the last ones on record, newest first, at most 10
 */
public record State(
    Optional<String> uid,
    Optional<String> platform,
    long seq,
    long generation,
    String specDigest,
    Admitted admitted,
    Optional<Permission> standing,
    Optional<UnderWay> underWay,
    Optional<FailedTransition> retreatDue,
    Map<ReleaseId, Refusal> refused,
    List<StableRelease> earlier,
    List<HeldGrant> grants,
    Optional<Request> request,
    Optional<Review> lastReview,
    int failedReviews,
    Optional<Instant> unavailableSince,
    Optional<Instant> candidateSince,
    Optional<Instant> candidateBorn,
    Optional<Instant> startedAt,
    boolean stopped,
    boolean tornDown,
    Optional<String> policyDigest,
    Optional<Unfit> unfit,
    List<Outcome> recent,
    List<Review> decisions) {

  /**
   * An admitted transition on its way.
   *
   * @param since when it was admitted
   * @param specDigest of the spec it was admitted for
   */
  public record UnderWay(
      String decisionId,
      Transition transition,
      Instant since,
      String specDigest,
      Permission permission) {}

  /** A transition that was given up. */
  public record FailedTransition(
      String decisionId, Transition transition, String reason, String message) {}

  /** A decision, and when it was recorded. */
  public record Review(Instant at, Entry.Decided decided) {}

  /** Settings that could not be brought about. */
  public record Unfit(String specDigest, String message) {}

  /**
   * How a transition ended.
   *
   * @param outcome {@code applied} or {@code failed}
   */
  public record Outcome(
      TransitionKind kind, Optional<ReleaseId> to, String outcome, Instant at, String decisionId) {}

  /** Whether anything was ever recorded for this resource. */
  public boolean empty() {
    return uid.isEmpty();
  }

  /** The grant under which that may be done without asking anew. */
  public Optional<HeldGrant> grantFor(
      TransitionKind kind, Optional<ReleaseId> subject, Optional<ReleaseId> to, Cause cause) {
    return grants.stream()
        .filter(held -> held.grant().kind() == kind)
        .filter(held -> subject.isPresent() && held.grant().subject().equals(subject.get()))
        .filter(held -> held.grant().to().equals(to))
        .filter(held -> covers(held, cause))
        .findFirst();
  }

  private static boolean covers(HeldGrant held, Cause cause) {
    return switch (cause) {
      case PERSON -> held.grant().on().contains(GrantCause.PERSON);
      case SPEC -> held.grant().on().contains(GrantCause.SPEC);
      case UNHEALTHY -> held.grant().on().contains(GrantCause.UNHEALTHY);
      case UNAVAILABLE_FOR -> held.grant().unavailableFor().isPresent();
      case POLICY -> true; // policy itself orders it
    };
  }
}
