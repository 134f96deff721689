package dev.swiftdeploy.core.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Removal;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   * @param records good ones that are there
   * @param first number of the first one
   * @param head number and hash of the last one, {@code 84:d59194…}
   * @param keys that signed its checkpoints
   * @param removals of earlier records that the rest tells of
   * @param damage where and why it stops verifying
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record ChainPart(
      boolean verified,
      long records,
      long first,
      String head,
      Set<String> keys,
      List<Removal> removals,
      Optional<Instant> from,
      Optional<Instant> to,
      Optional<AuditLog.Damage> damage) {}

  /**
   * One resource.
   *
   * @param blocked how long a transition waited for policy to allow it, until the next decision
   * @param unavailable how long one waited for policy to answer
   * @param reasons that blocked, the longest first
   * @param timeline the newest, oldest first; {@code older_events} more are left out
   * @param violations the newest, oldest first; {@code older_violations} more are left out
   */
  public record ResourcePart(
      String resource,
      Counts counts,
      Duration blocked,
      Duration unavailable,
      List<Reason> reasons,
      List<PolicyChange> policyChanges,
      List<Refused> refused,
      long olderEvents,
      List<Event> timeline,
      long olderViolations,
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

  /**
   * A rule that blocked.
   *
   * @param code {@code canary/latency_too_high}
   * @param times it was among the violations of a denial, repetitions too
   * @param time that transitions waited while it was; where several block, each counts it
   */
  public record Reason(String code, long times, Duration time) {}

  /** From then on another policy decided. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record PolicyChange(
      long seq, Instant at, String engine, Optional<String> from, String to) {}

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

  /** Reads it out of a chain, record by record; how much is kept does not grow with the chain. */
  public static final class Reader {
    private final Optional<Instant> since;
    private final Instant now;
    private final Map<ResourceName, ResourceAudit> parts = new LinkedHashMap<>();

    /** Records of the whole chain, for resources that come later. */
    private final List<AuditRecord> general = new ArrayList<>();

    private final List<Removal> removals = new ArrayList<>();
    private Optional<Instant> first = Optional.empty();
    private Optional<Instant> last = Optional.empty();
    private long records;

    /** Leaves out what is older than {@code since}. */
    public Reader(Optional<Instant> since, Instant now) {
      this.since = since;
      this.now = now;
    }

    /** Takes the next good record, oldest first. */
    public void take(AuditRecord record) {
      if (records == 0 && record.entry() instanceof Entry.Checkpoint checkpoint) {
        checkpoint
            .folds()
            .forEach((name, kept) -> parts.put(ResourceName.of(name), part(new StateFold(kept))));
      }
      records++;
      first = first.or(() -> Optional.of(record.ts()));
      last = Optional.of(record.ts());
      Removal.of(record).ifPresent(removals::add);
      if (record.entry() instanceof Entry.Checkpoint) {
        return;
      }
      if (record.resource().isPresent()) {
        parts.computeIfAbsent(record.resource().get(), name -> anew()).take(record);
      } else {
        general.add(record);
        parts.values().forEach(part -> part.take(record));
      }
    }

    private ResourceAudit part(StateFold fold) {
      return new ResourceAudit(since.orElse(Instant.MIN), now, fold);
    }

    private ResourceAudit anew() {
      ResourceAudit part = part(new StateFold());
      general.forEach(part::take);
      return part;
    }

    /**
     * What was read.
     *
     * @param before what the first record continues
     * @param keys that signed checkpoints
     * @param damage where the chain stops verifying
     */
    public Audit audit(
        Chain.Head before, Chain.Head head, Set<String> keys, Optional<AuditLog.Damage> damage) {
      List<ResourcePart> read = new ArrayList<>();
      parts.forEach((name, part) -> read.add(part.part(name)));
      return new Audit(
          now,
          since,
          new ChainPart(
              damage.isEmpty(),
              records,
              before.seq() + 1,
              head.text(),
              Set.copyOf(keys),
              List.copyOf(removals),
              first,
              last,
              damage),
          read);
    }
  }
}
