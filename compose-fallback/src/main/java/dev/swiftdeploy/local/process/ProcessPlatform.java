package dev.swiftdeploy.local.process;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Effects;
import dev.swiftdeploy.core.platform.Instance;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.ObservedWorkload;
import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.local.files.Folders;
import dev.swiftdeploy.local.health.HealthChecks;
import dev.swiftdeploy.local.process.DetachedProcess.Signal;
import dev.swiftdeploy.local.proxy.FreePort;
import dev.swiftdeploy.local.proxy.Proxy;
import dev.swiftdeploy.local.proxy.Routing;
import dev.swiftdeploy.local.release.FileReleaseStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Workloads as child processes of this machine, behind a reverse proxy that is a process of its
 * own. All of them outlive this object and its process; what is there is found again by pid files
 * and, where those are lost, by looking at all processes.
 *
 * <p>Nothing here waits: an instance that was asked to end is asked once, killed when its grace is
 * over and the effect is applied again, and observed until it is gone.
 */
public final class ProcessPlatform implements Platform, AutoCloseable {
  /** How long an instance has to end in order. */
  public static final Duration GRACE = Spec.Defaults.DRAIN_TIMEOUT;

  private static final Duration SCAN_INTERVAL = Duration.ofSeconds(10);
  private static final Duration TRIM_INTERVAL = Duration.ofMinutes(1);
  private static final int RELEASES_WITH_ARTIFACTS = 50;

  private final ProcessSite site;
  private final FileReleaseStore releases;
  private final ArtifactStore artifacts;
  private final Proxy proxy;
  private final Supplier<Set<Port>> reserved;
  private final Duration grace;
  private final Clock clock;
  private final CrashPoints crashPoints;

  private final Acts acts = new Acts();
  private final Slots slots;
  private final HealthChecks health;
  private final Instant opened;
  private final Map<ReleaseId, Release> known = new HashMap<>();
  private final Map<String, Long> signalled = new HashMap<>();
  private final Map<String, Instant> askedUnrecorded = new HashMap<>();
  private final Map<String, Instant> seenDead = new HashMap<>();
  private Instant trimmed;
  private boolean looked;

  /**
   * @param proxy of this resource
   * @param reserved ports that no instance may take: those of all proxies of the manifest
   * @param grace from asking an instance to end to killing it
   */
  public ProcessPlatform(
      ProcessSite site,
      FileReleaseStore releases,
      ArtifactStore artifacts,
      Proxy proxy,
      Supplier<Set<Port>> reserved,
      Duration grace,
      Clock clock,
      CrashPoints crashPoints) {
    this.site = site;
    this.releases = releases;
    this.artifacts = artifacts;
    this.proxy = proxy;
    this.reserved = reserved;
    this.grace = grace;
    this.clock = clock;
    this.crashPoints = crashPoints;
    this.slots = new Slots(site, clock, SCAN_INTERVAL);
    this.health = new HealthChecks(clock, site.resource().value());
    this.opened = clock.instant();
    this.trimmed = opened;
  }

  @Override
  public String name() {
    return "process";
  }

  /** Stops watching. Workloads and proxy run on. */
  @Override
  public void close() {
    health.close();
  }

  // ---- observing ----

  @Override
  public synchronized Observation observe() {
    SortedMap<Workload, SortedMap<Integer, Slot>> there = look();
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
    return new Observation(workloads, routing(there).observed(proxy.observe()));
  }

