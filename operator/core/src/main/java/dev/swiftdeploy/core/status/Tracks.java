package dev.swiftdeploy.core.status;

import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.loop.Side;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Both sides of a canary, for status. */
final class Tracks {
  private static final double THOUSANDTHS = 1000;

  private Tracks() {}

  static Status.Track stable(Side side) {
    return track(side, Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  /** The step of one that is only on its way is that of what is under way. */
  static Status.Track candidate(Side side, Spec spec, State state) {
    List<Spec.CanaryStep> steps = spec.canary().candidateSteps();
    Optional<Candidate> admitted = state.admitted().candidate();
    Optional<Integer> step =
        admitted
            .map(Candidate::step)
            .or(() -> state.underWay().flatMap(u -> u.transition().step()));
    Optional<Instant> since = admitted.flatMap(c -> state.candidateSince());
    return track(
        side,
        step,
        steps.stream().map(Spec.CanaryStep::weight).toList(),
        since,
        since.flatMap(
            at -> step.filter(s -> s < steps.size()).map(s -> at.plus(steps.get(s).hold()))));
  }

  private static Status.Track track(
      Side side,
      Optional<Integer> step,
      List<Integer> weights,
      Optional<Instant> since,
      Optional<Instant> holdUntil) {
    return new Status.Track(
        side.release().value(),
        side.version().value(),
        side.workload().name(),
        side.replicas(),
        side.ready(),
        side.weight(),
        side.actualWeight(),
        step.map(s -> s + 1),
        step.map(s -> weights.size()),
        weights,
        since,
        holdUntil,
        side.metrics().flatMap(Tracks::perSecond),
        side.metrics());
  }

  private static Optional<Double> perSecond(WorkloadMetrics metrics) {
    Double requests = metrics.requests();
    if (requests == null || metrics.windowSeconds() <= 0) {
      return Optional.empty();
    }
    double rate = requests / metrics.windowSeconds();
    return Optional.of(Math.round(rate * THOUSANDTHS) / THOUSANDTHS);
  }
}
