package dev.swiftdeploy.core.report;

import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one resource's records, oldest first. */
final class ResourceAudit {
  private final Instant since;
  private final Instant now;
  private final Map<String, Transition> transitions = new HashMap<>();
  private final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
  private final Map<Verdict, Duration> waited = new EnumMap<>(Verdict.class);
  private final Newest<Audit.Event> timeline = new Newest<>();
  private final Newest<Audit.Found> violations = new Newest<>();
  private final Map<ReleaseId, Audit.Refused> refused = new HashMap<>();
  private final Rollouts rollouts = new Rollouts();
  private final StateFold fold;
  private final Reasons reasons = new Reasons();
  private final List<Audit.PolicyChange> policyChanges = new ArrayList<>();
  private Optional<Entry.Decided> before = Optional.empty();
  private Optional<AuditRecord> waiting = Optional.empty();
  private long applied;
  private long failed;
  private long repairs;

  /**
   * Begins.
   *
   * @param fold of what is not there to be read any more
   */
  ResourceAudit(Instant since, Instant now, StateFold fold) {
    this.since = since;
    this.now = now;
    this.fold = fold;
    fold.state().underWay().ifPresent(u -> transitions.put(u.decisionId(), u.transition()));
  }

  /** What was read, to the end. */
  Audit.ResourcePart part(ResourceName name) {
    endWait(now);
    Set<ReleaseId> still = fold.state().refused().keySet();
    return new Audit.ResourcePart(
        name.value(),
        new Audit.Counts(
            verdicts.getOrDefault(Verdict.ALLOWED, 0L),
            verdicts.getOrDefault(Verdict.DENIED, 0L),
            verdicts.getOrDefault(Verdict.UNAVAILABLE, 0L),
            applied,
            failed,
            repairs),
        waited.getOrDefault(Verdict.DENIED, Duration.ZERO),
        waited.getOrDefault(Verdict.UNAVAILABLE, Duration.ZERO),
        reasons.most(),
        List.copyOf(policyChanges),
        refused.values().stream()
            .map(r -> new Audit.Refused(r.at(), r.refusal(), still.contains(r.refusal().release())))
            .sorted((a, b) -> a.at().compareTo(b.at()))
            .toList(),
        timeline.older(),
        timeline.all(),
        violations.older(),
        violations.all(),
        rollouts.all(now).stream().filter(r -> !r.to().isBefore(since)).toList());
  }

  /** Takes the next record that concerns it. */
  void take(AuditRecord record) {
    read(record);
    // Only an outcome refers to a transition, and only once.
    Optional<String> ended =
        record.entry() instanceof Entry.Applied done
            ? Optional.of(done.decisionId())
            : record.entry() instanceof Entry.Failed given ? given.decisionId() : Optional.empty();
    ended.ifPresent(transitions::remove);
  }

  private void read(AuditRecord record) {
    Entry entry = record.entry();
    fold.accept(record);
    if (entry instanceof Entry.Decided decided
        && decided.enact()
        && decided.verdict() == Verdict.ALLOWED) {
      transitions.put(decided.decisionId(), decided.transition());
    }
    rollouts.take(record, transitions);
    boolean counts = !record.ts().isBefore(since);
    if (entry instanceof Entry.Decided decided) {
      endWait(record.ts());
      boolean waits = decided.enact() && decided.verdict() != Verdict.ALLOWED;
      waiting = waits ? Optional.of(record) : Optional.empty();
      count(decided, counts);
    }
    if (!counts) {
      return;
    }
    if (entry instanceof Entry.Decided decided) {
      find(record, decided);
    } else if (entry instanceof Entry.Applied done) {
      applied++;
      Optional.ofNullable(transitions.get(done.decisionId()))
          .flatMap(Transition::refuses)
          .ifPresent(r -> refuse(record, r));
    } else if (entry instanceof Entry.Failed given) {
      failed += given.decisionId().isPresent() ? 1 : 0;
      given.refuses().ifPresent(r -> refuse(record, r));
    } else if (entry instanceof Entry.Repaired) {
      repairs++;
    } else if (entry instanceof Entry.PolicyChanged changed) {
      policyChanges.add(
          new Audit.PolicyChange(
              record.seq(), record.ts(), changed.engine(), changed.from(), changed.to()));
    }
    Line.of(record, transitions)
        .ifPresent(
            line ->
                timeline.add(
                    new Audit.Event(record.seq(), record.ts(), line.what(), line.detail())));
  }

  /** A record holds how often the answer before it was repeated. */
  private void count(Entry.Decided decided, boolean counts) {
    if (counts) {
      before.ifPresent(
          b -> {
            verdicts.merge(b.verdict(), (long) decided.repeated(), Long::sum);
            reasons.count(b, decided.repeated());
          });
      reasons.count(decided, 1);
      verdicts.merge(decided.verdict(), 1L, Long::sum);
    }
    before = Optional.of(decided);
  }

  private void endWait(Instant end) {
    if (waiting.isPresent()) {
      AuditRecord began = waiting.get();
      Instant from = began.ts().isBefore(since) ? since : began.ts();
      Duration time = Duration.between(from, end);
      if (!time.isNegative()) {
        Entry.Decided decided = (Entry.Decided) began.entry();
        waited.merge(decided.verdict(), time, Duration::plus);
        reasons.lasted(decided, time);
      }
      waiting = Optional.empty();
    }
  }

  private void refuse(AuditRecord record, Refusal refusal) {
    refused.put(refusal.release(), new Audit.Refused(record.ts(), refusal, false));
  }

  private void find(AuditRecord record, Entry.Decided decided) {
    for (Violation violation : decided.decision().map(Decision::violations).orElse(List.of())) {
      violations.add(
          new Audit.Found(
              record.seq(),
              record.ts(),
              decided.decisionId(),
              decided.transition().label(),
              decided.enact(),
              violation.blocks(),
              violation.qualifiedCode(),
              violation.message(),
              violation.observed(),
              violation.threshold()));
    }
  }
}
