package dev.swiftdeploy.core.plan;

import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedRoute;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.spec.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The one primitive by which anything is brought about: start beside, prove healthy, route, drain,
 * remove. Pure: from the state that should be, the one that was admitted before it and what is
 * there, the next effects.
 *
 * <p>On trial is what the target has and the state before it hasn't: a workload, more replicas, a
 * candidate's larger share. That is proven, all of it, before it gets traffic. What was admitted
 * before is not on trial again: its ailing instances hold up neither a way forward nor a way back.
 */
public final class Convergence {
  private static final String DRAIN = "requests in flight to end (drain)";

  private final Admitted target;
  private final Admitted before;
  private final Observation observation;
  private final Instant now;
  private final List<String> found = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final List<String> waiting = new ArrayList<>();

  /** What is waited for where something ails, on trial or not; and how each of it ails. */
  private final List<String> ailing = new ArrayList<>();

  private final List<String> ailments = new ArrayList<>();

  private boolean proven = true;

  private Convergence(Admitted target, Admitted before, Observation observation, Instant now) {
    this.target = target;
    this.before = before;
    this.observation = observation;
    this.now = now;
  }

  /**
   * What is next.
   *
   * @param found what is not as it should be, for people
   * @param effects to apply now, in this order; empty while something is waited for
   * @param waiting for what
   * @param ailing what does not do what it should, on trial or not
   * @param switched the proxy is configured as the target wants
   * @param proven what is on trial is healthy; once traffic is switched: some of it still is, or
   *     nothing else is there to go back to
   */
  public record Progress(
      List<String> found,
      List<Effect> effects,
      List<String> waiting,
      List<String> ailing,
      boolean switched,
      boolean proven) {
    public Progress {
      found = List.copyOf(found);
      effects = List.copyOf(effects);
      waiting = List.copyOf(waiting);
      ailing = List.copyOf(ailing);
    }

    /** All is as it should be. */
    public boolean done() {
      return effects.isEmpty() && waiting.isEmpty();
    }
  }

  /**
   * Towards a state that is being brought about, from the one that was admitted before. What stays
   * silent on trial is its deadline's matter; what was admitted before is restarted. Once traffic
   * is switched it is done when what is not wanted is gone; what ails then is to be repaired.
   */
  public static Progress towards(
      Admitted target, Admitted before, Observation observation, Instant now) {
    return new Convergence(target, before, observation, now).forward();
  }

  /**
   * Back to the state that was admitted. Instances of the stable release that were unhealthy for
   * longer than their deadline are restarted; a candidate's are not, it is judged for them.
   */
  public static Progress back(Admitted admitted, Observation observation, Instant now) {
    return new Convergence(admitted, admitted, observation, now).restore();
  }

  private Progress forward() {
    for (Backend backend : target.backends()) {
      boolean ails = start(backend);
      if (ails && onTrial(backend)) {
        proven = false;
      }
    }
    boolean switched = switched();
    if (switched) {
      proven = !(bringsSomething() && onlyOthersAnswer());
    }
    if (routedAsWanted() || (switched && !someTrafficCanBeServed())) {
      finish();
    } else {
      boolean may = switched || (proven && (mayBeSwitched() || nothingAnswers()));
      if (!may) {
        waiting.addAll(ailing);
      }
      route(may);
    }
    return new Progress(found, effects, waiting, ailments, switched, proven);
  }

  private Progress restore() {
    for (Backend backend : target.backends()) {
      start(backend);
    }
    waiting.addAll(ailing);
    if (!routedAsWanted()) {
      // Serving comes before completeness: without a proxy, what was admitted is routed to as soon
      // as some of it answers.
      route(mayBeSwitched());
    } else if (effects.isEmpty()) {
      List<Effect> removals = removals();
      if (draining() && !removals.isEmpty()) {
        waiting.add(DRAIN);
      } else {
        effects.addAll(removals);
      }
    }
    return new Progress(found, effects, waiting, ailments, switched(), proven);
  }

  /**
   * Traffic was switched; now what is not wanted goes, unless it is all that answers. What ails
   * then is to be repaired.
   */
  private void finish() {
    List<Effect> removals = removals();
    if (removals.isEmpty()) {
      proven = true;
      effects.clear();
    } else if (draining()) {
      waiting.add(DRAIN);
    } else if (!proven) {
      waiting.addAll(ailing);
    } else {
      effects.clear();
      effects.addAll(removals);
    }
  }

  private boolean bringsSomething() {
    return target.backends().stream().anyMatch(this::onTrial);
  }

  /** Whether it has to show itself healthy before it gets traffic. */
  private boolean onTrial(Backend backend) {
    Optional<Backend> earlier =
        before.backends().stream().filter(b -> b.workload().equals(backend.workload())).findFirst();
    return earlier.isEmpty()
        || earlier.get().replicas() < backend.replicas()
        || (backend.workload().mode() == Mode.CANARY && earlier.get().weight() < backend.weight());
  }

  /**
   * Whether a switch to the target takes no service away: what it sends more traffic to than now,
   * or to fewer instances, answers. Where nothing is served now, some of it has to answer.
   */
  private boolean mayBeSwitched() {
    return someTrafficCanBeServed()
        && (!servesNow() || target.backends().stream().allMatch(b -> answers(b) || !takesMore(b)));
  }

