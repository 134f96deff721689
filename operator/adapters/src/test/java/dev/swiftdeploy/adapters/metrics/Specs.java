package dev.swiftdeploy.adapters.metrics;

import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Specs for tests of metrics. */
final class Specs {
  private Specs() {}

  /** With the shortest interval, a window that holds a test, and that probe. */
  static Spec probed(Optional<Spec.Probe> probe) {
    return analysed(Duration.ofSeconds(1), Duration.ofSeconds(120), probe);
  }

  /** With a declared step, so that nothing is probed that isn't named. */
  static Spec analysed(Duration interval, Duration window, Optional<Spec.Probe> probe) {
    return analysed(List.of(Spec.Defaults.CANARY_STEP), interval, window, probe);
  }

  static Spec analysed(
      List<Spec.CanaryStep> steps, Duration interval, Duration window, Optional<Spec.Probe> probe) {
    Spec spec = SpecOf.release("A").spec();
    return new Spec(
        spec.services(),
        spec.nginx(),
        spec.network(),
        new Spec.Canary(steps, interval, window, probe, Optional.empty()),
        spec.policy(),
        false);
  }
}
