package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.RestartPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A machine in memory, on a clock that the test moves. Obeys {@code PlatformContract}; does what is
 * asked of it, when time has passed, unless a fault says otherwise. It holds nothing that a daemon
 * would lose, so it also stands for the platform of a daemon that comes back.
 *
 * <p>By default an instance is healthy 2 s after its start, and gone 1 s after it was asked to end;
 * requests in flight take 1 s to drain after a change of the route.
 */
public final class FakePlatform implements Platform {
  private static final Duration STARTS_IN = Duration.ofSeconds(2);
  private static final Duration ENDS_IN = Duration.ofSeconds(1);
  private static final Duration DRAINS_IN = Duration.ofSeconds(1);
  private static final Duration BACK_OFF_MOST = Duration.ofSeconds(30);
  private static final Duration BACK_OFF_RESET = Duration.ofSeconds(60);

  private final Clock clock;
  private final ReleaseStore releases;
  private final Map<Workload, SortedMap<Integer, Fake>> workloads = new HashMap<>();
  private final Map<ReleaseId, Fault> faults = new HashMap<>();
  private final List<Applied> applied = new ArrayList<>();
  private Optional<FakeProxy> proxy = Optional.empty();
  private Predicate<Effect> refused = effect -> false;
  private boolean unreachable;
  private boolean portsMove;
  private Duration drainsIn = DRAINS_IN;
  private Duration endsIn = ENDS_IN;
  private int nextPort = 3000;

  /** What was done, in order, with what it rested on. */
  public record Applied(Instant at, Effect effect, Permission permission) {}

  private record Fault(boolean healthy, OptionalInt endsWith) {}

  private static final Fault NONE = new Fault(true, OptionalInt.empty());

  private static final class Fake {
    int port;
    int starts;
    int failures;
    Instant started = Instant.EPOCH;
    Fault fault = NONE;
    Optional<Instant> silent = Optional.empty();
    Optional<Instant> asked = Optional.empty();
    Optional<Instant> ended = Optional.empty();
    String how = "";
    OptionalInt code = OptionalInt.empty();
  }

  private static final class FakeProxy {
    Route route;
    Map<Workload, List<Integer>> ports;
    boolean running = true;
    boolean edited;
    Instant drained;

    FakeProxy(Route route, Map<Workload, List<Integer>> ports, Instant drained) {
      this.route = route;
      this.ports = ports;
      this.drained = drained;
    }
  }

  public FakePlatform(Clock clock, ReleaseStore releases) {
    this.clock = clock;
    this.releases = releases;
  }

  // ---- faults ----

  /** From their next start on, this release's instances never get healthy. */
  public void neverHealthy(ReleaseId release) {
    faults.put(release, new Fault(false, OptionalInt.empty()));
  }

  /** From their next start on, this release's instances end after a second, with this code. */
  public void ends(ReleaseId release, int code) {
    faults.put(release, new Fault(false, OptionalInt.of(code)));
  }

  /** From their next start on, this release's instances are well. */
  public void well(ReleaseId release) {
    faults.remove(release);
  }

  /** Ends a running instance without notice. */
  public void kill(Workload workload, int slot) {
    Fake fake = running(workload, slot);
    end(fake, now(), OptionalInt.of(137));
  }

  /** A running instance answers no more, until it is started anew. */
  public void hang(Workload workload, int slot) {
    running(workload, slot).silent = Optional.of(now());
  }

  /** A silent instance answers again. */
  public void answer(Workload workload, int slot) {
    running(workload, slot).silent = Optional.empty();
  }

  /** Everything of a workload is gone, as if somebody had removed it by hand. */
  public void lose(Workload workload) {
    workloads.remove(workload);
  }

  /** The proxy's process ends without notice. */
  public void killProxy() {
    proxy.orElseThrow().running = false;
  }

  /** Somebody edits the proxy's configuration. */
  public void editProxy() {
    proxy.orElseThrow().edited = true;
  }

  /** Effects that this holds for fail, until {@link #refuseNothing}. */
  public void refuse(Predicate<Effect> effects) {
    refused = effects;
  }

  public void refuseNothing() {
    refused = effect -> false;
  }

  /** While true, the platform neither sees nor does anything. */
  public void unreachable(boolean now) {
    unreachable = now;
  }

  /** While true, an instance that is started again comes up on another port. */
  public void portsMove(boolean now) {
    portsMove = now;
  }

  /** How long requests in flight take to end after a change of the route. */
  public void drainsIn(Duration time) {
    drainsIn = time;
  }

  /** How long an instance takes to end when it is asked to. */
  public void endsIn(Duration time) {
    endsIn = time;
  }

  // ---- what a test looks at ----

