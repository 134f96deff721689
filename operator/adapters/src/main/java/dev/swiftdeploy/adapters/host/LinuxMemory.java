package dev.swiftdeploy.adapters.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How much of the memory that a new process could get is used. What the kernel would take back for
 * it counts as free: {@code MemAvailable} of {@code /proc/meminfo} (proc(5)), in a control group
 * the file cache that isn't active.
 *
 * <p>A new workload is a child of SwiftDeploy, so it lives in the same control group: of the
 * machine and all groups above that have a limit, the fullest counts. Both versions of control
 * groups are read ({@code memory.max}, {@code memory.current}; {@code memory.limit_in_bytes},
 * {@code memory.usage_in_bytes}).
 */
final class LinuxMemory {
  private final Path proc;
  private final Path cgroups;

  LinuxMemory(Path proc, Path cgroups) {
    this.proc = proc;
    this.cgroups = cgroups;
  }

  /** 0 to 100; empty where the kernel doesn't tell. */
  OptionalDouble usedPercent() {
    Map<String, Long> machine = fields(proc.resolve("meminfo"));
    Long total = machine.get("MemTotal");
    Long available = machine.get("MemAvailable");
    if (total == null || available == null) {
      return OptionalDouble.empty();
    }
    OptionalDouble used = percent(total - available, total);
    for (String line : lines(proc.resolve("self/cgroup"))) {
      // hierarchy:controllers:path; version 2 has hierarchy 0 and names no controllers
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && parts[0].equals("0") && parts[1].isEmpty()) {
        used = fullest(used, cgroups, parts[2], total * 1024, Version.TWO);
      } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
        used = fullest(used, cgroups.resolve("memory"), parts[2], total * 1024, Version.ONE);
      }
    }
    return used;
  }

  static OptionalDouble percent(long used, long total) {
    return total > 0
        ? OptionalDouble.of(Math.max(0, Math.min(100, 100.0 * used / total)))
        : OptionalDouble.empty();
  }

  private enum Version {
    ONE("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    TWO("memory.max", "memory.current", "inactive_file");

    private final String limit;
    private final String usage;
    private final String reclaimable;

    Version(String limit, String usage, String reclaimable) {
      this.limit = limit;
      this.usage = usage;
      this.reclaimable = reclaimable;
    }

    /** Empty where the group has no limit below the machine's memory. */
    private OptionalDouble used(Path group, long machineBytes) {
      OptionalLong limit = number(group.resolve(this.limit));
      OptionalLong usage = number(group.resolve(this.usage));
      if (limit.isEmpty() || usage.isEmpty() || limit.getAsLong() >= machineBytes) {
        return OptionalDouble.empty();
      }
      long free = fields(group.resolve("memory.stat")).getOrDefault(reclaimable, 0L);
      return percent(usage.getAsLong() - free, limit.getAsLong());
    }
  }

  /** Of what is known so far, this group and all above it. */
  private static OptionalDouble fullest(
      OptionalDouble known, Path root, String group, long machineBytes, Version version) {
    OptionalDouble fullest = known;
    Path at = root.resolve(group.replaceFirst("^/+", "")).normalize();
    // In a container the path may be the host's, of which only the root is mounted.
    for (; at.startsWith(root); at = at.resolve("..").normalize()) {
      OptionalDouble used = version.used(at, machineBytes);
      if (used.isPresent() && used.getAsDouble() > fullest.orElse(-1)) {
        fullest = used;
      }
    }
    return fullest;
  }

  private static OptionalLong number(Path file) {
    return lines(file).stream()
        .filter(line -> line.matches("[0-9]{1,18}"))
        .mapToLong(Long::parseLong)
        .findFirst();
  }

  /** Lines such as {@code MemTotal: 16 kB} and {@code inactive_file 16}: names and numbers. */
  private static Map<String, Long> fields(Path file) {
    Map<String, Long> fields = new HashMap<>();
    for (String line : lines(file)) {
      String[] words = line.split("[: ]+", 3);
      if (words.length >= 2 && words[1].matches("[0-9]{1,18}")) {
        fields.put(words[0], Long.parseLong(words[1]));
      }
    }
    return fields;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
  }
}
