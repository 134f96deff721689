package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.admission.ScriptedPolicy;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.InMemoryAuditLog;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.evidence.Host;
import dev.swiftdeploy.core.evidence.Machines;
import dev.swiftdeploy.core.evidence.MetricsSource;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.plan.Plan;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.platform.FakePlatform;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.VirtualClock;
import dev.swiftdeploy.core.release.InMemoryReleaseStore;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * A machine, a policy, a chain and a clock around one loop: everything in memory, everything in the
 * test's hands. A daemon that dies leaves the machine, the kept releases and the chain's lines.
 */
final class World {
  static final Actor KIM = new Actor("kim", "command", true);

  /** A watch is behind for so long. */
  private static final Duration SHOWN_WITHIN = Duration.ofMillis(200);

  private static final Host HOST =
      new Host(
          OptionalLong.of(50_000_000_000L),
          OptionalLong.of(100_000_000_000L),
          OptionalLong.of(4),
          OptionalDouble.of(0.5),
          OptionalDouble.of(40));

  final VirtualClock clock = new VirtualClock();
  final InMemoryReleaseStore releases = new InMemoryReleaseStore();
  final FakePlatform platform = new FakePlatform(clock, releases);
  final ScriptedPolicy policy = new ScriptedPolicy();
  final List<String> lines = new ArrayList<>();
  final List<Event> events = new ArrayList<>();

  InMemoryAuditLog audit;
  ReleaseLoop loop;
  SpecOf spec;
  boolean deleted;
  boolean unresolved;
  MetricsSource metrics = new NoMetrics();
  Machines machines = HOST;
  CrashPoints crashPoints = CrashPoints.NONE;

  /** So long nobody is there after a crash. */
  Duration away = Duration.ZERO;

  private Duration missed = Duration.ZERO;

  /** A machine's daemon does; an operator on Kubernetes doesn't. */
  boolean recordsStart = true;

  /** The host is shown what becomes of what runs, as an operator on Kubernetes is. */
  boolean watched;

  int ticks;

  /** Nobody starts a daemon again once all is torn down. */
  boolean untilTornDown;

  private Declared declared;
  private SpecOf declaredSpec;
  private int ids;
  private int requests;
  private Next next = Next.now();

  /** What the platform showed when the last tick began. */
  private Optional<Observation> seen = Optional.empty();

  World() {
    this("A");
  }

  World(String letter) {
    spec = SpecOf.release(letter);
    restart();
  }

  /** A daemon begins to work, after another one was killed, if there was one. */
  World restart() {
    audit = new InMemoryAuditLog(lines, clock);
    if (audit.damage().isEmpty() && recordsStart) {
      audit.append(Optional.empty(), new Entry.Started(1, "0.1", KIM));
    }
    loop =
        new ReleaseLoop(
            SpecOf.DEMO,
            new Ports(
                audit,
                platform,
                services ->
                    unresolved
                        ? new Resolution.Unresolved("app.jar is not there", "build it")
                        : new Resolution.Resolved(SpecOf.releaseOf(services)),
                releases,
                policy,
                () -> machines,
                metrics,
                clock,
                () -> "id-" + ++ids,
                events::add,
                point -> crashPoints.at(point)));
    next = Next.now();
    return this;
  }

  private static final class NoMetrics implements MetricsSource {
    @Override
    public void watch(List<ObservedWorkload> workloads, Spec spec) {}

    @Override
    public Optional<WorkloadMetrics> read(Workload workload, Instant from) {
      return Optional.empty();
    }
  }

  World declare(UnaryOperator<SpecOf> change) {
    spec = change.apply(spec);
    return this;
  }

  World declare(String letter) {
    return declare(s -> s.to(letter));
  }

  Request ask(Request.Kind kind) {
    return ask(kind, Optional.empty());
  }

  Request ask(Request.Kind kind, Optional<ReleaseId> release) {
    Request request = new Request("r-" + ++requests, kind, "kim", "", release);
    loop.request(request);
    return request;
  }

