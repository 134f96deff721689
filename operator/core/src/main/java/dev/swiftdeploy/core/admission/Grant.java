package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.ReleaseId;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A permission given ahead: the way back from what a decision admits, so that a retreat works while
 * no policy can be asked. Bound to one release, single use, void once that release is settled.
 *
 * @param kind {@code rollback} or {@code teardown}
 * @param subject the release that may be retreated from
 * @param to the release that may be retreated to; empty: to nothing
 * @param on what it may be used for
 * @param unavailableFor it may also be used once no decision could be had for this long, in whole
 *     seconds; empty: not for that
 */
public record Grant(
    TransitionKind kind,
    ReleaseId subject,
    Optional<ReleaseId> to,
    Set<GrantCause> on,
    Optional<Duration> unavailableFor) {

  public Grant {
    EnumSet<GrantCause> ordered = EnumSet.noneOf(GrantCause.class);
    ordered.addAll(on);
    on = Collections.unmodifiableSet(ordered);
  }

  /** Whether it may be used for this cause. */
  public boolean covers(GrantCause cause) {
    return on.contains(cause);
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalArgumentException if it is no grant
   */
  @JsonCreator
  public static Grant of(JsonNode json) {
    return DecisionParser.grant(json);
  }

  /** As policy writes it, and as it stands in a record. */
  @JsonValue
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", kind.word());
    json.put("subject", subject.value());
    json.put("to", to.map(ReleaseId::value).orElse(null));
    ArrayNode causes = json.putArray("on");
    on.forEach(cause -> causes.add(cause.word()));
    json.put("unavailable_for_seconds", unavailableFor.map(Duration::toSeconds).orElse(null));
    return json;
  }
}
