package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.evidence.Evidence;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Version;
import java.util.List;
import java.util.Optional;

/**
 * The stable release or the candidate, as it stands: what is wanted of it, what is there of it,
 * what it did.
 *
 * @param replicas wanted
 * @param ready how many of them are healthy
 * @param weight its wanted share of the traffic, in percent: once what is under way is done
 * @param actualWeight the share that the proxy gives it now, in percent; empty where there is no
 *     proxy that runs, or its route isn't known
 * @param metrics of the window that policy is shown; empty where it isn't read
 */
public record Side(
    ReleaseId release,
    Version version,
    Workload workload,
    int replicas,
    int ready,
    int weight,
    Optional<Integer> actualWeight,
    Optional<WorkloadMetrics> metrics) {

  /** What serves, or is on its way to. */
  public static Optional<Side> stable(
      State state, Observation observation, Optional<Evidence.Metrics> metrics) {
    return state
        .admitted()
        .stable()
        .or(() -> target(state).stable())
        .map(
            s ->
                side(
                    s.id(),
                    s.version(),
                    s.workload(),
                    s.replicas(),
                    state,
                    observation,
                    metrics.flatMap(Evidence.Metrics::stable)));
  }

  /** What is tried beside it, is about to be, or is about to go. */
  public static Optional<Side> candidate(
      State state, Observation observation, Optional<Evidence.Metrics> metrics) {
    return state
        .admitted()
        .candidate()
        .or(() -> target(state).candidate())
        .map(
            c ->
                side(
                    c.id(),
                    c.version(),
                    c.workload(),
                    c.replicas(),
                    state,
                    observation,
                    metrics.flatMap(Evidence.Metrics::candidate)));
  }

  private static Admitted target(State state) {
    return state.underWay().map(u -> u.transition().after()).orElse(state.admitted());
  }

  private static Side side(
      ReleaseId release,
      Version version,
      Workload workload,
      int replicas,
      State state,
      Observation observation,
      Optional<WorkloadMetrics> metrics) {
    boolean both =
        state.admitted().stable().filter(s -> s.id().equals(release)).isPresent()
            && state.admitted().candidate().filter(c -> c.id().equals(release)).isPresent();
    Optional<Route> route =
        observation.route().filter(ObservedRoute::running).flatMap(ObservedRoute::route);
    return new Side(
        release,
        version,
        workload,
        replicas,
        observation.find(workload).map(w -> w.healthy(replicas)).orElse(0),
        share(target(state).backends(), workload, both),
        route.map(r -> share(r.backends(), workload, both)),
        metrics);
  }

  /** In a promote the release goes on as another workload, unless it is on both sides. */
  private static int share(List<Backend> backends, Workload workload, boolean both) {
    return backends.stream()
        .filter(
            b ->
                both
                    ? b.workload().equals(workload)
                    : b.workload().release().equals(workload.release()))
        .mapToInt(Backend::weight)
        .sum();
  }
}
