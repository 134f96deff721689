package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.plan.Rule.answer;

import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The rows of the table that have a candidate. */
final class CandidateRules {
  private CandidateRules() {}

  static Optional<Rule.Answer> unhealthyGranted(PlanInput in) {
    return unhealthyAsked(in).filter(a -> a.step() instanceof Step.UseGrant);
  }

  static Optional<Rule.Answer> unhealthyAsked(PlanInput in) {
    return candidate(in)
        .filter(c -> overdue(in, c))
        .flatMap(
            c -> {
              String message =
                  "release "
                      + c.id()
                      + " unhealthy for more than "
                      + c.deadline().toSeconds()
                      + " s";
              return back(
                  in, c, Cause.UNHEALTHY, Optional.of(refuse(c, "Unhealthy", message)), message);
            });
  }

  private static boolean overdue(PlanInput in, Candidate candidate) {
    return in.observation().find(candidate.workload()).stream()
        .flatMap(w -> w.instances().stream())
        .filter(i -> !i.healthy())
        .map(Instance::unhealthySince)
        .flatMap(Optional::stream)
        .anyMatch(since -> in.now().isAfter(since.plus(candidate.deadline())));
  }

  static Optional<Rule.Answer> ordered(PlanInput in) {
    return candidate(in)
        .flatMap(
            c -> order(in, c).flatMap(r -> back(in, c, Cause.POLICY, Optional.of(r), r.message())));
  }

  /** The last decision orders it, or was about the rollback that was ordered. */
  private static Optional<Refusal> order(PlanInput in, Candidate candidate) {
    Optional<Entry.Decided> last = in.state().lastReview().map(State.Review::decided);
    Optional<Refusal> asked =
        last.map(Entry.Decided::transition)
            .filter(t -> t.kind() == TransitionKind.ROLLBACK && t.cause() == Cause.POLICY)
            .filter(t -> t.from().equals(Optional.of(candidate.id())))
            .flatMap(Transition::refuses);
    return asked.or(
        () ->
            last.filter(d -> d.transition().to().equals(Optional.of(candidate.id())))
                .flatMap(Entry.Decided::decision)
                .filter(Decision::rollback)
                .map(
                    d ->
                        refuse(
                            candidate,
                            "PolicyOrderedRollback",
                            "policy orders the rollback of release "
                                + candidate.id()
                                + reasons(d))));
  }

  private static String reasons(Decision decision) {
    List<String> messages = decision.violations().stream().map(Violation::message).toList();
    return messages.isEmpty() ? "" : ": " + String.join("; ", messages);
  }

  static Optional<Rule.Answer> unavailable(PlanInput in) {
    Optional<Instant> since = in.state().unavailableSince();
    return candidate(in)
        .filter(c -> since.isPresent() && grantedAfter(in, c, in.waitedSince(since.get())))
        .flatMap(
            c ->
                back(
                    in,
                    c,
                    Cause.UNAVAILABLE_FOR,
                    Optional.empty(),
                    "policy could not be asked since " + since.orElseThrow()));
  }

  private static boolean grantedAfter(PlanInput in, Candidate candidate, Instant since) {
    return in.state()
        .grantFor(
            TransitionKind.ROLLBACK,
            Optional.of(candidate.id()),
            in.state().admitted().stable().map(StableRelease::id),
            Cause.UNAVAILABLE_FOR)
        .flatMap(held -> held.grant().unavailableFor())
        .filter(time -> !in.now().isBefore(since.plus(time)))
        .isPresent();
  }

  /** A / B / A, A / B / C, A / A′ / B. */
  static Optional<Rule.Answer> unwanted(PlanInput in) {
    Optional<ReleaseId> wanted = in.desired().release().map(Release::id);
    return candidate(in)
        .filter(c -> !wanted.equals(Optional.of(c.id())))
        .flatMap(
            c ->
                back(
                    in,
                    c,
                    Cause.SPEC,
                    Optional.empty(),
                    "the spec asks for release " + wanted.map(ReleaseId::value).orElse("none")));
  }

  static Optional<Rule.Answer> promoteNow(PlanInput in) {
    Optional<Request> asked = RequestRules.asked(in, Request.Kind.PROMOTE_NOW);
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    return candidate(in)
        .flatMap(
            c ->
                answer(
                    Standing.RECONCILING,
                    "a person asked to promote release " + c.id() + " now",
                    new Step.Propose(
                        Proposals.promote(
                                in.desired(),
                                in.state(),
                                Cause.PERSON,
                                !holdIsOver(in, c) || !last(in, c))
                            .answering(asked.get()),
                        true,
                        interval(in))));
  }

