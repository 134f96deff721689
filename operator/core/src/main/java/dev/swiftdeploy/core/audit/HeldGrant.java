package dev.swiftdeploy.core.audit;

import dev.swiftdeploy.core.admission.Grant;

/**
 * A grant that can still be used.
 *
 * @param decisionId of the decision that gave it
 * @param seq of that decision's record
 */
public record HeldGrant(Grant grant, String decisionId, long seq) {

  /** What a retreat rests on when the use of its grant can't be recorded (a full disk). */
  public Permission permission() {
    return new Permission(decisionId, seq);
  }
}
