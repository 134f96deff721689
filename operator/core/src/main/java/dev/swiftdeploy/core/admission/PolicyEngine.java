package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Port: evaluates {@code data.swiftdeploy.admission.decision}. Thread-safe. Adapters pass {@code
 * PolicyEngineContract}.
 */
public interface PolicyEngine extends AutoCloseable {
  /** {@code embedded} or {@code opa}. */
  String name();

  /**
   * What would judge now. Cheap; notices changed policies and thresholds. A broken change is not
   * taken: the last good revision goes on, and {@link PolicyRevision#problem()} says why.
   */
  PolicyRevision revision();

  /** Evaluates; failures are answers, never exceptions, never a denial. */
  Answer evaluate(String decisionId, ObjectNode input);

  /** Lets go of what it holds; evaluations that run may finish. */
  @Override
  default void close() {}
}
