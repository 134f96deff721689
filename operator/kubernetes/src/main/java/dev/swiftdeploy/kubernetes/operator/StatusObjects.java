package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Renders a status as the API server holds it. Pure. */
final class StatusObjects {
  private static final int MOST_DECISIONS = 5;

  private StatusObjects() {}

  /**
   * Renders.
   *
   * @param generation of the resource that the tick was given
   * @param last the last answer of policy, with what it was shown
   * @param url where the proxy answers inside of the cluster
   * @param before what stands there now: a condition that stays keeps its time
   */
  static SwiftDeployStatus render(
      Status status,
      Optional<Entry.Decided> last,
      long generation,
      String url,
      @Nullable SwiftDeployStatus before,
      Instant now) {
    List<SwiftDeployStatus.Condition> conditions = new ArrayList<>();
    for (Condition condition : status.conditions()) {
      conditions.add(condition(condition, generation, before, now));
    }
    return new SwiftDeployStatus(
        generation,
        conditions,
        status.mode(),
        status.version(),
        weight(status.version(), status.candidate(), status.stable()).orElse(null),
        status.candidate().flatMap(StatusObjects::step).orElse(null),
        status.lastDecision().map(d -> capitalized(d.verdict())).orElse(null),
        status.url().isPresent() ? url : null,
        status.stable().map(StatusObjects::track).orElse(null),
        status.candidate().map(StatusObjects::track).orElse(null),
        status
            .route()
            .map(
                r ->
                    new SwiftDeployStatus.Route(
                        r.weights().orElse(null), r.current(), r.draining()))
            .orElse(null),
        status
            .underWay()
            .map(
                u ->
                    new SwiftDeployStatus.UnderWay(
                        u.decision(), u.transition(), ReviewObjects.second(u.since())))
            .orElse(null),
        new SwiftDeployStatus.Waiting(
            status.next().rule(), status.next().why(), status.next().step()),
        status.lastDecision().map(answer -> ReviewObjects.review(answer, last)).orElse(null),
        ReviewObjects.decisions(status.decisions(), MOST_DECISIONS),
        status.refused().stream()
            .map(r -> new SwiftDeployStatus.Refused(r.release().value(), r.message()))
            .toList(),
        status.rollbackTo().orElse(null),
        new SwiftDeployStatus.PolicyUsed(
            status.policy().engine(),
            status.policy().digest().orElse(null),
            status.policy().problem().orElse(null)),
        new SwiftDeployStatus.ChainEnd(
            status.chain().seq(), status.chain().head(), status.chain().damage().orElse(null)));
  }

  /** The status of a resource that can't even be read. */
  static SwiftDeployStatus unreadable(
      String problem, long generation, @Nullable SwiftDeployStatus before, Instant now) {
    List<SwiftDeployStatus.Condition> conditions = new ArrayList<>();
    for (String type : List.of("Ready", "Reconciling", "Stalled")) {
      Condition.Status is = type.equals("Stalled") ? Condition.Status.TRUE : Condition.Status.FALSE;
      conditions.add(
          condition(new Condition(type, is, "SpecInvalid", problem), generation, before, now));
    }
    return new SwiftDeployStatus(
        generation,
        conditions,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private static SwiftDeployStatus.Condition condition(
      Condition condition, long generation, @Nullable SwiftDeployStatus before, Instant now) {
    String is = capitalized(condition.status().name());
    return new SwiftDeployStatus.Condition(
        condition.type(),
        is,
        generation,
        since(condition.type(), is, before).orElseGet(() -> ReviewObjects.second(now)),
        condition.reason(),
        condition.message());
  }

  private static Optional<String> since(
      String type, String is, @Nullable SwiftDeployStatus before) {
    List<SwiftDeployStatus.Condition> last =
        before == null || before.conditions() == null ? List.of() : before.conditions();
    return last.stream()
        .filter(c -> c.type().equals(type) && c.status().equals(is))
        .findFirst()
        .map(SwiftDeployStatus.Condition::lastTransitionTime);
  }

  private static Optional<String> step(Status.Track track) {
    return track.step().flatMap(step -> track.steps().map(of -> step + "/" + of));
  }

  private static SwiftDeployStatus.Track track(Status.Track track) {
    return new SwiftDeployStatus.Track(
        track.release(),
        track.version(),
        track.replicas(),
        track.ready(),
        track.weight(),
        track.actualWeight().orElse(null),
        track.holdUntil().map(ReviewObjects::second).orElse(null));
  }

  /** What the declared version gets of the traffic: nothing while policy keeps it out. */
  static Optional<Integer> weight(
      String version, Optional<Status.Track> candidate, Optional<Status.Track> stable) {
    List<Status.Track> tracks = Stream.of(candidate, stable).flatMap(Optional::stream).toList();
    return tracks.isEmpty()
        ? Optional.empty()
        : tracks.stream()
            .filter(track -> track.version().equals(version))
            .map(Status.Track::weight)
            .findFirst()
            .or(() -> Optional.of(0));
  }

  static String capitalized(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT)
        + word.substring(1).toLowerCase(Locale.ROOT);
  }
}
