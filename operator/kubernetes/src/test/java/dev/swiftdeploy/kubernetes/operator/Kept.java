package dev.swiftdeploy.kubernetes.operator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;

/** An engine that outlives the operators that close it. */
record Kept(PolicyEngine engine) implements PolicyEngine {
  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public PolicyRevision revision() {
    return engine.revision();
  }

  @Override
  public Answer evaluate(String decisionId, ObjectNode input) {
    return engine.evaluate(decisionId, input);
  }
}
