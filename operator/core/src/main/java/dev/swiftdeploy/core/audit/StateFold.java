package dev.swiftdeploy.core.audit;

import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Grant;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.plan.StableRelease;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.ReleaseId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Folds the records of one resource, in their order, into its {@link State}. */
public final class StateFold {
  private static final int EARLIER_KEPT = 10;
  private static final int RECENT_KEPT = 10;
  private static final int DECISIONS_KEPT = 10;

  private Optional<String> uid = Optional.empty();
  private Optional<String> platform = Optional.empty();
  private long seq;
  private long generation;
  private String specDigest = "";
  private Admitted admitted = Admitted.NOTHING;
  private Optional<Permission> standing = Optional.empty();
  private Optional<State.UnderWay> underWay = Optional.empty();
  private Optional<State.FailedTransition> retreatDue = Optional.empty();
  private final Map<ReleaseId, Refusal> refused = new LinkedHashMap<>();
  private final List<StableRelease> earlier = new ArrayList<>();
  private final List<HeldGrant> grants = new ArrayList<>();
  private final List<Request> requests = new ArrayList<>();
  private Optional<State.Review> lastReview = Optional.empty();
  private int failedReviews;
  private Optional<Instant> unavailableSince = Optional.empty();
  private Optional<Instant> candidateSince = Optional.empty();
  private Optional<Instant> candidateBorn = Optional.empty();
  private Optional<Instant> startedAt = Optional.empty();
  private boolean stopped;
  private boolean tornDown;
  private Optional<String> policyDigest = Optional.empty();
  private Optional<State.Unfit> unfit = Optional.empty();
  private final List<State.Outcome> recent = new ArrayList<>();
  private final List<State.Review> decisions = new ArrayList<>();

  /** Begins before the first record. */
  public StateFold() {}

  /** Goes on from where a checkpoint was made. */
  public StateFold(KeptFold kept) {
    uid = kept.uid();
    platform = kept.platform();
    seq = kept.seq();
    generation = kept.generation();
    specDigest = kept.specDigest();
    admitted = kept.admitted();
    standing = kept.standing();
    underWay = kept.underWay();
    retreatDue = kept.retreatDue();
    kept.refused().forEach(refusal -> refused.put(refusal.release(), refusal));
    earlier.addAll(kept.earlier());
    grants.addAll(kept.grants());
    requests.addAll(kept.requests());
    decisions.addAll(kept.decisions());
    lastReview = decisions.stream().findFirst();
    failedReviews = kept.failedReviews();
    unavailableSince = kept.unavailableSince();
    candidateSince = kept.candidateSince();
    candidateBorn = kept.candidateBorn();
    startedAt = kept.startedAt();
    stopped = kept.stopped();
    tornDown = kept.tornDown();
    policyDigest = kept.policyDigest();
    unfit = kept.unfit();
    recent.addAll(kept.recent());
  }

  /** All that {@link #StateFold(KeptFold)} needs. */
  public KeptFold kept() {
    return new KeptFold(
        uid,
        platform,
        seq,
        generation,
        specDigest,
        admitted,
        standing,
        underWay,
        retreatDue,
        List.copyOf(refused.values()),
        List.copyOf(earlier),
        List.copyOf(grants),
        List.copyOf(requests),
        failedReviews,
        unavailableSince,
        candidateSince,
        candidateBorn,
        startedAt,
        stopped,
        tornDown,
        policyDigest,
        unfit,
        List.copyOf(recent),
        List.copyOf(decisions));
  }

