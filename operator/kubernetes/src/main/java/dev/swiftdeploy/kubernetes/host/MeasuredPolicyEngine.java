package dev.swiftdeploy.kubernetes.host;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;

/** A policy engine whose answers are timed. */
public final class MeasuredPolicyEngine implements PolicyEngine {
  private static final double NANOS = 1e9;

  private final PolicyEngine engine;
  private final OperatorMetrics metrics;

  public MeasuredPolicyEngine(PolicyEngine engine, OperatorMetrics metrics) {
    this.engine = engine;
    this.metrics = metrics;
  }

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
    long begun = System.nanoTime();
    try {
      return engine.evaluate(decisionId, input);
    } finally {
      metrics.evaluated((System.nanoTime() - begun) / NANOS);
    }
  }

  @Override
  public void close() {
    engine.close();
  }
}
