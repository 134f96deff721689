package dev.swiftdeploy.local.process;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.local.health.HealthChecks;
import dev.swiftdeploy.local.proxy.Routing;
import dev.swiftdeploy.local.release.FileReleaseStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What runs on this machine of a resource, and how it does. */
final class ProcessInstances implements AutoCloseable {
  private static final Duration SCAN_INTERVAL = Duration.ofSeconds(10);
  private static final Duration TRIM_INTERVAL = Duration.ofMinutes(1);

  private final ProcessSite site;
  private final FileReleaseStore releases;
  private final SlotEndings endings;
  private final Clock clock;
  private final Slots slots;
  private final HealthChecks health;
  private final Instant opened;
  private final Map<ReleaseId, Release> known = new HashMap<>();
  private final Map<String, Instant> seenDead = new HashMap<>();
  private Instant trimmed;
  private boolean looked;

  ProcessInstances(ProcessSite site, FileReleaseStore releases, SlotEndings endings, Clock clock) {
    this.site = site;
    this.releases = releases;
    this.endings = endings;
    this.clock = clock;
    this.slots = new Slots(site, clock, SCAN_INTERVAL);
    this.health = new HealthChecks(clock, site.resource().value());
    this.opened = clock.instant();
    this.trimmed = opened;
  }

  /** Stops watching. */
  @Override
  public void close() {
    health.close();
  }

  /** All of it, as observed now. */
  List<ObservedWorkload> observed(SortedMap<Workload, SortedMap<Integer, Slot>> there) {
    if (!looked) {
      looked = true;
      health.awaitFirst(HealthChecks.TIMEOUT); // what was healthy before must not seem otherwise
    }
    trimLogs(there);
    List<ObservedWorkload> workloads = new ArrayList<>();
    there.forEach(
        (workload, of) ->
            workloads.add(
                new ObservedWorkload(workload, of.values().stream().map(this::instance).toList())));
    return workloads;
  }

  /** Reads what is there, and has all of it watched that runs. */
  SortedMap<Workload, SortedMap<Integer, Slot>> look() {
    SortedMap<Workload, SortedMap<Integer, Slot>> there;
    try {
      there = slots.look();
    } catch (IOException e) {
      throw new PlatformException(
          site.workloads() + " can't be read: " + e.getMessage(),
          "make it readable for this user",
          e);
    }
    Map<String, HealthChecks.Target> targets = new HashMap<>();
    there.values().stream().flatMap(of -> of.values().stream()).forEach(s -> target(s, targets));
    health.watch(targets);
    return there;
  }

  /** What is remembered of the last look counts no more. */
  void forget() {
    slots.forget();
  }

  /** The workloads that are there. */
  Set<Workload> workloads() throws IOException {
    return slots.look().keySet();
  }

  /** The ports of all slots but that one. */
  Set<Integer> portsOfOthers(SlotFiles slot) throws IOException {
    return slots.portsOfOthers(slot);
  }

  private void target(Slot slot, Map<String, HealthChecks.Target> targets) {
    if (slot.process().isEmpty() || slot.port().isEmpty()) {
      return;
    }
    DetachedProcess process = slot.process().get();
    Spec.Health how = release(slot.workload()).map(Release::health).orElse(Spec.Defaults.HEALTH);
    boolean provenBefore = slot.files().proven(process).isPresent();
    int port = slot.port().getAsInt();
    targets.put(
        process.identity(),
        new HealthChecks.Target(
            "127.0.0.1:" + port,
            how.path(),
            how.interval(),
            () -> provenBefore || PortOwner.mayBe(slots.pids(process), port)));
  }

  /** What becomes of what runs in a slot. */
  Instance instance(Slot slot) {
    Optional<Instant> asked = endings.asked(slot);
    if (slot.process().isEmpty()) {
      return notRunning(slot, asked.isPresent());
    }
    DetachedProcess process = slot.process().get();
    HealthChecks.Health now = health.of(process.identity());
    if (asked.isPresent()) {
      return instance(slot, State.UNHEALTHY, asked, Optional.of("was asked to end"));
    }
    if (now.healthy()) {
      prove(slot, process);
      return instance(slot, State.HEALTHY, Optional.empty(), Optional.empty());
    }
    return instance(
        slot,
        State.UNHEALTHY,
        Optional.of(unhealthySince(slot, process, now)),
        now.problem().map(p -> p + logHint(slot)));
  }

  private static Instance instance(
      Slot slot, State state, Optional<Instant> since, Optional<String> detail) {
    Optional<String> address =
        slot.port().isPresent()
            ? Optional.of("127.0.0.1:" + slot.port().getAsInt())
            : Optional.empty();
    return new Instance(slot.files().slot(), state, address, slot.restarts(), since, detail);
  }