  private boolean answers(Backend backend) {
    return backend.weight() == 0 || healthy(backend) > 0;
  }

  private boolean takesMore(Backend backend) {
    Optional<Backend> now =
        routedNow().stream().filter(b -> b.workload().equals(backend.workload())).findFirst();
    return now.isEmpty()
        || now.get().weight() < backend.weight()
        || now.get().replicas() > backend.replicas();
  }

  private List<Backend> routedNow() {
    return observation.route().flatMap(ObservedRoute::route).map(Route::backends).orElse(List.of());
  }

  /** Where it can't be told what is routed now, whatever answers may be. */
  private boolean servesNow() {
    if (!observation.route().map(ObservedRoute::running).orElse(false)) {
      return false;
    }
    return routedNow().isEmpty()
        ? !nothingAnswers()
        : routedNow().stream().anyMatch(b -> b.weight() > 0 && healthy(b) > 0);
  }

  private int healthy(Backend backend) {
    return observation.find(backend.workload()).map(w -> w.healthy(backend.replicas())).orElse(0);
  }

  private boolean nothingAnswers() {
    return observation.workloads().stream()
        .flatMap(w -> w.instances().stream())
        .noneMatch(Instance::healthy);
  }

  private boolean onlyOthersAnswer() {
    return !someTrafficCanBeServed() && !nothingAnswers();
  }

  private boolean someTrafficCanBeServed() {
    return target.backends().stream().filter(b -> b.weight() > 0).anyMatch(b -> healthy(b) > 0);
  }

  private boolean draining() {
    return observation.route().map(ObservedRoute::draining).orElse(false);
  }

  /** Starts what is to be started; returns whether anything of it ails. */
  private boolean start(Backend backend) {
    Optional<ObservedWorkload> there = observation.find(backend.workload());
    int before = ailing.size();
    boolean start = false;
    for (int slot = 0; slot < backend.replicas(); slot++) {
      int wanted = slot;
      Optional<Instance> instance = there.flatMap(w -> instance(w, wanted));
      String name = backend.workload() + "/" + slot;
      if (instance.isEmpty()) {
        found.add(name + " is missing");
        ailing.add(name + " to start");
        ailments.add(name + " does not start");
        start = true;
      } else {
        start |= judge(name, backend, instance.get());
      }
    }
    if (start) {
      effects.add(new Effect.StartWorkload(backend.workload(), backend.replicas()));
    }
    return ailing.size() > before;
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
        ailing.add(name + " to start");
        ailments.add(name + " has exited" + detail);
        return true;
      }
      case BACKING_OFF -> {
        found.add(name + " has exited" + detail);
        ailing.add(name + " to be started again (backing off" + detail + ")");
        ailments.add(name + " has exited" + detail);
        return false;
      }
      case COMPLETED -> {
        found.add(name + " has ended and its restart policy leaves it so" + detail);
        ailing.add(name + ", which has ended" + detail);
        ailments.add(name + " has ended" + detail);
        return false;
      }
      case UNHEALTHY -> {
        ailing.add(name + " to be healthy" + detail);
        ailments.add(name + (detail.isEmpty() ? " does not answer" : detail));
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
    Optional<Duration> deadline =
        target
            .stable()
            .filter(s -> s.workload().equals(backend.workload()))
            .map(StableRelease::deadline);
    return deadline.isPresent()
        && !onTrial(backend)
        && instance.unhealthySince().isPresent()
        && Duration.between(instance.unhealthySince().get(), now).compareTo(deadline.get()) > 0;
  }

  /** The proxy is configured as wanted, whether or not it runs and knows where instances are. */
  private boolean switched() {
    Optional<ObservedRoute> there = observation.route();
    return there.isEmpty()
        ? target.route().isEmpty()
        : target.route().isPresent() && there.get().route().equals(target.route());
  }

  private boolean routedAsWanted() {
    return switched() && observation.route().map(r -> r.running() && r.current()).orElse(true);
  }

  private void route(boolean may) {
    Optional<Route> wanted = target.route();
    Optional<ObservedRoute> there = observation.route();
    if (wanted.isEmpty()) {
      found.add("a proxy is there");
      effects.add(new Effect.RemoveRoute());
      return;
    }
    found.add(otherwise(there, wanted.get()));
    if (may) {
      effects.add(new Effect.SetRoute(wanted.get()));
    } else {
      waiting.add(
          "traffic to be switched, once " + (proven ? "some of it" : "all") + " is healthy");
    }
  }

  private static String otherwise(Optional<ObservedRoute> there, Route wanted) {
    if (there.isEmpty()) {
      return "there is no proxy";
    }
    if (!there.get().running()) {
      return "the proxy does not run" + there.get().detail().map(d -> ": " + d).orElse("");
    }
    if (there.get().route().equals(Optional.of(wanted))) {
      return "the proxy's configuration is not up to date";
    }
    return "the proxy routes otherwise: "
        + there.get().route().map(Route::label).orElse("by a changed configuration");
  }

  /** What is there and not wanted: a candidate before a stable release. */
  private List<Effect> removals() {
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
    Collections.reverse(removals);
    return removals;
  }
}
