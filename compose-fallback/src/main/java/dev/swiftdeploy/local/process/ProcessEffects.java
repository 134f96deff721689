package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.Effects;
import dev.swiftdeploy.core.platform.Instance.State;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.local.files.Folders;
import dev.swiftdeploy.local.process.DetachedProcess.Signal;
import dev.swiftdeploy.local.proxy.FreePort;
import dev.swiftdeploy.local.proxy.Proxy;
import dev.swiftdeploy.local.release.FileReleaseStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What each effect does on a machine's processes. */
final class ProcessEffects implements Effects<IOException> {
  private static final int RELEASES_WITH_ARTIFACTS = 50;

  private final ProcessSite site;
  private final ProcessInstances instances;
  private final SlotEndings endings;
  private final FileReleaseStore releases;
  private final ArtifactStore artifacts;
  private final Proxy proxy;
  private final Supplier<Set<Port>> reserved;
  private final Clock clock;
  private final CrashPoints crashPoints;

  ProcessEffects(
      ProcessSite site,
      ProcessInstances instances,
      SlotEndings endings,
      FileReleaseStore releases,
      ArtifactStore artifacts,
      Proxy proxy,
      Supplier<Set<Port>> reserved,
      Clock clock,
      CrashPoints crashPoints) {
    this.site = site;
    this.instances = instances;
    this.endings = endings;
    this.releases = releases;
    this.artifacts = artifacts;
    this.proxy = proxy;
    this.reserved = reserved;
    this.clock = clock;
    this.crashPoints = crashPoints;
  }

  @Override
  public void start(Workload workload, int replicas) throws IOException {
    Release release =
        instances
            .release(workload)
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
      if (present.isAbsent() || instances.instance(present).state() == State.EXITED) {
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
      endings.end(present);
    }
  }

  @Override
  public void scaleDown(Workload workload, int replicas) throws IOException {
    for (Slot slot : adopted(workload).tailMap(replicas).values()) {
      if (endings.end(slot)) {
        slot.files().delete();
      }
    }
  }

  @Override
  public void remove(Workload workload) throws IOException {
    boolean gone = true;
    for (Slot slot : adopted(workload).values()) {
      gone &= endings.end(slot);
    }
    if (gone) {
      // a supervising shell's last act may come in between: then the next look finds the folder
      Folders.delete(SlotFiles.of(site, workload, 0).folder());
    }
  }

  @Override
  public void route(Route route) {
    proxy.apply(instances.routing(instances.look()).config(route));
  }

  @Override
  public void removeRoute() {
    proxy.remove();
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
    int failures = last.asked().isPresent() ? last.failures() : instances.failures(slot);
    return new SlotFiles.Entry(port, last.starts() + 1, failures, now, Optional.empty());
  }

  /** The port that the slot had, if it still can be had; else the first free one. */
  private int port(Release release, Slot slot) throws IOException {
    Set<Integer> taken = new HashSet<>(instances.portsOfOthers(slot.files()));
    reserved.get().forEach(port -> taken.add(port.number()));
    int first = release.port().number();
    return FreePort.keeping(slot.port(), first, taken)
        .orElseThrow(
            () ->
                new PlatformException(
                    "no port from " + first + " on is free", "set another services.port"));
  }

  /** A workload's slots. Those that processes tell of and files don't get their files again. */
  private SortedMap<Integer, Slot> adopted(Workload workload) throws IOException {
    instances.forget();
    for (Slot slot : instances.look().getOrDefault(workload, new TreeMap<>()).values()) {
      if (slot.process().isPresent() && slot.port().isPresent()) {
        adopt(slot, slot.process().get(), slot.port().getAsInt());
      }
    }
    return instances.look().getOrDefault(workload, new TreeMap<>());
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
    Set<Workload> there = instances.workloads();
    InstanceLog.prune(site.logs(), there);
    Set<String> needed = new HashSet<>(releases.artifacts(RELEASES_WITH_ARTIFACTS));
    there.stream()
        .flatMap(workload -> instances.release(workload).stream())
        .flatMap(release -> release.artifacts().stream())
        .forEach(artifact -> needed.add(artifact.sha256()));
    artifacts.prune(needed);
  }
}
