package dev.swiftdeploy.core.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.Locale;
import java.util.Optional;

/**
 * What a person asks once. It is recorded and used up by the decision (or the dismissal) that
 * answers it.
 *
 * @param id unique among the requests of a chain
 * @param actor who asks, as the host knows it
 * @param release which release is meant; for a retry the refused one
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Request(
    String id, Kind kind, String actor, String reason, Optional<ReleaseId> release) {

  /** The things that can be asked. */
  public enum Kind {
    /** Back to the release before. */
    ROLLBACK,
    /** A refused release may be tried again. */
    RETRY,
    /** Promote the candidate now, without waiting for its steps. */
    PROMOTE_NOW,
    /** Remove everything that was started. */
    TEARDOWN;

    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Kind of(String text) {
      for (Kind kind : values()) {
        if (kind.word().equals(text)) {
          return kind;
        }
      }
      throw new InvalidValue("\"" + text + "\" is not a request");
    }
  }
}
