package dev.swiftdeploy.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link HostFacts} of a machine has to be. */
public abstract class HostFactsContract {
  /** For the adapters' tests. */
  protected HostFactsContract() {}

  /** On a machine where all facts can be read. */
  protected abstract HostFacts facts();

  /** Where none can. */
  protected abstract HostFacts withoutFacts();

  @Test
  void what_is_read_makes_sense() {
    Host host = (Host) facts().read();
    assertThat(host.diskTotalBytes().orElseThrow()).isPositive();
    assertThat(host.diskFreeBytes().orElseThrow())
        .isBetween(0L, host.diskTotalBytes().orElseThrow());
    assertThat(host.cpus().orElseThrow()).isBetween(1L, 100_000L);
    assertThat(host.cpuLoad1m().orElseThrow()).isGreaterThanOrEqualTo(0).isFinite();
    assertThat(host.memoryUsedPercent().orElseThrow()).isBetween(0.0, 100.0);
  }

  @Test
  void what_cannot_be_read_is_empty_and_never_zero() {
    Host host = (Host) withoutFacts().read();
    assertThat(host.diskFreeBytes()).isEmpty();
    assertThat(host.diskTotalBytes()).isEmpty();
    assertThat(host.memoryUsedPercent()).isEmpty();
    assertThat(host.cpuLoad1m()).isEmpty();
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.SECONDS)
  void reading_is_quick() {
    HostFacts facts = facts();
    for (int i = 0; i < 100; i++) {
      facts.read();
    }
  }
}
