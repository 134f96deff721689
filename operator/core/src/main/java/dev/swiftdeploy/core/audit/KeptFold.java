package dev.swiftdeploy.core.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.StableRelease;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A resource's fold as a checkpoint holds it: a {@link StateFold} made of it goes on as if it had
 * read all records before. What the parts mean is said at {@link State}.
 *
 * @param requests that were not answered, oldest first
 * @param refused in the order of their refusal
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record KeptFold(
    Optional<String> uid,
    Optional<String> platform,
    long seq,
    long generation,
    String specDigest,
    Admitted admitted,
    Optional<Permission> standing,
    Optional<State.UnderWay> underWay,
    Optional<State.FailedTransition> retreatDue,
    List<Refusal> refused,
    List<StableRelease> earlier,
    List<HeldGrant> grants,
    List<Request> requests,
    int failedReviews,
    Optional<Instant> unavailableSince,
    Optional<Instant> candidateSince,
    Optional<Instant> candidateBorn,
    Optional<Instant> startedAt,
    boolean stopped,
    boolean tornDown,
    Optional<String> policyDigest,
    Optional<State.Unfit> unfit,
    List<State.Outcome> recent,
    List<State.Review> decisions) {

  public KeptFold {
    refused = List.copyOf(refused);
    earlier = List.copyOf(earlier);
    grants = List.copyOf(grants);
    requests = List.copyOf(requests);
    recent = List.copyOf(recent);
    decisions = List.copyOf(decisions);
  }
}
