package dev.swiftdeploy.core.status;

import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.loop.Told;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Answers of policy, for status. */
final class Decisions {
  private Decisions() {}

  static Status.DecisionStatus of(Entry.Decided decided, State state) {
    return new Status.DecisionStatus(
        decided.decisionId(),
        at(decided, state),
        decided.transition().kind().word(),
        decided.transition().label(),
        decided.enact(),
        decided.verdict().word(),
        Told.verdict(decided),
        decided.decision().map(Decision::violations).orElse(List.of()),
        decided.decision().map(Decision::failedReview).orElse(false),
        decided.unavailable().map(u -> u.kind().reason()),
        decided.unavailable().map(Unavailability::nextStep),
        decided.failedReviews(),
        state.recent().stream()
            .filter(o -> o.decisionId().equals(decided.decisionId()))
            .map(State.Outcome::outcome)
            .findFirst());
  }

  /** Of the question, as its input says: a repeated answer is newer than its record. */
  private static Optional<Instant> at(Entry.Decided decided, State state) {
    return decided
        .input()
        .flatMap(input -> instant(input.path("time").asText()))
        .or(
            () ->
                state.decisions().stream()
                    .filter(r -> r.decided().decisionId().equals(decided.decisionId()))
                    .map(State.Review::at)
                    .findFirst());
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