  /** A / A′ / A, mode back to stable. */
  static Optional<Rule.Answer> promoteBack(PlanInput in) {
    return candidate(in)
        .filter(c -> sameAsStable(in, c) && mode(in) == Mode.STABLE)
        .flatMap(
            c ->
                answer(
                    Standing.RECONCILING,
                    "the spec's mode is stable again",
                    new Step.Propose(
                        Proposals.promote(in.desired(), in.state(), Cause.SPEC, false),
                        true,
                        interval(in))));
  }

  static Optional<Rule.Answer> hold(PlanInput in) {
    return candidate(in)
        .filter(c -> !holdIsOver(in, c) || (last(in, c) && mode(in) == Mode.CANARY))
        .flatMap(
            c -> {
              boolean isLast = last(in, c);
              Transition next =
                  isLast
                      ? Proposals.promote(in.desired(), in.state(), Cause.SPEC, false)
                      : Proposals.advance(in.desired(), in.state());
              boolean forPerson = isLast && mode(in) == Mode.CANARY;
              String why =
                  forPerson
                      ? "release " + c.id() + " is held at " + c.weight() + " %: mode is canary"
                      : "release "
                          + c.id()
                          + " is held at "
                          + c.weight()
                          + " % until "
                          + holdEnd(in, c);
              return answer(
                  forPerson ? Standing.READY : Standing.RECONCILING,
                  why,
                  reviewed(in, next, false));
            });
  }

  static Optional<Rule.Answer> advance(PlanInput in) {
    return candidate(in)
        .filter(c -> !last(in, c))
        .flatMap(
            c ->
                answer(
                    Standing.RECONCILING,
                    "the hold of step " + (c.step() + 1) + " is over",
                    reviewed(in, Proposals.advance(in.desired(), in.state()), true)));
  }

  static Optional<Rule.Answer> promote(PlanInput in) {
    return candidate(in)
        .flatMap(
            c ->
                answer(
                    Standing.RECONCILING,
                    "release " + c.id() + " has been through all steps",
                    reviewed(
                        in, Proposals.promote(in.desired(), in.state(), Cause.SPEC, false), true)));
  }

  /** Each interval, and so for the first time when the step is one old: there is evidence then. */
  private static Step reviewed(PlanInput in, Transition next, boolean enact) {
    Instant since = in.state().candidateSince().orElse(in.now());
    Instant first = since.plus(interval(in));
    // A clock that was set back must not keep a candidate from being reviewed.
    boolean young = !in.now().isBefore(since) && in.now().isBefore(first);
    return young
        ? Step.Wait.until(Duration.between(in.now(), first))
        : new Step.Propose(next, enact, interval(in));
  }

  private static Optional<Candidate> candidate(PlanInput in) {
    return in.state().admitted().candidate();
  }

  private static Mode mode(PlanInput in) {
    return in.desired().spec().services().mode();
  }

  private static Duration interval(PlanInput in) {
    return in.desired().spec().canary().analysisInterval();
  }

  private static boolean sameAsStable(PlanInput in, Candidate candidate) {
    return in.state().admitted().stable().map(s -> s.id().equals(candidate.id())).orElse(false);
  }

  private static boolean last(PlanInput in, Candidate candidate) {
    return candidate.step() >= in.desired().spec().canary().candidateSteps().size() - 1;
  }

  private static boolean holdIsOver(PlanInput in, Candidate candidate) {
    return !in.now().isBefore(holdEnd(in, candidate));
  }

  private static Instant holdEnd(PlanInput in, Candidate candidate) {
    List<Spec.CanaryStep> steps = in.desired().spec().canary().candidateSteps();
    Duration hold =
        candidate.step() < steps.size() ? steps.get(candidate.step()).hold() : Duration.ZERO;
    return in.state().candidateSince().orElse(in.now()).plus(hold);
  }

  private static Refusal refuse(Candidate candidate, String reason, String message) {
    return new Refusal(candidate.id(), reason, message);
  }

  private static Optional<Rule.Answer> back(
      PlanInput in, Candidate candidate, Cause cause, Optional<Refusal> refuses, String why) {
    Transition back = Proposals.rollbackCandidate(in.state(), cause, refuses);
    return answer(
        Standing.RECONCILING,
        why,
        Proposals.granted(in.state(), back, Optional.of(candidate.id())));
  }
}
