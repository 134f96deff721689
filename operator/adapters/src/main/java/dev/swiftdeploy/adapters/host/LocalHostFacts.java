package dev.swiftdeploy.adapters.host;

import dev.swiftdeploy.core.evidence.Host;
import dev.swiftdeploy.core.evidence.HostFacts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Facts about this machine, from the JDK and, on Linux, from {@code /proc} and control groups. No
 * library: OSHI takes more than a second to its first answer on a small machine.
 *
 * <ul>
 *   <li>Disk: what this user may still write where SwiftDeploy keeps its state.
 *   <li>CPUs: those that this process may use, as the JVM counts them, so a container's share of a
 *       large machine counts as that share. The load is the machine's: of a share, the load per CPU
 *       reads higher than it is, never lower.
 *   <li>Memory: {@link LinuxMemory}; elsewhere what the operating system calls free.
 * </ul>
 */
public final class LocalHostFacts implements HostFacts {
  private final Path place;
  private final LinuxMemory memory;
  private final OperatingSystemMXBean system;

  /**
   * @param place where SwiftDeploy keeps its state, or will: that file system's room is what counts
   */
  public LocalHostFacts(Path place) {
    this(
        place,
        new LinuxMemory(Path.of("/proc"), Path.of("/sys/fs/cgroup")),
        ManagementFactory.getOperatingSystemMXBean());
  }

  LocalHostFacts(Path place, LinuxMemory memory, OperatingSystemMXBean system) {
    this.place = place.toAbsolutePath();
    this.memory = memory;
    this.system = system;
  }

  @Override
  public Host read() {
    OptionalLong free = OptionalLong.empty();
    OptionalLong total = OptionalLong.empty();
    try {
      FileStore store = Files.getFileStore(existing(place));
      if (store.getTotalSpace() > 0) {
        free = OptionalLong.of(Math.max(0, store.getUsableSpace()));
        total = OptionalLong.of(store.getTotalSpace());
      }
    } catch (IOException e) {
      free = OptionalLong.empty(); // policy sees that it is missing
    }
    return new Host(free, total, OptionalLong.of(system.getAvailableProcessors()), load(), used());
  }

  /** The place, or the nearest folder above it that is there. */
  private static Path existing(Path place) {
    Path at = place;
    for (Path above = at.getParent(); above != null && !Files.exists(at); above = at.getParent()) {
      at = above;
    }
    return at;
  }

  private OptionalDouble load() {
    double load = system.getSystemLoadAverage();
    return load >= 0 ? OptionalDouble.of(load) : OptionalDouble.empty();
  }

  private OptionalDouble used() {
    OptionalDouble linux = memory.usedPercent();
    if (linux.isPresent()) {
      return linux;
    }
    return system instanceof com.sun.management.OperatingSystemMXBean sun
        ? LinuxMemory.percent(
            sun.getTotalMemorySize() - sun.getFreeMemorySize(), sun.getTotalMemorySize())
        : OptionalDouble.empty();
  }
}
