package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FenceTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Fence fence = new Fence(Duration.ofSeconds(15), nanos::get);

  private void passes(int seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private void renews() {
    fence.asks();
    fence.holds(Duration.ZERO);
  }

  @Test
  void whoHasTheLeaseMayWrite() {
    for (int i = 0; i < 100; i++) {
      renews();
      passes(10);
      assertThat(fence.leads()).isTrue();
    }
  }

  /** However long it stood still: it has nothing to lose. */
  @Test
  void whoWaitsForItMayAskAndNotWrite() {
    for (int i = 0; i < 100; i++) {
      fence.asks();
      passes(100);
      assertThat(fence.open()).isTrue();
      assertThat(fence.leads()).isFalse();
    }
  }

  @Test
  void whoCouldNotRenewItMayNot() {
    renews();
    passes(16);
    assertThat(fence.leads()).isFalse();
    assertThat(fence.open()).isFalse();
  }

  @Test
  void noLeaseOpensItAgain() {
    renews();
    passes(16);
    assertThat(fence.leads()).isFalse();
    renews();
    assertThat(fence.open()).isFalse();
  }

  @Test
  void aLeaseCountsFromBeforeItWasAskedFor() {
    fence.asks();
    passes(10);
    fence.holds(Duration.ZERO);
    passes(6);
    assertThat(fence.leads()).isFalse();
  }

  /** Reading it was tried once more before it was written as it had been meant at first. */
  @Test
  void aLeaseCountsFromTheTimeThatIsWrittenInIt() {
    passes(100);
    fence.asks();
    fence.holds(Duration.ofSeconds(10));
    passes(5);
    assertThat(fence.leads()).isTrue();
    passes(1);
    assertThat(fence.leads()).isFalse();
  }

  @Test
  void aLostLeaseClosesIt() {
    renews();
    fence.close();
    renews();
    assertThat(fence.open()).isFalse();
  }

  @Test
  void whoGivesTheLeaseBackWritesNothingElse() {
    renews();
    fence.retire();
    assertThat(fence.open()).isTrue();
    assertThat(fence.leads()).isFalse();
    renews();
    assertThat(fence.leads()).isFalse();
  }
}
