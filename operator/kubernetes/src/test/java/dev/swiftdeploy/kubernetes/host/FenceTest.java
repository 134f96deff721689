package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FenceTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Fence fence = new Fence(Duration.ofSeconds(15), nanos::get);

  private void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void aProcessThatRunsMayWrite() {
    for (int i = 0; i < 100; i++) {
      passes(Duration.ofSeconds(10));
      assertThat(fence.open()).isTrue();
      fence.beat();
    }
  }

  @Test
  void oneThatStoodStillForLongerThanItsLeaseMayNot() {
    passes(Duration.ofSeconds(16));
    assertThat(fence.open()).isFalse();
  }

  @Test
  void noBeatOpensItAgain() {
    passes(Duration.ofSeconds(16));
    fence.beat();
    assertThat(fence.open()).isFalse();
  }

  @Test
  void aLostLeaseClosesIt() {
    fence.close();
    fence.beat();
    assertThat(fence.open()).isFalse();
  }
}