  /** All effects that were brought about, in order. */
  public List<Applied> applied() {
    return List.copyOf(applied);
  }

  /** The texts of all effects that were brought about, in order. */
  public List<String> appliedTexts() {
    return applied.stream().map(a -> a.effect().text()).toList();
  }

  /** Whether a request to the proxy is answered now, to whichever backend its weight sends it. */
  public boolean serves() {
    return proxy
        .filter(p -> p.running && p.route.backends().stream().allMatch(b -> serves(p, b)))
        .isPresent();
  }

  private boolean serves(FakeProxy p, Backend backend) {
    return backend.weight() == 0
        || p.ports.getOrDefault(backend.workload(), List.of()).stream()
            .anyMatch(port -> answers(backend.workload(), port));
  }

  private boolean answers(Workload workload, int port) {
    return slots(workload).values().stream()
        .anyMatch(f -> f.port == port && state(workload, f) == State.HEALTHY);
  }

  // ---- the platform ----

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public Observation observe() {
    reachable();
    List<ObservedWorkload> seen = new ArrayList<>();
    workloads.forEach(
        (workload, slots) -> {
          List<Instance> instances = new ArrayList<>();
          slots.forEach((slot, fake) -> instances.add(instance(workload, slot, fake)));
          seen.add(new ObservedWorkload(workload, instances));
        });
    return new Observation(seen, proxy.map(this::observe));
  }

  private Instance instance(Workload workload, int slot, Fake fake) {
    State state = state(workload, fake);
    Optional<Instant> unhealthySince = Optional.empty();
    Optional<String> detail = Optional.empty();
    switch (state) {
      case UNHEALTHY -> {
        unhealthySince = fake.asked.or(() -> fake.silent).or(() -> Optional.of(fake.started));
        detail = Optional.of(fake.asked.isPresent() ? "is ending" : "GET /healthz: no answer");
      }
      case EXITED, BACKING_OFF, COMPLETED -> detail = Optional.of(fake.how);
      case HEALTHY -> {}
    }
    return new Instance(
        slot,
        state,
        Optional.of("127.0.0.1:" + fake.port),
        fake.starts - 1,
        unhealthySince,
        detail);
  }

  private ObservedRoute observe(FakeProxy p) {
    boolean current = p.running && !p.edited && p.ports.equals(ports(p.route));
    return new ObservedRoute(
        p.running,
        p.edited ? Optional.empty() : Optional.of(p.route),
        current,
        p.running && now().isBefore(p.drained),
        p.running ? Optional.empty() : Optional.of("the proxy was killed"));
  }

  @Override
  public void apply(Effect effect, Permission permission) {
    reachable();
    if (refused.test(effect)) {
      throw new PlatformException("could not " + effect.text(), "stop refusing it");
    }
    if (effect instanceof Effect.StartWorkload start) {
      start(start.workload(), start.replicas());
    } else if (effect instanceof Effect.RestartInstance restart) {
      Optional.ofNullable(slots(restart.workload()).get(restart.slot())).ifPresent(this::ask);
    } else if (effect instanceof Effect.ScaleDown scale) {
      remove(scale.workload(), scale.replicas());
    } else if (effect instanceof Effect.RemoveWorkload remove) {
      remove(remove.workload(), 0);
      if (slots(remove.workload()).isEmpty()) {
        workloads.remove(remove.workload());
      }
    } else if (effect instanceof Effect.SetRoute set) {
      route(set.route());
    } else if (effect instanceof Effect.RemoveRoute) {
      proxy = Optional.empty();
    }
    applied.add(new Applied(now(), effect, permission));
  }

  private void reachable() {
    if (unreachable) {
      throw new PlatformException("the machine does not answer", "make it reachable");
    }
  }

  private void start(Workload workload, int replicas) {
    if (releases.get(workload.release()).isEmpty()) {
      throw new PlatformException(
          "release " + workload.release() + " is not kept here", "deploy it again");
    }
    SortedMap<Integer, Fake> slots = workloads.computeIfAbsent(workload, w -> new TreeMap<>());
    for (int slot = 0; slot < replicas; slot++) {
      Fake fake = slots.computeIfAbsent(slot, s -> new Fake());
      if (fake.starts == 0 || state(workload, fake) == State.EXITED) {
        run(workload, fake);
      }
    }
  }

  private void run(Workload workload, Fake fake) {
    fake.failures = fake.ended.isEmpty() || ranLong(fake) ? 0 : fake.failures + 1;
    if (fake.port == 0 || portsMove) {
      fake.port = nextPort++;
    }
    fake.starts++;
    fake.started = now();
    fake.fault = faults.getOrDefault(workload.release(), NONE);
    fake.silent = Optional.empty();
    fake.asked = Optional.empty();
    fake.ended = Optional.empty();
    fake.code = OptionalInt.empty();
  }

