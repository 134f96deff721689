package dev.swiftdeploy.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackOffTest {
  @Test
  void itDoublesFromOneSecondToThirty() {
    assertThat(IntStream.range(0, 8).mapToObj(BackOff::after).map(Duration::toSeconds))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
    assertThat(BackOff.after(Integer.MAX_VALUE)).hasSeconds(30);
  }
}
