package dev.swiftdeploy.core.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an audit chain tells, for people ({@link AuditReport}) and machines: as JSON in snake_case,
 * instants and durations in ISO 8601.
 *
 * @param at when it was read
 * @param since what is older is left out of everything but the chain; absent: nothing is
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Audit(
    Instant at, Optional<Instant> since, ChainPart chain, List<ResourcePart> resources) {

  /**
   * The whole chain, from its first record.
   *
   * @param records good ones
   * @param damage where and why it stops verifying
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record ChainPart(
      boolean verified,
      long records,
      String head,
      Optional<Instant> from,
      Optional<Instant> to,
      Optional<AuditLog.Damage> damage) {}

  /**
   * One resource.
   *
   * @param blocked how long a transition waited for policy to allow it, until the next decision
   * @param unavailable how long one waited for policy to answer
   */
  public record ResourcePart(
      String resource,
      Counts counts,
      Duration blocked,
      Duration unavailable,
      List<Refused> refused,
      List<Event> timeline,
      List<Found> violations,
      List<Rollout> rollouts) {}

  /** How often; decisions that were repeated without being written are counted. */
  public record Counts(
      long allowed, long denied, long unavailable, long applied, long failed, long repairs) {}

  /**
   * A release that was refused.
   *
   * @param still it is refused until its id changes or a person asks to retry it
   */
  public record Refused(Instant at, Refusal refusal, boolean still) {}

  /** A record in words. */
  public record Event(long seq, Instant at, String what, String detail) {}

  /**
   * What policy found.
   *
   * @param code {@code canary/latency_too_high}
   */
  public record Found(
      long seq,
      Instant at,
      String decision,
      String transition,
      boolean enact,
      boolean blocks,
      String code,
      String message,
      JsonNode observed,
      JsonNode threshold) {}

  /**
   * A candidate's way through its steps.
   *
   * @param end how it ended: {@code promote, rollback, teardown, failed}; {@code open} while it
   *     goes on
   * @param shares of the traffic that it had, each until the next
   */
  public record Rollout(
      String release, String version, Instant from, Instant to, String end, List<Share> shares) {}

  /**
   * A candidate's share of the traffic from then on.
   *
   * @param percent 0 to 100
   */
  public record Share(Instant at, int percent) {}

  /**
   * Reads it out of a chain.
   *
   * @param records all good records, oldest first
   * @param damage where the chain stops verifying
   * @param since leaves out what is older
   */
  public static Audit of(
      List<AuditRecord> records,
      Chain.Head head,
      Optional<AuditLog.Damage> damage,
      Optional<Instant> since,
      Instant now) {
    Set<ResourceName> names = new LinkedHashSet<>();
    records.forEach(r -> r.resource().ifPresent(names::add));
    List<ResourcePart> parts =
        names.stream()
            .map(
                name ->
                    new ResourceAudit(since.orElse(Instant.MIN), now)
                        .read(name, records.stream().filter(r -> r.concerns(name)).toList()))
            .toList();
    return new Audit(
        now,
        since,
        new ChainPart(
            damage.isEmpty(),
            head.seq(),
            head.hash(),
            records.stream().findFirst().map(AuditRecord::ts),
            records.isEmpty()
                ? Optional.empty()
                : Optional.of(records.get(records.size() - 1).ts()),
            damage),
        parts);
  }
}