  /** What ends a daemon at a crash point. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash(CrashPoint at) {
      super(at.name(), null, false, false);
    }
  }

  private Declared declared() {
    if (declared == null || spec != declaredSpec || declared.deleted() != deleted) {
      declaredSpec = spec;
      declared = new Declared(spec.resource(), OptionalLong.empty(), deleted, KIM);
    }
    return declared;
  }

  /** One tick; a daemon that crashes in it is followed by another one. */
  Next tick() {
    ticks++;
    seen = shown();
    try {
      next = loop.tick(declared());
    } catch (Crash e) {
      if (untilTornDown && state().tornDown()) {
        next = Next.rest();
      } else {
        clock.advance(away);
        missed = missed.plus(away);
        restart();
      }
    }
    return next;
  }

  /** Time passes until a host would tick again. */
  void pass() {
    if (!watched || next.after().isZero()) {
      clock.advance(next.after());
      return;
    }
    Instant until = clock.instant().plus(next.watched());
    while (clock.instant().isBefore(until) && shown().equals(seen)) {
      Duration left = Duration.between(clock.instant(), until);
      clock.advance(left.compareTo(SHOWN_WITHIN) < 0 ? left : SHOWN_WITHIN);
    }
  }

  private Optional<Observation> shown() {
    try {
      return Optional.of(platform.observe());
    } catch (PlatformException e) {
      return Optional.empty();
    }
  }

  /** Ticks for that long, each time when the loop says, as a host does. */
  World run(Duration time) {
    Instant end = clock.instant().plus(time).minus(missed);
    int atOnce = 0;
    while (!clock.instant().isAfter(end.plus(missed))) {
      tick();
      if (next.after().isZero()) {
        if (++atOnce > 50) {
          throw new AssertionError("it never waits: " + plan());
        }
      } else {
        atOnce = 0;
        pass();
      }
    }
    clock.set(end.plus(missed));
    return this;
  }

  World run(long seconds) {
    return run(Duration.ofSeconds(seconds));
  }

  /** Ticks until there is nothing to do, for five minutes at most. */
  World settle() {
    Instant end = clock.instant().plusSeconds(300).minus(missed);
    tick();
    while (!next.settled()) {
      if (clock.instant().isAfter(end.plus(missed))) {
        throw new AssertionError("it does not settle: " + plan().render() + "\n" + story());
      }
      pass();
      tick();
    }
    return this;
  }

  /** Stops the service in order. */
  World stop() {
    Instant end = clock.instant().plusSeconds(300);
    boolean stopped = false;
    while (!stopped) {
      if (clock.instant().isAfter(end)) {
        throw new AssertionError("it does not stop");
      }
      try {
        stopped = loop.stop("kim");
      } catch (Crash e) {
        restart();
      } catch (PlatformException e) {
        // as the daemon does: tried again
      }
      clock.advance(Duration.ofMillis(50));
    }
    return this;
  }

  State state() {
    return audit.state(SpecOf.DEMO);
  }

  Plan plan() {
    return loop.view().orElseThrow().plan();
  }

  Next next() {
    return next;
  }

  /** Each record in a few words, with letters for releases; without the daemon's starts. */
  List<String> story() {
    return audit.records().stream()
        .filter(r -> !(r.entry() instanceof Entry.Started))
        .map(World::told)
        .map(SpecOf::lettered)
        .toList();
  }

  private static String told(AuditRecord record) {
    Entry entry = record.entry();
    if (entry instanceof Entry.Opened) {
      return "opened";
    } else if (entry instanceof Entry.Requested r) {
      return "request " + r.request().kind().word();
    } else if (entry instanceof Entry.Decided d) {
      return (d.enact() ? "decided " : "reviewed ")
          + d.transition().label()
          + ": "
          + d.verdict().word()
          + (d.grantedBy().isPresent() ? ", granted" : "")
          + (d.repeated() > 0 ? ", repeated " + d.repeated() : "");
    } else if (entry instanceof Entry.Applied) {
      return "applied";
    } else if (entry instanceof Entry.Failed f) {
      return "failed " + f.reason();
    } else if (entry instanceof Entry.Repaired r) {
      return "repaired " + String.join(", ", r.effects());
    } else if (entry instanceof Entry.PolicyChanged) {
      return "policy changed";
    } else if (entry instanceof Entry.Stopped) {
      return "stopped";
    }
    return entry.toString();
  }

  /** What was done on the platform, with letters for releases. */
  List<String> done() {
    return platform.appliedTexts().stream().map(SpecOf::lettered).toList();
  }

  List<String> eventReasons() {
    return events.stream().map(Event::reason).toList();
  }
}
