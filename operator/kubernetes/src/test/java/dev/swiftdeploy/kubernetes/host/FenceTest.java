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
    fence.holds();
  }

  @Test
  void whoHasTheLeaseMayWrite() {
    for (int i = 0; i < 100; i++) {
      renews();
      passes(10);
      fence.beat();
      assertThat(fence.leads()).isTrue();
    }
  }

  @Test
  void whoWaitsForItMayAskAndNotWrite() {
    for (int i = 0; i < 100; i++) {
      fence.asks();
      passes(10);
      fence.beat();
      assertThat(fence.open()).isTrue();
      assertThat(fence.leads()).isFalse();
    }
  }

  @Test
  void whoStoodStillForLongerThanALeaseMayNot() {
    renews();
    passes(16);
    assertThat(fence.leads()).isFalse();
    assertThat(fence.open()).isFalse();
  }

  @Test
  void noBeatAndNoLeaseOpensItAgain() {
    renews();
    passes(16);
    assertThat(fence.leads()).isFalse();
    fence.beat();
    renews();
    assertThat(fence.open()).isFalse();
  }

  /** Stopped for less than a lease lasts, and that was renewed some time before. */
  @Test
  void aLeaseCountsFromItsRenewalAndNotFromTheStop() {
    renews();
    passes(4);
    fence.beat();
    passes(12);
    assertThat(fence.leads()).isFalse();
    fence.beat();
    assertThat(fence.open()).isFalse();
  }

  @Test
  void andFromBeforeItWasAskedFor() {
    fence.asks();
    passes(10);
    fence.beat();
    fence.holds();
    passes(6);
    assertThat(fence.leads()).isFalse();
  }

  @Test
  void aLostLeaseClosesIt() {
    renews();
    fence.close();
    fence.beat();
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