  /** Takes the next record that concerns the resource. Samples and checkpoints change nothing. */
  public void accept(AuditRecord record) {
    Entry entry = record.entry();
    if (entry instanceof Entry.Sampled || entry instanceof Entry.Checkpoint) {
      return;
    }
    seq = record.seq();
    if (entry instanceof Entry.Opened opened) {
      uid = Optional.of(opened.uid());
      platform = Optional.of(opened.platform());
    } else if (entry instanceof Entry.Requested requested) {
      take(requested.request());
    } else if (entry instanceof Entry.Decided decided) {
      take(record, decided);
    } else if (entry instanceof Entry.Applied applied) {
      underWay
          .filter(u -> u.decisionId().equals(applied.decisionId()))
          .ifPresent(u -> settle(record, u));
    } else if (entry instanceof Entry.Failed failed) {
      take(record, failed);
    } else if (entry instanceof Entry.Repaired) {
      stopped = false;
    } else if (entry instanceof Entry.PolicyChanged changed) {
      policyDigest = Optional.of(changed.to());
    } else if (entry instanceof Entry.Stopped) {
      stopped = true;
    } else if (entry instanceof Entry.Started) {
      startedAt = Optional.of(record.ts());
      tornDown = false;
    }
  }

  /** A retry is answered by being recorded, if there is anything to try again. */
  private void take(Request asked) {
    if (asked.kind() == Request.Kind.RETRY) {
      boolean was = unfit.isPresent();
      unfit = Optional.empty();
      was |= asked.release().map(refused::remove).isPresent();
      if (was) {
        return;
      }
    }
    requests.add(asked);
  }

  /** The most urgent first: what takes away before what brings. */
  private Optional<Request> request() {
    return requests.stream()
        .filter(r -> r.kind() == Request.Kind.TEARDOWN)
        .findFirst()
        .or(() -> requests.stream().filter(r -> r.kind() == Request.Kind.ROLLBACK).findFirst())
        .or(() -> requests.stream().findFirst());
  }

  private void answered(Optional<String> request) {
    request.ifPresent(id -> requests.removeIf(r -> r.id().equals(id)));
  }

  private void take(AuditRecord record, Entry.Decided decided) {
    generation = decided.generation();
    specDigest = decided.spec();
    State.Review review = new State.Review(record.ts(), decided);
    lastReview = Optional.of(review);
    decisions.add(0, review);
    while (decisions.size() > DECISIONS_KEPT) {
      decisions.remove(decisions.size() - 1);
    }
    failedReviews = decided.failedReviews();
    if (decided.grantedBy().isEmpty()) {
      unavailableSince =
          decided.verdict() != Verdict.UNAVAILABLE
              ? Optional.empty()
              : Optional.of(unavailableSince.orElse(record.ts()));
    }
    Transition transition = decided.transition();
    answered(transition.request());
    if (decided.verdict() == Verdict.ALLOWED && decided.enact()) {
      Permission permission = new Permission(decided.decisionId(), record.seq());
      underWay =
          Optional.of(
              new State.UnderWay(
                  decided.decisionId(), transition, record.ts(), decided.spec(), permission));
      retreatDue = Optional.empty();
      decided.grantedBy().ifPresent(by -> use(by, transition.kind()));
      decided
          .decision()
          .map(Decision::grants)
          .ifPresent(given -> hold(given, decided.decisionId(), record.seq()));
    }
  }

  private void use(String decisionId, TransitionKind kind) {
    grants.removeIf(held -> held.decisionId().equals(decisionId) && held.grant().kind() == kind);
  }

  private void hold(List<Grant> given, String decisionId, long at) {
    given.forEach(grant -> grants.add(new HeldGrant(grant, decisionId, at)));
  }

  private void take(AuditRecord record, Entry.Failed failed) {
    answered(failed.request());
    failed.refuses().ifPresent(refusal -> refused.put(refusal.release(), refusal));
    if (underWay.isPresent()
        && failed.decisionId().equals(Optional.of(underWay.get().decisionId()))) {
      State.UnderWay given = underWay.get();
      ended(record, given, "failed");
      retreatDue =
          leavesSomething(given.transition())
              ? Optional.of(
                  new State.FailedTransition(
                      given.decisionId(), given.transition(), failed.reason(), failed.message()))
              : Optional.empty();
      if (given.transition().kind() == TransitionKind.CONFIGURE
          && failed.reason().equals("Unhealthy")) {
        unfit = Optional.of(new State.Unfit(given.specDigest(), failed.message()));
      }
      underWay = Optional.empty();
    }
  }

