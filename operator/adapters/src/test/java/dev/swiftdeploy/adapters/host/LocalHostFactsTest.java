package dev.swiftdeploy.adapters.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.evidence.Host;
import dev.swiftdeploy.core.evidence.HostFacts;
import dev.swiftdeploy.core.evidence.HostFactsContract;
import java.io.IOException;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalHostFactsTest extends HostFactsContract {
  private static final long MIB = 1 << 20;

  @TempDir Path temporary;
  private Path proc;
  private Path cgroups;

  @BeforeEach
  void makeFolders() throws IOException {
    proc = Files.createDirectory(temporary.resolve("proc"));
    cgroups = Files.createDirectory(temporary.resolve("cgroup"));
  }

  @Override
  protected HostFacts facts() {
    return new LocalHostFacts(temporary);
  }

  @Override
  protected HostFacts withoutFacts() {
    return new LocalHostFacts(
        Path.of("/proc/self"), new LinuxMemory(proc, cgroups), new SilentSystem());
  }

  @Test
  void a_place_that_is_not_made_yet_has_the_room_of_the_folder_above_it() {
    Host made = new LocalHostFacts(temporary).read();
    Host unmade = new LocalHostFacts(temporary.resolve("a/b/c")).read();
    assertThat(unmade.diskTotalBytes()).isEqualTo(made.diskTotalBytes());
  }

  @Test
  void memory_that_the_kernel_would_give_to_a_new_process_counts_as_free() throws IOException {
    meminfo(1000, 400);
    assertThat(used()).isEqualTo(60.0);
  }

  @Test
  void an_old_kernel_that_does_not_tell_what_is_available_is_not_guessed_at() throws IOException {
    Files.writeString(proc.resolve("meminfo"), "MemTotal: 1000 kB\nMemFree: 900 kB\n");
    assertThat(new LinuxMemory(proc, cgroups).usedPercent()).isEmpty();
  }

  @Test
  void a_limit_of_a_group_above_counts_where_it_is_fuller_than_the_machine() throws IOException {
    meminfo(8 << 20, 6 << 20); // 8 GiB, a quarter used
    Files.writeString(proc.resolve("self/cgroup"), "0::/user.slice/session.scope\n");
    group("user.slice", "memory.max", 1000 * MIB + "");
    group("user.slice", "memory.current", 900 * MIB + "");
    group("user.slice", "memory.stat", "anon 1\ninactive_file " + 100 * MIB + "\nactive_file 7\n");
    group("user.slice/session.scope", "memory.max", "max");
    group("user.slice/session.scope", "memory.current", 5 * MIB + "");
    assertThat(used()).isEqualTo(80.0);

    group("user.slice", "memory.current", 110 * MIB + "");
    assertThat(used()).as("the machine is fuller").isEqualTo(25.0);
  }

  @Test
  void version_one_of_control_groups_is_read_too() throws IOException {
    meminfo(8 << 20, 6 << 20);
    Files.writeString(
        proc.resolve("self/cgroup"), "5:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n0::/\n");
    // As a container sees it: the path is the host's, the mount is its own group.
    group("memory", "memory.limit_in_bytes", 500 * MIB + "");
    group("memory", "memory.usage_in_bytes", 300 * MIB + "");
    group("memory", "memory.stat", "total_inactive_file " + 50 * MIB + "\n");
    assertThat(used()).isEqualTo(50.0);

    group("memory", "memory.limit_in_bytes", "9223372036854771712");
    assertThat(used()).as("no limit").isEqualTo(25.0);
  }

  @Test
  void a_path_that_leads_out_of_the_groups_is_not_followed() throws IOException {
    meminfo(8 << 20, 6 << 20);
    Files.writeString(proc.resolve("self/cgroup"), "0::/../proc\n");
    Files.writeString(proc.resolve("memory.max"), "1");
    Files.writeString(proc.resolve("memory.current"), "1");
    assertThat(used()).isEqualTo(25.0);
  }

  private void meminfo(long totalKilobytes, long availableKilobytes) throws IOException {
    Files.createDirectories(proc.resolve("self"));
    Files.writeString(
        proc.resolve("meminfo"),
        "MemTotal:       %d kB%nMemFree:  1 kB%nMemAvailable:   %d kB%nHugePages_Total:  0%n"
            .formatted(totalKilobytes, availableKilobytes));
  }

  private void group(String group, String file, String content) throws IOException {
    Files.writeString(
        Files.createDirectories(cgroups.resolve(group)).resolve(file), content + "\n");
  }

  private double used() {
    return new LinuxMemory(proc, cgroups).usedPercent().orElseThrow();
  }

  /** Knows its processors and nothing else, as on a system that the JVM hardly knows. */
  private static final class SilentSystem implements OperatingSystemMXBean {
    @Override
    public String getName() {
      return "unknown";
    }

    @Override
    public String getArch() {
      return "unknown";
    }

    @Override
    public String getVersion() {
      return "unknown";
    }

    @Override
    public int getAvailableProcessors() {
      return 1;
    }

    @Override
    public double getSystemLoadAverage() {
      return -1;
    }

    @Override
    public ObjectName getObjectName() {
      return ObjectName.WILDCARD;
    }
  }
}