  /** Since when its checks fail, if it was healthy before; else since it started. */
  private Instant unhealthySince(Slot slot, DetachedProcess process, HealthChecks.Health now) {
    if (slot.files().proven(process).isPresent()) {
      return now.failingSince().orElse(opened);
    }
    return slot.entry().map(SlotFiles.Entry::started).orElse(opened);
  }

  private void prove(Slot slot, DetachedProcess process) {
    if (slot.files().proven(process).isEmpty()) {
      try {
        slot.files().prove(process, clock.instant());
      } catch (IOException e) {
        // only the back-off and a later daemon's patience are less exact without it
      }
    }
  }

  private String logHint(Slot slot) {
    return " (log: " + site.folder().relativize(slot.files().log()) + ")";
  }

  private Instance notRunning(Slot slot, boolean asked) {
    Optional<DetachedProcess.Exit> exit = DetachedProcess.exit(slot.files().pidFile());
    State state = asked ? State.EXITED : stateAfter(slot, exit);
    String how =
        exit.map(e -> "exited with " + e.code())
            .orElse(slot.wasStarted() ? "has ended, nobody saw how" : "was not started");
    String said = InstanceLog.lastLine(slot.files().log()).map(line -> ": " + line).orElse("");
    return instance(slot, state, Optional.empty(), Optional.of(how + said));
  }

  private State stateAfter(Slot slot, Optional<DetachedProcess.Exit> exit) {
    if (!slot.wasStarted()) {
      return State.EXITED;
    }
    RestartPolicy policy =
        release(slot.workload()).map(Release::restartPolicy).orElse(RestartPolicy.UNLESS_STOPPED);
    boolean well = exit.filter(e -> e.code() == 0).isPresent();
    if (policy == RestartPolicy.NO || (policy == RestartPolicy.ON_FAILURE && well)) {
      return State.COMPLETED;
    }
    Instant ended = ended(slot, exit);
    Duration backOff = BackOff.after(failuresBefore(slot, ended));
    Instant now = clock.instant();
    boolean wait = !now.isBefore(ended) && now.isBefore(ended.plus(backOff)); // clocks may go back
    return wait ? State.BACKING_OFF : State.EXITED;
  }

  /** Whose last run ended; how many in a row did so too early, that one included. */
  int failures(Slot slot) {
    return failuresBefore(slot, ended(slot, DetachedProcess.exit(slot.files().pidFile()))) + 1;
  }

  private Instant ended(Slot slot, Optional<DetachedProcess.Exit> exit) {
    String run = slot.files().pidFile() + " " + slot.entry().map(SlotFiles.Entry::starts).orElse(0);
    return exit.map(DetachedProcess.Exit::when)
        .orElseGet(() -> seenDead.computeIfAbsent(run, r -> clock.instant()));
  }

  /** How many runs before the last one ended too early, in a row; 0 if the last one went well. */
  private static int failuresBefore(Slot slot, Instant ended) {
    if (slot.entry().isEmpty()) {
      return 0;
    }
    SlotFiles.Entry entry = slot.entry().get();
    boolean ranLong =
        slot.files()
            .provenSince(entry.started())
            .filter(proven -> !ended.isBefore(proven.plus(BackOff.RESET)))
            .isPresent();
    return ranLong ? 0 : entry.failures();
  }

  private void trimLogs(SortedMap<Workload, SortedMap<Integer, Slot>> there) {
    if (clock.instant().isBefore(trimmed.plus(TRIM_INTERVAL))) {
      return;
    }
    trimmed = clock.instant();
    for (SortedMap<Integer, Slot> of : there.values()) {
      for (Slot slot : of.values()) {
        try {
          InstanceLog.trim(slot.files().log());
        } catch (IOException e) {
          // tried again in a minute; a full disk shows in the host's facts
        }
      }
    }
  }

  /** A release's content can't change, so what was read once is not read again. */
  Optional<Release> release(Workload workload) {
    Release release = known.get(workload.release());
    if (release != null) {
      return Optional.of(release);
    }
    Optional<Release> read = releases.get(workload.release());
    read.ifPresent(r -> known.put(r.id(), r));
    return read;
  }

  /** Where a route can lead. */
  Routing routing(SortedMap<Workload, SortedMap<Integer, Slot>> there) {
    return new Routing(
        workload -> {
          SortedMap<Integer, Routing.Reachable> reachable = new TreeMap<>();
          there.getOrDefault(workload, new TreeMap<>()).values().stream()
              .filter(slot -> slot.port().isPresent())
              .forEach(slot -> reachable.put(slot.files().slot(), reachable(slot)));
          return reachable;
        });
  }

  private Routing.Reachable reachable(Slot slot) {
    Endpoint endpoint = new Endpoint("127.0.0.1", new Port(slot.port().getAsInt()));
    return new Routing.Reachable(endpoint, instance(slot).healthy());
  }
}
