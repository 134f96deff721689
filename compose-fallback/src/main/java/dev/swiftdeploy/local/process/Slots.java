package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.local.files.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts together what files and processes tell of a resource's slots. */
final class Slots {
  private static final Pattern FILE = Pattern.compile("([0-9]{1,4})\\.(json|pid)");

  private final ProcessSite site;
  private final Clock clock;
  private final Duration scanInterval;
  private List<ProcessScan.Group> scan = List.of();
  private Optional<Instant> scanned = Optional.empty();

  /**
   * @param scanInterval how old a look at all processes may be while everything is as it was
   */
  Slots(ProcessSite site, Clock clock, Duration scanInterval) {
    this.site = site;
    this.clock = clock;
    this.scanInterval = scanInterval;
  }

  /** Makes the next look a look at all processes too. */
  void forget() {
    scanned = Optional.empty();
  }

  /** All workloads that are there, with their slots; one without slots is a folder left over. */
  SortedMap<Workload, SortedMap<Integer, Slot>> look() throws IOException {
    SortedMap<Workload, SortedSet<Integer>> named = named();
    List<Slot> recorded = new ArrayList<>();
    named.forEach((workload, of) -> of.forEach(slot -> recorded.add(recorded(workload, slot))));
    boolean changing =
        recorded.stream()
            .anyMatch(
                s ->
                    s.process().isEmpty() || s.entry().flatMap(SlotFiles.Entry::asked).isPresent());
    scanIfDue(changing);

    SortedMap<Workload, SortedMap<Integer, Slot>> all = new TreeMap<>();
    named.keySet().forEach(workload -> all.put(workload, new TreeMap<>()));
    recorded.forEach(slot -> put(all, slot));
    for (ProcessScan.Group group : scan) {
      Slot slot =
          Optional.ofNullable(all.getOrDefault(group.workload(), new TreeMap<>()).get(group.slot()))
              .orElse(Slot.absent(SlotFiles.of(site, group.workload(), group.slot())));
      put(all, with(slot, group));
    }
    return all;
  }

  private static void put(SortedMap<Workload, SortedMap<Integer, Slot>> all, Slot slot) {
    all.computeIfAbsent(slot.workload(), w -> new TreeMap<>()).put(slot.files().slot(), slot);
  }

  private void scanIfDue(boolean changing) {
    Instant now = clock.instant();
    boolean due = changing || scanned.isEmpty() || !now.isBefore(scanned.get().plus(scanInterval));
    if (due) {
      scan = ProcessScan.groups(site);
      scanned = Optional.of(now);
    }
  }

  /** Adds to a slot what was found running in its name. */
  private static Slot with(Slot slot, ProcessScan.Group group) {
    Optional<DetachedProcess> running = slot.process();
    boolean same =
        running
            .filter(
                p ->
                    p.group().equals(group.process().group())
                        || p.identity().equals(group.process().identity()))
            .isPresent();
    if (same || !group.process().running()) {
      return slot;
    }
    boolean rest =
        running.isPresent()
            || DetachedProcess.recordedGroup(slot.files().pidFile())
                .filter(group.process().group()::equals)
                .isPresent();
    if (rest) {
      List<ProcessScan.Group> leftovers = new ArrayList<>(slot.leftovers());
      leftovers.add(group);
      return new Slot(
          slot.files(), slot.entry(), running, slot.port(), slot.stray(), List.copyOf(leftovers));
    }
    OptionalInt port = group.port().isPresent() ? group.port() : slot.port();
    return new Slot(
        slot.files(), slot.entry(), Optional.of(group.process()), port, true, slot.leftovers());
  }

  private Slot recorded(Workload workload, int slot) {
    SlotFiles files = SlotFiles.of(site, workload, slot);
    Optional<SlotFiles.Entry> entry = files.entry();
    Optional<DetachedProcess> process = DetachedProcess.find(files.pidFile());
    OptionalInt port =
        entry.isPresent()
            ? OptionalInt.of(entry.get().port())
            : process.map(ProcessScan::port).orElseGet(OptionalInt::empty);
    return new Slot(files, entry, process, port, false, List.of());
  }

  private SortedMap<Workload, SortedSet<Integer>> named() throws IOException {
    SortedMap<Workload, SortedSet<Integer>> named = new TreeMap<>();
    for (Path folder : Folders.list(site.workloads())) {
      Optional<Workload> workload = workload(folder);
      if (workload.isPresent()) {
        SortedSet<Integer> of = named.computeIfAbsent(workload.get(), w -> new TreeSet<>());
        for (Path file : Folders.list(folder)) {
          Matcher m = FILE.matcher(file.getFileName().toString());
          if (m.matches()) {
            of.add(Integer.parseInt(m.group(1)));
          }
        }
      }
    }
    return named;
  }

  private static Optional<Workload> workload(Path folder) {
    try {
      return Optional.of(Workload.of(folder.getFileName().toString()));
    } catch (InvalidValue e) {
      return Optional.empty(); // not ours
    }
  }

  /** The pids of all that runs in a process's name. */
  Collection<Long> pids(DetachedProcess process) {
    Set<Long> pids = new HashSet<>(Set.of(process.pid()));
    for (ProcessScan.Group group : ProcessScan.groups(site)) {
      if (group.process().group().equals(process.group())) {
        pids.addAll(group.pids());
      }
    }
    return pids;
  }

  /** The ports that other slots hold, of this resource and of those whose folders are beside. */
  Set<Integer> portsOfOthers(SlotFiles mine) throws IOException {
    Set<Integer> ports = new HashSet<>();
    Path resources = site.state().getParent();
    for (Path resource : resources == null ? List.<Path>of() : Folders.list(resources)) {
      for (Path workload : Folders.list(resource.resolve("workloads"))) {
        for (Path file : Folders.list(workload)) {
          boolean other =
              file.getFileName().toString().endsWith(".json")
                  && !file.equals(mine.folder().resolve(mine.slot() + ".json"));
          if (other) {
            SlotFiles.entry(file).ifPresent(entry -> ports.add(entry.port()));
          }
        }
      }
    }
    return ports;
  }
}
