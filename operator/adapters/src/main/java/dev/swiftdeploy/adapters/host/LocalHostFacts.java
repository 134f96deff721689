package dev.swiftdeploy.adapters.host;

import dev.swiftdeploy.core.evidence.Host;
import dev.swiftdeploy.core.evidence.HostFacts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Facts about this machine, from the JDK and, on Linux, from {@code /proc} (a library that does the
 * same costs a native load of some 200 ms at every command). Memory that the kernel would give to a
 * new process counts as free: {@code MemAvailable} of {@code /proc/meminfo}; elsewhere the
 * operating system's free memory.
 */
public final class LocalHostFacts implements HostFacts {
  private final Path place;
  private final Path proc;

  /**
   * @param place where SwiftDeploy keeps its state: that file system's room is what counts
   */
  public LocalHostFacts(Path place) {
    this(place, Path.of("/proc"));
  }

  LocalHostFacts(Path place, Path proc) {
    this.place = place;
    this.proc = proc;
  }

  @Override
  public Host read() {
    OptionalLong free = OptionalLong.empty();
    OptionalLong total = OptionalLong.empty();
    try {
      FileStore store = Files.getFileStore(place);
      free = OptionalLong.of(store.getUsableSpace());
      total = OptionalLong.of(store.getTotalSpace());
    } catch (IOException e) {
      free = OptionalLong.empty(); // policy sees that it is missing
    }
    return new Host(
        free, total, OptionalLong.of(Runtime.getRuntime().availableProcessors()), load(), memory());
  }

  private static OptionalDouble load() {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return load >= 0 ? OptionalDouble.of(load) : OptionalDouble.empty();
  }

  private OptionalDouble memory() {
    Map<String, Long> kilobytes = meminfo();
    Long total = kilobytes.get("MemTotal");
    Long available = kilobytes.get("MemAvailable");
    if (total != null && available != null && total > 0) {
      return OptionalDouble.of(used(total, available));
    }
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      return OptionalDouble.of(used(system.getTotalMemorySize(), system.getFreeMemorySize()));
    }
    return OptionalDouble.empty();
  }

  private static double used(long total, long free) {
    return Math.max(0, Math.min(100, 100.0 * (total - free) / total));
  }

  /** Names and amounts in kB, as the kernel writes them; empty where there is no such file. */
  private Map<String, Long> meminfo() {
    Map<String, Long> out = new HashMap<>();
    try {
      for (String line : Files.readAllLines(proc.resolve("meminfo"), StandardCharsets.US_ASCII)) {
        int colon = line.indexOf(':');
        String digits = line.substring(colon + 1).replaceAll("[^0-9]", "");
        if (colon > 0 && !digits.isEmpty() && digits.length() < 16) {
          out.put(line.substring(0, colon), Long.parseLong(digits));
        }
      }
    } catch (IOException e) {
      return Map.of();
    }
    return out;
  }
}
