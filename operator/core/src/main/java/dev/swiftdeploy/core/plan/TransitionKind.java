package dev.swiftdeploy.core.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.Locale;

/** The changes of the admitted state; each is admitted by policy under this name. */
public enum TransitionKind {
  /** A release takes all traffic at once. */
  DEPLOY,
  /** A candidate starts beside the stable release and takes the first step's share. */
  CANARY,
  /** The candidate takes the next step's share. */
  ADVANCE,
  /** The candidate's release becomes stable. */
  PROMOTE,
  /** Back to the release before; a candidate goes. */
  ROLLBACK,
  /** Proxy settings, replicas or the settled mode change; the releases stay. */
  CONFIGURE,
  /** Everything goes. */
  TEARDOWN;

  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  public static TransitionKind of(String text) {
    for (TransitionKind kind : values()) {
      if (kind.word().equals(text)) {
        return kind;
      }
    }
    throw new InvalidValue("\"" + text + "\" is not a transition");
  }
}
