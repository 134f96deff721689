package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.local.process.DetachedProcess.ProcStat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Looks at all processes of this machine for those that belong to a resource's instances: each has
 * its instance's name and its resource's state folder in its environment, and so has whatever it
 * starts. Linux only; elsewhere nothing is found.
 */
final class ProcessScan {
  /** Names the instance, {@code <resource>/<workload>/<slot>}, in its environment. */
  static final String INSTANCE = "SWIFTDEPLOY_INSTANCE";

  /** Names the resource's state folder in its instances' environment. */
  static final String STATE = "SWIFTDEPLOY_STATE";

  private static final Path PROC = Path.of("/proc");

  private ProcessScan() {}

  /**
   * A process group of an instance.
   *
   * @param process the program: what the supervising shell runs, or the eldest
   * @param port that it was told
   * @param pids of all in the group that carry the instance's name
   */
  record Group(
      Workload workload, int slot, OptionalInt port, DetachedProcess process, List<Long> pids) {}

  private record Found(
      long pid, long parent, ProcStat stat, String instance, OptionalInt port, boolean supervisor) {
    long start() {
      return Long.parseLong(stat.start());
    }
  }

  /** All groups of a resource's instances, the eldest first. */
  static List<Group> groups(ProcessSite site) {
    Map<String, List<Found>> byGroup = new LinkedHashMap<>();
    for (Found found : all(site.state())) {
      byGroup
          .computeIfAbsent(found.instance() + " " + found.stat().group(), k -> new ArrayList<>())
          .add(found);
    }
    return byGroup.values().stream()
        .flatMap(members -> group(site, members).stream())
        .sorted(Comparator.comparingLong(g -> g.process().pid()))
        .toList();
  }

  /** Empty for a shell that has not become its program yet, or has outlived it for a moment. */
  private static Optional<Group> group(ProcessSite site, List<Found> members) {
    String[] words = members.get(0).instance().split("/", -1);
    if (words.length != 3 || !words[0].equals(site.resource().value())) {
      return Optional.empty();
    }
    List<Long> supervisors = members.stream().filter(Found::supervisor).map(Found::pid).toList();
    Comparator<Found> ofSupervisorThenEldest =
        Comparator.<Found, Boolean>comparing(f -> !supervisors.contains(f.parent()))
            .thenComparingLong(Found::start)
            .thenComparingLong(Found::pid);
    Optional<Found> program =
        members.stream().filter(f -> !f.supervisor()).min(ofSupervisorThenEldest);
    try {
      Workload workload = Workload.of(words[1]);
      int slot = Integer.parseInt(words[2]);
      return program.map(
          p ->
              new Group(
                  workload,
                  slot,
                  p.port(),
                  DetachedProcess.seen(p.pid(), p.stat().start(), p.stat().group()),
                  members.stream().map(Found::pid).toList()));
    } catch (InvalidValue | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The port that a running process was told. */
  static OptionalInt port(DetachedProcess process) {
    return port(variable(read(PROC.resolve(process.pid() + "/environ")), "APP_PORT"));
  }

  private static List<Found> all(Path state) {
    List<Found> all = new ArrayList<>();
    if (!Files.isDirectory(PROC.resolve("self"))) {
      return all;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        look(process, state).ifPresent(all::add);
      }
    } catch (IOException e) {
      return List.of();
    }
    return all;
  }

  private static Optional<Found> look(Path process, Path state) {
    String environment = read(process.resolve("environ"));
    if (!environment.contains(STATE + "=" + state + "\0")) {
      return Optional.empty();
    }
    long pid = Long.parseLong(process.getFileName().toString());
    Optional<ProcStat> stat = ProcStat.of(pid).filter(s -> !s.dead());
    Optional<String> instance = variable(environment, INSTANCE);
    if (stat.isEmpty() || instance.isEmpty()) {
      return Optional.empty();
    }
    boolean supervisor =
        read(process.resolve("cmdline")).contains("\0" + DetachedProcess.SUPERVISE + "\0");
    return Optional.of(
        new Found(
            pid,
            stat.get().parent(),
            stat.get(),
            instance.get(),
            port(variable(environment, "APP_PORT")),
            supervisor));
  }

  private static OptionalInt port(Optional<String> text) {
    try {
      return text.isPresent() ? OptionalInt.of(Integer.parseInt(text.get())) : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  private static Optional<String> variable(String environment, String name) {
    for (String entry : environment.split("\0", -1)) {
      if (entry.startsWith(name + "=")) {
        return Optional.of(entry.substring(name.length() + 1));
      }
    }
    return Optional.empty();
  }

  /** Empty where it is another user's, or gone. */
  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
