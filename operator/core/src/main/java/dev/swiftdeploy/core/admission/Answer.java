package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.databind.JsonNode;

/** What came back from a policy engine, not yet judged to be a well-formed decision. */
public sealed interface Answer {
  /**
   * A document.
   *
   * @param result the value of the entrypoint, as the engine gave it
   * @param policyDigest of the policy that gave it
   */
  record Document(JsonNode result, String policyDigest) implements Answer {}

  /** No document. */
  record NoAnswer(Unavailability unavailability) implements Answer {}
}
