package dev.swiftdeploy.core.plan;

import static dev.swiftdeploy.core.plan.Rule.answer;

import dev.swiftdeploy.core.release.ReleaseId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a person asks once. */
final class RequestRules {
  private RequestRules() {}

  static Optional<Rule.Answer> teardown(PlanInput in) {
    Optional<Request> asked = asked(in, Request.Kind.TEARDOWN);
    boolean deleted = in.desired().deleted() && !nothingLeft(in);
    if ((asked.isEmpty() && !deleted) || in.state().tornDown()) {
      return Optional.empty();
    }
    Transition teardown =
        Proposals.teardown(in.state(), asked.isPresent() ? Cause.PERSON : Cause.SPEC, asked);
    Optional<ReleaseId> stable = in.state().admitted().stable().map(StableRelease::id);
    return answer(
        Standing.RECONCILING,
        asked.isPresent() ? "a person asked for a teardown" : "the resource is deleted",
        Proposals.granted(in.state(), teardown, stable));
  }

  static Optional<Rule.Answer> tornDown(PlanInput in) {
    boolean gone = in.desired().deleted() && nothingLeft(in);
    if (!in.state().tornDown() && !gone) {
      return Optional.empty();
    }
    return in.observation().nothing()
        ? answer(Standing.READY, "it was torn down", new Step.Rest())
        : answer(
            Standing.RECONCILING,
            "it was torn down, and something is left to remove",
            Step.Wait.until(Duration.ofSeconds(1)));
  }

  private static boolean nothingLeft(PlanInput in) {
    return in.state().admitted().nothing() && in.observation().nothing();
  }

  static Optional<Rule.Answer> unusable(PlanInput in) {
    if (in.state().request().isEmpty()) {
      return Optional.empty();
    }
    Request request = in.state().request().get();
    return whyUnusable(in, request)
        .flatMap(
            message -> answer(Standing.RECONCILING, message, new Step.Dismiss(request, message)));
  }

  private static Optional<String> whyUnusable(PlanInput in, Request request) {
    boolean candidate = in.state().admitted().candidate().isPresent();
    return switch (request.kind()) {
      case ROLLBACK ->
          candidate || target(in).isPresent()
              ? Optional.empty()
              : Optional.of(
                  "there is nothing to roll back to: no earlier release that isn't refused");
      case PROMOTE_NOW -> whyNotPromoted(in, candidate);
      case TEARDOWN -> Optional.of("it was torn down already");
      case RETRY ->
          Optional.of(
              request
                  .release()
                  .map(id -> "release " + id + " is not refused")
                  .orElse("there is nothing to try again"));
    };
  }

  private static Optional<String> whyNotPromoted(PlanInput in, boolean candidate) {
    if (!candidate) {
      return Optional.of("there is no candidate to promote");
    }
    if (in.desired().spec().paused()) {
      return Optional.of("it is paused: no transition is started");
    }
    return in.desired().release().isPresent()
        ? Optional.empty()
        : Optional.of("what the spec asks for can't be resolved: nothing is promoted");
  }

  static Optional<Rule.Answer> rollbackCandidate(PlanInput in) {
    Optional<Request> asked = asked(in, Request.Kind.ROLLBACK);
    Optional<Candidate> candidate = in.state().admitted().candidate();
    if (asked.isEmpty() || candidate.isEmpty()) {
      return Optional.empty();
    }
    Refusal refusal = refusal(candidate.get().id(), asked.get());
    Transition back =
        Proposals.rollbackCandidate(in.state(), Cause.PERSON, Optional.of(refusal))
            .answering(asked.get());
    return answer(
        Standing.RECONCILING,
        told(refusal),
        Proposals.granted(in.state(), back, Optional.of(candidate.get().id())));
  }

  static Optional<Rule.Answer> rollbackStable(PlanInput in) {
    Optional<Request> asked = asked(in, Request.Kind.ROLLBACK);
    Optional<StableRelease> present = in.state().admitted().stable();
    Optional<StableRelease> target = target(in);
    if (asked.isEmpty() || present.isEmpty() || target.isEmpty()) {
      return Optional.empty();
    }
    Refusal refusal = refusal(present.get().id(), asked.get());
    Transition back = Proposals.rollbackStable(in.state(), target.get(), refusal, asked.get());
    return answer(
        Standing.RECONCILING,
        told(refusal) + ", back to " + target.get().label(),
        Proposals.granted(in.state(), back, Optional.of(present.get().id())));
  }

  private static Optional<StableRelease> target(PlanInput in) {
    List<StableRelease> earlier = in.state().earlier();
    return earlier.stream().filter(r -> !in.state().refused().containsKey(r.id())).findFirst();
  }

  private static Refusal refusal(ReleaseId release, Request request) {
    String reason = request.reason().isBlank() ? "" : ": " + request.reason();
    return new Refusal(release, "RolledBack", "rolled back by " + request.actor() + reason);
  }

  private static String told(Refusal refusal) {
    return "release " + refusal.release() + " " + refusal.message();
  }

  static Optional<Request> asked(PlanInput in, Request.Kind kind) {
    return in.state().request().filter(r -> r.kind() == kind);
  }
}
