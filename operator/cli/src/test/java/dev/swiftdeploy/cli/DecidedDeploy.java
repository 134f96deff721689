package dev.swiftdeploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.PolicyRef;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.plan.Admitted;
import dev.swiftdeploy.core.plan.Cause;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.ReleaseId;
import java.time.Duration;
import java.util.Optional;

/** What policy answered to a first deploy, as a chain has it. */
final class DecidedDeploy {
  private DecidedDeploy() {}

  static Entry of(String id, ObjectNode input, JsonNode result, Verdict verdict, PolicyRef policy) {
    Transition deploy =
        new Transition(
            TransitionKind.DEPLOY,
            Cause.SPEC,
            Optional.empty(),
            Optional.of(ReleaseId.of("0123456789ab")),
            Optional.empty(),
            Optional.empty(),
            false,
            Duration.ofSeconds(60),
            Optional.empty(),
            Optional.empty(),
            Admitted.NOTHING);
    return new Entry.Decided(
        id,
        deploy,
        true,
        verdict,
        1,
        "5".repeat(64),
        new Actor("kim", "spec", false),
        policy,
        Optional.of(input),
        Optional.of(result),
        Optional.empty(),
        Optional.empty(),
        0,
        0);
  }
}
