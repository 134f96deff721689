package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.List;

/**
 * The policy's answer to one proposed transition. Read from a document by {@link DecisionParser}
 * alone, which takes only well-formed ones.
 *
 * @param allow the transition may be made; then no violation blocks
 * @param violations what policy found, in its order
 * @param rollback policy wants the candidate rolled back
 * @param failedReview the review counts as a failed one (too little evidence doesn't)
 * @param grants permissions given ahead; none in a denial
 */
public record Decision(
    boolean allow,
    List<Violation> violations,
    boolean rollback,
    boolean failedReview,
    List<Grant> grants) {

  public Decision {
    violations = List.copyOf(violations);
    grants = List.copyOf(grants);
  }

  /** Reads one from a record; throws {@link InvalidValue} where it is malformed. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Decision of(JsonNode document) {
    DecisionParser.Result result = DecisionParser.parse(document);
    if (result instanceof DecisionParser.Parsed parsed) {
      return parsed.decision();
    }
    throw new InvalidValue("not a decision: " + ((DecisionParser.Malformed) result).why());
  }

  /** The violations that block. */
  public List<Violation> blocking() {
    return violations.stream().filter(Violation::blocks).toList();
  }

  /** As policy writes it, and as it stands in a record; {@link DecisionParser} reads it back. */
  @JsonValue
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("allow", allow);
    ArrayNode found = json.putArray("violations");
    violations.forEach(violation -> found.add(violation.json()));
    json.put("rollback", rollback);
    json.put("failed_review", failedReview);
    ArrayNode granted = json.putArray("grants");
    grants.forEach(grant -> granted.add(grant.json()));
    return json;
  }
}
