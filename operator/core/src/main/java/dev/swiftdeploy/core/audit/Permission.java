package dev.swiftdeploy.core.audit;

/**
 * The proof that an effect rests on: a durable, chained decision record. Only the fold of the audit
 * chain makes one (an architecture test holds that), so no platform can be asked for a change that
 * no record admits.
 *
 * @param decisionId of the decision that admitted the change
 * @param seq of its record in the chain
 */
public record Permission(String decisionId, long seq) {}