  /** From a way back there is nothing to retreat from. */
  private boolean leavesSomething(Transition transition) {
    return transition.kind() != TransitionKind.ROLLBACK || transition.after().brings(admitted);
  }

  private void settle(AuditRecord record, State.UnderWay done) {
    Transition transition = done.transition();
    Admitted before = admitted;
    ended(record, done, "applied");
    admitted = transition.after();
    standing = Optional.of(done.permission());
    underWay = Optional.empty();
    stopped = false;
    transition.refuses().ifPresent(refusal -> refused.put(refusal.release(), refusal));
    remember(before, transition.kind());
    forgetGrants(transition.kind());
    if (!place(admitted).equals(place(before))) {
      candidateSince = admitted.candidate().map(c -> record.ts());
      boolean same =
          admitted.candidate().map(Candidate::id).equals(before.candidate().map(Candidate::id));
      candidateBorn = same ? candidateBorn : candidateSince;
      failedReviews = 0;
    }
    if (transition.kind() == TransitionKind.CONFIGURE) {
      unfit = Optional.empty();
    }
    tornDown = transition.kind() == TransitionKind.TEARDOWN;
    if (tornDown) {
      refused.clear();
      earlier.clear();
      unfit = Optional.empty();
    }
  }

  /** Which candidate at which step: what a step's time and its reviews are counted for. */
  private static Optional<String> place(Admitted admitted) {
    return admitted.candidate().map(c -> c.id() + "@" + c.step());
  }

  private void ended(AuditRecord record, State.UnderWay ended, String outcome) {
    Transition transition = ended.transition();
    recent.add(
        0,
        new State.Outcome(
            transition.kind(), transition.to(), outcome, record.ts(), ended.decisionId()));
    while (recent.size() > RECENT_KEPT) {
      recent.remove(recent.size() - 1);
    }
  }

  /**
   * The stable release before becomes the one to roll back to, unless it was refused. After a
   * rollback there is none, until another release is stable.
   */
  private void remember(Admitted before, TransitionKind kind) {
    Optional<ReleaseId> now = admitted.stable().map(StableRelease::id);
    if (kind == TransitionKind.ROLLBACK && !before.stable().map(StableRelease::id).equals(now)) {
      earlier.clear();
    }
    before
        .stable()
        .filter(old -> !now.equals(Optional.of(old.id())))
        .filter(old -> !refused.containsKey(old.id()))
        .ifPresent(old -> earlier.add(0, old));
    now.ifPresent(id -> earlier.removeIf(old -> old.id().equals(id)));
    while (earlier.size() > EARLIER_KEPT) {
      earlier.remove(earlier.size() - 1);
    }
  }

  /**
   * A retreat's grant is void once its release is settled, that is unless the release is still the
   * candidate; a teardown's stays while its release is stable.
   */
  private void forgetGrants(TransitionKind kind) {
    Optional<ReleaseId> candidate = admitted.candidate().map(Candidate::id);
    Optional<ReleaseId> stable = admitted.stable().map(StableRelease::id);
    grants.removeIf(
        held -> {
          Optional<ReleaseId> subject = Optional.of(held.grant().subject());
          boolean wanted =
              held.grant().kind() == TransitionKind.TEARDOWN
                  ? subject.equals(stable) || subject.equals(candidate)
                  : subject.equals(candidate);
          return kind == TransitionKind.TEARDOWN || !wanted;
        });
  }

  /** The state after the records taken so far. */
  public State state() {
    return new State(
        uid,
        platform,
        seq,
        generation,
        specDigest,
        admitted,
        standing,
        underWay,
        retreatDue,
        Map.copyOf(refused),
        List.copyOf(earlier),
        List.copyOf(grants),
        request(),
        lastReview,
        failedReviews,
        unavailableSince,
        candidateSince,
        candidateBorn,
        startedAt,
        stopped,
        tornDown,
        policyDigest,
        unfit,
        List.copyOf(recent),
        List.copyOf(decisions));
  }
}
