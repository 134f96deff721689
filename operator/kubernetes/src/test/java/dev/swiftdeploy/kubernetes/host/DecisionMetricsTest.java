package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.PolicyRef;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Cause;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way to have no decision is counted under its own name. */
class DecisionMetricsTest {
  private static Entry.Decided unavailable(Unavailability.Kind kind) {
    Transition deploy =
        new Transition(
            TransitionKind.DEPLOY,
            Cause.SPEC,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Duration.ofSeconds(60),
            Optional.empty(),
            Optional.empty(),
            Admitted.NOTHING);
    return new Entry.Decided(
        "d-1",
        deploy,
        true,
        Verdict.UNAVAILABLE,
        1,
        "5".repeat(64),
        new Actor("kim", "spec", false),
        new PolicyRef("opa", Optional.empty(), true),
        Optional.empty(),
        Optional.empty(),
        Optional.of(new Unavailability(kind, "no answer", "start it")),
        Optional.empty(),
        0,
        0);
  }

  @ParameterizedTest
  @EnumSource
  void theReasonIsALabel(Unavailability.Kind kind) {
    OperatorMetrics metrics = new OperatorMetrics();
    for (Unavailability.Kind each : Unavailability.Kind.values()) {
      metrics.recorded(unavailable(each), 0);
    }
    metrics.recorded(unavailable(kind), 0);
    Map<String, String> labels =
        Map.of("transition", "deploy", "verdict", "unavailable", "reason", kind.reason());
    assertThat(metrics.sum("swiftdeploy_decisions_total", labels)).isEqualTo(2);
  }
}