  /** Reads what is there, and has all of it watched that runs. */
  private SortedMap<Workload, SortedMap<Integer, Slot>> look() {
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

  private Instance instance(Slot slot) {
    Optional<Instant> asked = asked(slot);
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
  private Optional<Release> release(Workload workload) {
    Release release = known.get(workload.release());
    if (release != null) {
      return Optional.of(release);
    }
    Optional<Release> read = releases.get(workload.release());
    read.ifPresent(r -> known.put(r.id(), r));
    return read;
  }

  // ---- the route ----

  private Routing routing(SortedMap<Workload, SortedMap<Integer, Slot>> there) {
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

  // ---- effects ----

  @Override
  public synchronized void apply(Effect effect, Permission permission) {
    try {
      effect.on(acts);
    } catch (IOException e) {
      throw new PlatformException(
          "could not " + effect.text() + ": " + e.getMessage(),
          "make room in " + site.state() + ", and make it writable for this user",
          e);
    } finally {
      slots.forget();
    }
  }

  private final class Acts implements Effects<IOException> {
    @Override
    public void start(Workload workload, int replicas) throws IOException {
      Release release =
          release(workload)
              .orElseThrow(
                  () ->
                      new PlatformException(
                          "release " + workload.release() + " is not kept in " + site.releases(),
                          "deploy it again from its manifest"));
      SortedMap<Integer, Slot> there = adopted(workload);
      boolean any = false;
      for (int slot = 0; slot < replicas; slot++) {
        Slot present =
            Optional.ofNullable(there.get(slot))
                .orElse(Slot.absent(SlotFiles.of(site, workload, slot)));
        if (present.isAbsent() || instance(present).state() == State.EXITED) {
          if (present.process().isEmpty()) {
            startIn(present, release);
            any = true;
          }
        }
      }
      if (any) {
        tidy();
      }
    }

    @Override
    public void restart(Workload workload, int slot) throws IOException {
      Slot present = adopted(workload).get(slot);
      if (present != null && present.process().isPresent()) {
        end(present);
      }
    }

    @Override
    public void scaleDown(Workload workload, int replicas) throws IOException {
      for (Slot slot : adopted(workload).tailMap(replicas).values()) {
        if (end(slot)) {
          slot.files().delete();
        }
      }
    }

    @Override
    public void remove(Workload workload) throws IOException {
      boolean gone = true;
      for (Slot slot : adopted(workload).values()) {
        gone &= end(slot);
      }
      if (gone) {
        // a supervising shell's last act may come in between: then the next look finds the folder
        Folders.delete(SlotFiles.of(site, workload, 0).folder());
      }
    }

    @Override
    public void route(Route route) {
      proxy.apply(routing(look()).config(route));
    }

    @Override
    public void removeRoute() {
      proxy.remove();
    }
  }

  private void startIn(Slot slot, Release release) throws IOException {
    for (ProcessScan.Group rest : slot.leftovers()) {
      rest.process().signal(Signal.KILL); // of a program that is gone, and had its time to end
    }
    release.artifacts().forEach(artifacts::verify);
    SlotFiles files = slot.files();
    int port = port(release, slot);
    SlotFiles.Entry entry = next(slot, port);
    files.write(entry);
    InstanceLog.rotate(files.log());
    try {
      DetachedProcess.start(
          new CommandFiles(site.folder())
              .replaced(release.command(), release.artifacts(), artifacts::path),
          InstanceEnvironment.of(site, release, slot.workload(), files.slot(), port),
          site.folder(),
          files.log(),
          files.pidFile());
    } catch (IOException e) {
      throw new PlatformException(
          String.valueOf(e.getMessage()), "see services.command and " + site.logs(), e);
    }
    crashPoints.at(CrashPoint.PROCESS_AFTER_SPAWN);
  }

  private SlotFiles.Entry next(Slot slot, int port) {
    Instant now = clock.instant();
    if (slot.entry().isEmpty()) {
      return new SlotFiles.Entry(port, 1, 0, now, Optional.empty());
    }
    SlotFiles.Entry last = slot.entry().get();
    if (!slot.wasStarted()) {
      return new SlotFiles.Entry(port, last.starts(), last.failures(), now, Optional.empty());
    }
    int failures =
        last.asked().isPresent()
            ? last.failures()
            : failuresBefore(slot, ended(slot, DetachedProcess.exit(slot.files().pidFile()))) + 1;
    return new SlotFiles.Entry(port, last.starts() + 1, failures, now, Optional.empty());
  }

  /** The port that the slot had, if it still can be had; else the first free one. */
  private int port(Release release, Slot slot) throws IOException {
    Set<Integer> taken = new HashSet<>(slots.portsOfOthers(slot.files()));
    reserved.get().forEach(port -> taken.add(port.number()));
    if (slot.port().isPresent()) {
      int before = slot.port().getAsInt();
      if (!taken.contains(before) && FreePort.isFree(before)) {
        return before;
      }
    }
    int first = release.port().number();
    return FreePort.from(first, taken)
        .orElseThrow(
            () ->
                new PlatformException(
                    "no port from " + first + " on is free", "set another services.port"));
  }

  /**
   * Asks all processes of a slot to end, and kills them when their grace is over.
   *
   * @return whether all are gone
   */
  private boolean end(Slot slot) throws IOException {
    List<DetachedProcess> running = new ArrayList<>();
    slot.process().ifPresent(running::add);
    slot.leftovers().forEach(rest -> running.add(rest.process()));
    if (running.isEmpty()) {
      return true;
    }
    Instant since = noteAsked(slot, running.get(0));
    boolean overdue = !clock.instant().isBefore(since.plus(grace));
    for (DetachedProcess process : running) {
      Long first = signalled.putIfAbsent(process.identity(), System.nanoTime());
      if (overdue || (first != null && System.nanoTime() - first >= grace.toNanos())) {
        process.signal(Signal.KILL);
      } else if (first == null) {
        process.signal(Signal.TERM);
        crashPoints.at(CrashPoint.PROCESS_AFTER_SIGTERM);
      }
    }
    return false;
  }

  /** Durable before the signal, so that its end is not taken for a failure; if it can be. */
  private Instant noteAsked(Slot slot, DetachedProcess process) {
    Instant since = asked(slot).orElse(clock.instant());
    Optional<SlotFiles.Entry> entry = slot.entry();
    if (entry.isPresent() && entry.get().asked().isEmpty()) {
      try {
        slot.files().write(entry.get().askedToEnd(since));
      } catch (IOException e) {
        // a retreat must go on when the disk is full: then only this object knows
        askedUnrecorded.put(process.identity(), since);
      }
    }
    return since;
  }

  private Optional<Instant> asked(Slot slot) {
    return slot.entry()
        .flatMap(SlotFiles.Entry::asked)
        .or(
            () ->
                slot.process()
                    .flatMap(p -> Optional.ofNullable(askedUnrecorded.get(p.identity()))));
  }

  /** A workload's slots. Those that processes tell of and files don't get their files again. */
  private SortedMap<Integer, Slot> adopted(Workload workload) throws IOException {
    slots.forget();
    for (Slot slot : look().getOrDefault(workload, new TreeMap<>()).values()) {
      if (slot.process().isPresent() && slot.port().isPresent()) {
        adopt(slot, slot.process().get(), slot.port().getAsInt());
      }
    }
    return look().getOrDefault(workload, new TreeMap<>());
  }

  private void adopt(Slot slot, DetachedProcess process, int port) throws IOException {
    if (slot.stray()) {
      process.record(slot.files().pidFile());
    }
    if (slot.entry().isEmpty()) {
      slot.files().write(new SlotFiles.Entry(port, 1, 0, clock.instant(), Optional.empty()));
    }
  }

  private void tidy() throws IOException {
    Set<Workload> there = slots.look().keySet();
    InstanceLog.prune(site.logs(), there);
    Set<String> needed = new HashSet<>(releases.artifacts(RELEASES_WITH_ARTIFACTS));
    there.stream()
        .flatMap(workload -> release(workload).stream())
        .flatMap(release -> release.artifacts().stream())
        .forEach(artifact -> needed.add(artifact.sha256()));
    artifacts.prune(needed);
  }
}