  private static boolean ranLong(Fake fake) {
    return fake.fault.healthy()
        && fake.started.plus(STARTS_IN).plus(BACK_OFF_RESET).isBefore(fake.ended.orElseThrow());
  }

  /** Asks an instance to end; asking again is no change. */
  private void ask(Fake fake) {
    if (fake.ended.isEmpty() && fake.asked.isEmpty()) {
      fake.asked = Optional.of(now());
    }
  }

  private void remove(Workload workload, int replicas) {
    SortedMap<Integer, Fake> doomed = slots(workload).tailMap(replicas);
    doomed.values().forEach(this::ask);
    doomed.values().removeIf(fake -> !runs(fake));
  }

  private void route(Route route) {
    Map<Workload, List<Integer>> ports = ports(route);
    for (Backend backend : route.backends()) {
      if (backend.weight() > 0 && ports.get(backend.workload()).isEmpty()) {
        throw new PlatformException(
            "no instance of " + backend.workload() + " has an address", "start it first");
      }
    }
    boolean same =
        proxy
            .filter(p -> p.running && !p.edited && p.route.equals(route) && p.ports.equals(ports))
            .isPresent();
    if (!same) {
      Instant drained = proxy.isPresent() ? now().plus(drainsIn) : now();
      proxy = Optional.of(new FakeProxy(route, ports, drained));
    }
  }

  /** Of each backend the healthy instances' ports or, if none is healthy, all. */
  private Map<Workload, List<Integer>> ports(Route route) {
    Map<Workload, List<Integer>> all = new HashMap<>();
    for (Backend backend : route.backends()) {
      Workload workload = backend.workload();
      List<Fake> some = List.copyOf(slots(workload).headMap(backend.replicas()).values());
      List<Integer> healthy =
          some.stream().filter(f -> state(workload, f) == State.HEALTHY).map(f -> f.port).toList();
      all.put(workload, healthy.isEmpty() ? some.stream().map(f -> f.port).toList() : healthy);
    }
    return all;
  }

  private SortedMap<Integer, Fake> slots(Workload workload) {
    return workloads.getOrDefault(workload, new TreeMap<>());
  }

  private Fake running(Workload workload, int slot) {
    Fake fake = slots(workload).get(slot);
    if (fake == null || !runs(fake)) {
      throw new IllegalStateException(workload + "/" + slot + " does not run");
    }
    return fake;
  }

  /** Lets happen what time has brought, then tells whether it still runs. */
  private boolean runs(Fake fake) {
    if (fake.ended.isEmpty()) {
      fake.asked
          .map(asked -> asked.plus(endsIn))
          .filter(end -> !now().isBefore(end))
          .ifPresent(end -> end(fake, end, OptionalInt.of(143)));
    }
    if (fake.ended.isEmpty() && fake.fault.endsWith().isPresent()) {
      Instant end = fake.started.plusSeconds(1);
      if (!now().isBefore(end)) {
        end(fake, end, fake.fault.endsWith());
      }
    }
    return fake.ended.isEmpty();
  }

  private static void end(Fake fake, Instant when, OptionalInt code) {
    fake.ended = Optional.of(when);
    fake.code = code;
    fake.how = "exited with " + code.getAsInt();
  }

  private State state(Workload workload, Fake fake) {
    if (runs(fake)) {
      boolean healthy =
          fake.fault.healthy()
              && fake.silent.isEmpty()
              && fake.asked.isEmpty()
              && !now().isBefore(fake.started.plus(STARTS_IN));
      return healthy ? State.HEALTHY : State.UNHEALTHY;
    }
    if (fake.asked.isPresent()) {
      return State.EXITED;
    }
    RestartPolicy policy =
        releases.get(workload.release()).map(Release::restartPolicy).orElse(RestartPolicy.ALWAYS);
    boolean leave =
        policy == RestartPolicy.NO
            || (policy == RestartPolicy.ON_FAILURE && fake.code.equals(OptionalInt.of(0)));
    if (leave) {
      return State.COMPLETED;
    }
    return now().isBefore(fake.ended.orElseThrow().plus(backOff(fake)))
        ? State.BACKING_OFF
        : State.EXITED;
  }

  private static Duration backOff(Fake fake) {
    Duration backOff = Duration.ofSeconds(1L << Math.min(ranLong(fake) ? 0 : fake.failures, 10));
    return backOff.compareTo(BACK_OFF_MOST) > 0 ? BACK_OFF_MOST : backOff;
  }

  private Instant now() {
    return clock.instant();
  }
}
