package dev.swiftdeploy.core.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.release.ReleaseId;
import java.time.Duration;
import java.util.Optional;

/**
 * A change of the admitted state.
 *
 * @param from the release that serves before, if any
 * @param to the release that is to serve after (for a canary or advance: the candidate)
 * @param step index of the canary step that it leads to
 * @param weight the candidate's share after it, in percent
 * @param skipsHold a person asked for it before the step's hold was over
 * @param deadline how long what it starts may take to get healthy
 * @param refuses a release that is refused once this is applied
 * @param request id of the request that it answers
 * @param after the admitted state that it leads to
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Transition(
    TransitionKind kind,
    Cause cause,
    Optional<ReleaseId> from,
    Optional<ReleaseId> to,
    Optional<Integer> step,
    Optional<Integer> weight,
    boolean skipsHold,
    Duration deadline,
    Optional<Refusal> refuses,
    Optional<String> request,
    Admitted after) {

  /** Two proposals with the same key are the same question; the same in every process. */
  @JsonIgnore
  public String key() {
    return String.join(
        "/",
        kind.word(),
        cause.word(),
        from.map(ReleaseId::value).orElse("-"),
        to.map(ReleaseId::value).orElse("-"),
        step.map(String::valueOf).orElse("-"),
        skipsHold ? "skips" : "-",
        request.orElse("-"),
        Digests.sha256(after.toString()).substring(0, 12));
  }

  /** For people: {@code deploy 3f2a9c01b7de}, {@code advance 3f2a9c01b7de to 50 %}. */
  @JsonIgnore
  public String label() {
    StringBuilder out = new StringBuilder(kind.word());
    to.ifPresent(id -> out.append(' ').append(id));
    if (kind == TransitionKind.ROLLBACK || kind == TransitionKind.DEPLOY) {
      from.ifPresent(id -> out.append(" from ").append(id));
    }
    if (kind == TransitionKind.CANARY || kind == TransitionKind.ADVANCE) {
      weight.ifPresent(w -> out.append(" to ").append(w).append(" %"));
    }
    return out.toString();
  }

  Transition answering(Request asked) {
    return new Transition(
        kind,
        cause,
        from,
        to,
        step,
        weight,
        skipsHold,
        deadline,
        refuses,
        Optional.of(asked.id()),
        after);
  }
}
