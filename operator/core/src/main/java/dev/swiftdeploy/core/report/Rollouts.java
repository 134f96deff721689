package dev.swiftdeploy.core.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Each candidate's share of the traffic over time: as its transitions brought it about, and as
 * samples saw it in between.
 */
final class Rollouts {
  private static final int ALL = 100;

  private final List<Audit.Rollout> ended = new ArrayList<>();
  private final List<Audit.Share> shares = new ArrayList<>();
  private Optional<Candidate> candidate = Optional.empty();
  private Optional<String> canary = Optional.empty();
  private Instant last = Instant.MIN;

  /** Takes the next record, with the transitions of all decisions so far. */
  void take(AuditRecord record, Map<String, Transition> transitions) {
    last = record.ts();
    Entry entry = record.entry();
    if (entry instanceof Entry.Decided decided) {
      if (decided.verdict() == Verdict.ALLOWED
          && decided.enact()
          && decided.transition().kind() == TransitionKind.CANARY) {
        decided.transition().after().candidate().ifPresent(c -> begin(c, record));
        canary = Optional.of(decided.decisionId());
      }
    } else if (entry instanceof Entry.Applied applied) {
      Optional.ofNullable(transitions.get(applied.decisionId())).ifPresent(t -> done(t, record));
    } else if (entry instanceof Entry.Failed failed) {
      if (failed.decisionId().isPresent() && failed.decisionId().equals(canary)) {
        end(record, "failed", 0);
      }
    } else if (entry instanceof Entry.Sampled sampled) {
      seen(sampled.sample().path("candidate"), record);
    }
  }

  private void begin(Candidate begun, AuditRecord record) {
    if (candidate.isPresent()) {
      end(record, "failed", 0);
    }
    candidate = Optional.of(begun);
    shares.add(new Audit.Share(record.ts(), 0));
  }

  private void done(Transition transition, AuditRecord record) {
    Optional<Candidate> now = transition.after().candidate();
    if (now.isPresent()) {
      if (candidate.isEmpty()) {
        begin(now.get(), record);
      }
      shares.add(new Audit.Share(record.ts(), now.get().weight()));
    } else if (candidate.isPresent()) {
      boolean promoted = transition.kind() == TransitionKind.PROMOTE;
      end(record, transition.kind().word(), promoted ? ALL : 0);
    }
  }

  private void end(AuditRecord record, String how, int share) {
    shares.add(new Audit.Share(record.ts(), share));
    candidate.ifPresent(c -> ended.add(rollout(c, record.ts(), how)));
    candidate = Optional.empty();
    canary = Optional.empty();
    shares.clear();
  }

  private void seen(JsonNode side, AuditRecord record) {
    JsonNode actual = side.path("actual_weight");
    boolean same =
        candidate
            .map(c -> c.workload().name().equals(side.path("workload").asText()))
            .orElse(false);
    if (same && actual.isInt() && actual.asInt() >= 0 && actual.asInt() <= ALL) {
      shares.add(new Audit.Share(record.ts(), actual.asInt()));
    }
  }

  private Audit.Rollout rollout(Candidate of, Instant to, String how) {
    return new Audit.Rollout(
        of.id().value(), of.version().value(), shares.get(0).at(), to, how, List.copyOf(shares));
  }

  /** All, oldest first; one that is not ended is open. */
  List<Audit.Rollout> all(Instant now) {
    List<Audit.Rollout> all = new ArrayList<>(ended);
    candidate.ifPresent(c -> all.add(rollout(c, now.isBefore(last) ? last : now, "open")));
    return all;
  }
}
