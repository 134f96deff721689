package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Step;
import dev.swiftdeploy.core.plan.TransitionKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * When to ask policy again, and which answers are news. The same question is asked again with
 * back-off (a candidate's next step at its interval), at once when spec or policy change; an answer
 * that repeats is counted, not written.
 */
final class Asking {
  private static final Duration MOST = Duration.ofSeconds(30);

  private String question = "";
  private String written = "";
  private String pending = "";
  private String quiet = "";
  private Instant quietSince = Instant.MIN;
  private Instant askAgain = Instant.MIN;
  private Duration pause = Duration.ZERO;
  private int repeated;
  private int failedReviews = -1;
  private String failedOf = "";
  private Instant failedAt = Instant.MIN;
  private Optional<Entry.Decided> last = Optional.empty();

  /** How long this question has to wait; zero: ask now. */
  Duration left(Step.Propose propose, String specDigest, Optional<String> policy, Instant now) {
    if (!question.equals(question(propose, specDigest, policy)) || !now.isBefore(askAgain)) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(now, askAgain);
    // A clock that was set back must not keep a question from being asked.
    return left.compareTo(pause) > 0 ? Duration.ZERO : left;
  }

  /** Ends the back-off. */
  void now() {
    askAgain = Instant.MIN;
  }

  /** Failed reviews in a row, those that were not written included. */
  int failedReviews(State state) {
    return failedReviews >= 0 && failedOf.equals(candidate(state))
        ? Math.max(failedReviews, state.failedReviews())
        : state.failedReviews();
  }

  /**
   * In an interval one failed review counts: an answer out of turn, because a person asked or
   * policy changed, is no further one.
   */
  Entry.Decided counted(Entry.Decided decided, int before, Duration every, Instant now) {
    if (decided.failedReviews() <= before) {
      return decided;
    }
    boolean outOfTurn = !now.isBefore(failedAt) && now.isBefore(failedAt.plus(every));
    if (outOfTurn && before > 0) {
      return decided.withFailedReviews(before);
    }
    failedAt = now;
    return decided;
  }

  int repeated() {
    return repeated;
  }

  Optional<Entry.Decided> last() {
    return last;
  }

  /**
   * Takes an answer; says whether it is news and so must be written.
   *
   * @param patience so long may wait what changes nothing; a quarter of it where a transition is
   *     due
   */
  boolean take(
      Step.Propose propose,
      Entry.Decided decided,
      String specDigest,
      Optional<String> policy,
      State state,
      Duration patience,
      Instant now) {
    String asked = question(propose, specDigest, policy);
    boolean again = asked.equals(question);
    question = asked;
    boolean steady =
        !propose.enact() || decided.verdict() == Verdict.ALLOWED || reviewed(propose, decided);
    pause = steady || !again ? propose.every() : longer(propose.every());
    askAgain = now.plus(pause);
    failedReviews = decided.failedReviews();
    failedOf = candidate(state);
    String answer = asked + " " + answer(decided);
    boolean news = !answer.equals(written) || decided.transition().request().isPresent();
    if (news
        && changesNothing(propose, decided, state)
        && waits(answer, propose.enact() ? patience.dividedBy(4) : patience, now)) {
      repeated++;
      return false;
    }
    if (news) {
      pending = answer;
      last = Optional.of(decided);
    } else {
      repeated++;
      // What is shown can be looked up: a repetition goes by the id that is on record.
      last = last.map(Entry.Decided::decisionId).map(decided::knownAs);
    }
    return news;
  }

  /**
   * Policy allowed what was asked before; and now it allows what is not to be enacted yet, or has
   * too little to go by.
   */
  private static boolean changesNothing(Step.Propose propose, Entry.Decided decided, State state) {
    boolean notYet = !propose.enact() && decided.verdict() == Verdict.ALLOWED;
    boolean tooLittle =
        reviewed(propose, decided)
            && decided
                .decision()
                .filter(decision -> !decision.failedReview() && !decision.rollback())
                .isPresent();
    return (notYet || tooLittle)
        && decided.transition().request().isEmpty()
        && state.failedReviews() == 0
        && state.unavailableSince().isEmpty()
        && state.lastReview().filter(r -> r.decided().verdict() == Verdict.ALLOWED).isPresent();
  }

  private boolean waits(String answer, Duration patience, Instant now) {
    if (!answer.equals(quiet)) {
      quiet = answer;
      quietSince = now;
    }
    return now.isBefore(quietSince.plus(patience));
  }

  /** The evidence of a candidate is another one each time, and its failed reviews are counted. */
  private static boolean reviewed(Step.Propose propose, Entry.Decided decided) {
    TransitionKind kind = propose.transition().kind();
    return decided.verdict() == Verdict.DENIED
        && (kind == TransitionKind.ADVANCE || kind == TransitionKind.PROMOTE);
  }

  /** The last answer is on record. */
  void recorded() {
    written = pending;
    counted();
  }

  /** A record holds how often the last answer was repeated. */
  void counted() {
    repeated = 0;
  }

  private Duration longer(Duration every) {
    Duration doubled = pause.multipliedBy(2);
    Duration most = every.compareTo(MOST) > 0 ? every : MOST;
    return doubled.compareTo(most) > 0 ? most : doubled;
  }

  private static String candidate(State state) {
    return state.admitted().candidate().map(c -> c.id() + "@" + state.candidateSince()).orElse("");
  }

  private static String question(Step.Propose propose, String specDigest, Optional<String> policy) {
    return propose.transition().key()
        + " "
        + propose.enact()
        + " "
        + specDigest
        + " "
        + policy.orElse("-");
  }

  private static String answer(Entry.Decided decided) {
    Optional<Decision> decision = decided.decision();
    String codes =
        decision
            .map(
                d ->
                    d.violations().stream()
                        .map(v -> v.policy() + "/" + v.code())
                        .collect(Collectors.joining(",")))
            .orElse("");
    String why = decided.unavailable().map(u -> u.kind().name()).orElse("");
    boolean rollback = decision.map(Decision::rollback).orElse(false);
    return decided.verdict() + " " + codes + " " + why + " " + rollback;
  }
}
