package dev.swiftdeploy.core.plan;

import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The one primitive by which anything is brought about: start beside, prove healthy, route, drain,
 * remove. Pure: from the state that should be and what is there, the next effects.
 */
public final class Convergence {
  private final Admitted target;
  private final Observation observation;
  private final Optional<Instant> now;
  private final List<String> found = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final List<String> waiting = new ArrayList<>();

  private Convergence(Admitted target, Observation observation, Optional<Instant> now) {
    this.target = target;
    this.observation = observation;
    this.now = now;
  }

  /**
   * What is next.
   *
   * @param found what is not as it should be, for people
   * @param effects to apply now, in this order; empty while something is waited for
   * @param waiting for what
   * @param switched the proxy routes as the target wants
   */
  public record Progress(
      List<String> found, List<Effect> effects, List<String> waiting, boolean switched) {
    public Progress {
      found = List.copyOf(found);
      effects = List.copyOf(effects);
      waiting = List.copyOf(waiting);
    }

    /** All is as it should be. */
    public boolean done() {
      return effects.isEmpty() && waiting.isEmpty();
    }
  }

  /** Towards a state that is being brought about; what stays silent is its deadline's matter. */
  public static Progress towards(Admitted target, Observation observation) {
    return new Convergence(target, observation, Optional.empty()).progress();
  }

  /**
   * Back to the state that was admitted; instances that were unhealthy for longer than their
   * deadline are restarted.
   */
  public static Progress back(Admitted admitted, Observation observation, Instant now) {
    return new Convergence(admitted, observation, Optional.of(now)).progress();
  }

  private Progress progress() {
    for (Backend backend : target.backends()) {
      start(backend);
    }
    boolean allHealthy = waiting.isEmpty() && effects.isEmpty();
    boolean switched = route(allHealthy);
    if (switched && allHealthy && effects.isEmpty()) {
      drainAndRemove();
    }
    return new Progress(found, effects, waiting, switched);
  }

  private void start(Backend backend) {
    Optional<ObservedWorkload> there = observation.find(backend.workload());
    boolean start = false;
    for (int slot = 0; slot < backend.replicas(); slot++) {
      int wanted = slot;
      Optional<Instance> instance = there.flatMap(w -> instance(w, wanted));
      String name = backend.workload() + "/" + slot;
      if (instance.isEmpty()) {
        found.add(name + " is missing");
        waiting.add(name + " to start");
        start = true;
      } else {
        start |= judge(name, backend, instance.get());
      }
    }
    if (start) {
      effects.add(new Effect.StartWorkload(backend.workload(), backend.replicas()));
    }
  }

  private static Optional<Instance> instance(ObservedWorkload workload, int slot) {
    return workload.instances().stream().filter(i -> i.slot() == slot).findFirst();
  }

  /** Whether that instance has to be started. */
  private boolean judge(String name, Backend backend, Instance instance) {
    String detail = instance.detail().map(d -> ": " + d).orElse("");
    switch (instance.state()) {
      case HEALTHY -> {
        return false;
      }
      case EXITED -> {
        found.add(name + " has exited" + detail);
        waiting.add(name + " to start");
        return true;
      }
      case BACKING_OFF -> {
        found.add(name + " has exited" + detail);
        waiting.add(name + " to be started again (backing off" + detail + ")");
        return false;
      }
      case COMPLETED -> {
        found.add(name + " has ended and its restart policy leaves it so" + detail);
        waiting.add(name + ", which has ended" + detail);
        return false;
      }
      case UNHEALTHY -> {
        waiting.add(name + " to be healthy" + detail);
        if (overdue(backend, instance)) {
          found.add(name + " runs and does not answer" + detail);
          effects.add(new Effect.RestartInstance(backend.workload(), instance.slot()));
        }
        return false;
      }
    }
    throw new IllegalStateException("unknown state " + instance.state());
  }

  private boolean overdue(Backend backend, Instance instance) {
    return now.isPresent()
        && instance.unhealthySince().isPresent()
        && Duration.between(instance.unhealthySince().get(), now.get()).compareTo(deadline(backend))
            > 0;
  }

  private Duration deadline(Backend backend) {
    return target
        .candidate()
        .filter(c -> c.workload().equals(backend.workload()))
        .map(Candidate::deadline)
        .or(() -> target.stable().map(StableRelease::deadline))
        .orElse(Duration.ZERO);
  }

  /** Returns whether traffic goes where the target wants it. */
  private boolean route(boolean allHealthy) {
    Optional<Route> wanted = target.route();
    Optional<ObservedRoute> there = observation.route();
    if (wanted.isEmpty()) {
      return withoutRoute(there);
    }
    if (there.isPresent()
        && there.get().running()
        && there.get().route().equals(wanted)
        && there.get().current()) {
      return true;
    }
    boolean serving = there.isPresent() && there.get().running();
    boolean onlyStale = serving && there.get().route().equals(wanted);
    // Serving comes before completeness: what was admitted is routed to as soon as some of it
    // answers, if there is no proxy, or if only instances moved.
    boolean may =
        allHealthy || (now.isPresent() && (!serving || onlyStale) && someTrafficCanBeServed());
    String what =
        there.isEmpty()
            ? "there is no proxy"
            : !serving
                ? "the proxy does not run" + there.get().detail().map(d -> ": " + d).orElse("")
                : onlyStale
                    ? "the proxy's configuration is not up to date"
                    : "the proxy routes otherwise: "
                        + there
                            .get()
                            .route()
                            .map(Route::label)
                            .orElse("by a changed configuration");
    found.add(what);
    if (may) {
      effects.add(new Effect.SetRoute(wanted.get()));
    } else {
      waiting.add("traffic to be switched, once all is healthy");
    }
    return false;
  }

  private boolean withoutRoute(Optional<ObservedRoute> there) {
    if (there.isPresent()) {
      found.add("a proxy is there");
      effects.add(new Effect.RemoveRoute());
      return false;
    }
    return true;
  }

  private boolean someTrafficCanBeServed() {
    return target.backends().stream()
        .filter(b -> b.weight() > 0)
        .anyMatch(
            b -> observation.find(b.workload()).map(w -> w.healthy(b.replicas())).orElse(0) > 0);
  }

  private void drainAndRemove() {
    List<Effect> removals = new ArrayList<>();
    for (ObservedWorkload there : observation.workloads()) {
      Optional<Backend> wanted =
          target.backends().stream().filter(b -> b.workload().equals(there.workload())).findFirst();
      if (wanted.isEmpty()) {
        found.add(there.workload() + " is not wanted");
        removals.add(new Effect.RemoveWorkload(there.workload()));
      } else if (there.instances().stream().anyMatch(i -> i.slot() >= wanted.get().replicas())) {
        found.add(there.workload() + " has more than " + wanted.get().replicas() + " replicas");
        removals.add(new Effect.ScaleDown(there.workload(), wanted.get().replicas()));
      }
    }
    Collections.reverse(removals); // canary before stable
    if (removals.isEmpty()) {
      return;
    }
    if (observation.route().map(ObservedRoute::draining).orElse(false)) {
      waiting.add("requests in flight to end (drain)");
    } else {
      effects.addAll(removals);
    }
  }
}
