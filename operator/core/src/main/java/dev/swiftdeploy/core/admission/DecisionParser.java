package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Judges whether a document that a policy engine gave is a well-formed decision. Here the invariant
 * begins: nothing but a boolean {@code true} at {@code allow}, in a document that is well-formed
 * throughout, ever allows.
 *
 * <p>{@code allow, violations, rollback, grants} must be there; {@code failed_review} may be
 * missing (then it is {@code !allow}); fields that are not known are ignored. A document that
 * contradicts itself is malformed: one that allows in spite of a violation that blocks, or that
 * denies and grants.
 */
public final class DecisionParser {
  static final int MOST_VIOLATIONS = 100;
  static final int MOST_GRANTS = 10;

  /** UTF-16 units. */
  static final int LONGEST_TEXT = 1000;

  private static final int MOST_DIGITS = 100;
  private static final int LARGEST_EXPONENT = 400;
  private static final long LONGEST_UNAVAILABLE = Duration.ofDays(30).toSeconds();

  /** What a document turned out to be. */
  public sealed interface Result permits Parsed, Malformed {}

  /** A well-formed decision. */
  public record Parsed(Decision decision) implements Result {}

  /**
   * No decision.
   *
   * @param why with the place: {@code violations[3].message is missing}
   */
  public record Malformed(String why) implements Result {}

  private DecisionParser() {}

  public static Result parse(JsonNode document) {
    try {
      return new Parsed(decision(document));
    } catch (Refusal e) {
      return new Malformed(e.why);
    }
  }

  private static Decision decision(JsonNode document) {
    object(document, "the result");
    boolean allow = bool(document, "", "allow");
    List<Violation> violations =
        list(document, "violations", MOST_VIOLATIONS, DecisionParser::violation);
    boolean rollback = bool(document, "", "rollback");
    boolean failedReview =
        document.has("failed_review") ? bool(document, "", "failed_review") : !allow;
    List<Grant> grants = list(document, "grants", MOST_GRANTS, DecisionParser::grant);
    Decision decision = new Decision(allow, violations, rollback, failedReview, grants);
    if (allow && !decision.blocking().isEmpty()) {
      throw new Refusal(
          "allow is true and violations["
              + violations.indexOf(decision.blocking().get(0))
              + "] blocks");
    }
    if (!allow && !grants.isEmpty()) {
      throw new Refusal("allow is false and grants is not empty");
    }
    return decision;
  }

  private static Violation violation(JsonNode node, String path) {
    return new Violation(
        text(node, path, "code"),
        text(node, path, "message"),
        text(node, path, "policy"),
        word(node, path, "severity", Violation.Severity::of),
        scalar(node, path, "observed"),
        scalar(node, path, "threshold"));
  }

  static Grant grant(JsonNode json) {
    try {
      return grant(json, "");
    } catch (Refusal e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Grant grant(JsonNode node, String path) {
    TransitionKind kind = word(node, path, "kind", TransitionKind::of);
    if (kind != TransitionKind.ROLLBACK && kind != TransitionKind.TEARDOWN) {
      throw new Refusal(path + "kind is " + kind.word() + ", only a retreat can be granted");
    }
    Set<GrantCause> on = causes(node, path);
    Optional<Duration> unavailableFor = unavailableFor(node, path);
    if (on.isEmpty() && unavailableFor.isEmpty()) {
      throw new Refusal(path + "on is empty, and there is no unavailable_for_seconds");
    }
    return new Grant(
        kind,
        word(node, path, "subject", ReleaseId::of),
        absent(node, "to") ? Optional.empty() : Optional.of(word(node, path, "to", ReleaseId::of)),
        on,
        unavailableFor);
  }

  private static Set<GrantCause> causes(JsonNode grant, String path) {
    JsonNode on = present(grant, path, "on");
    if (!on.isArray()) {
      throw wrong(path + "on", on, "an array");
    }
    Set<GrantCause> causes = EnumSet.noneOf(GrantCause.class);
    for (int i = 0; i < on.size(); i++) {
      if (i == GrantCause.values().length) {
        throw new Refusal(path + "on has " + on.size() + " entries, at most " + i + " are taken");
      }
      String place = path + "on[" + i + "]";
      causes.add(word(on.get(i), place, GrantCause::of));
    }
    return causes;
  }

  private static Optional<Duration> unavailableFor(JsonNode grant, String path) {
    if (absent(grant, "unavailable_for_seconds")) {
      return Optional.empty();
    }
    JsonNode node = number(grant.get("unavailable_for_seconds"), path + "unavailable_for_seconds");
    BigDecimal seconds = node.decimalValue();
    if (seconds.compareTo(BigDecimal.ONE) < 0
        || seconds.compareTo(BigDecimal.valueOf(LONGEST_UNAVAILABLE)) > 0
        || seconds.stripTrailingZeros().scale() > 0) {
      throw new Refusal(
          path + "unavailable_for_seconds is not a whole number from 1 to " + LONGEST_UNAVAILABLE);
    }
    return Optional.of(Duration.ofSeconds(seconds.longValueExact()));
  }

  // ---- fields ---------------------------------------------------------------------

  private interface Element<T> {
    /** {@code path} ends with a dot. */
    T read(JsonNode node, String path);
  }

  private static <T> List<T> list(JsonNode parent, String name, int most, Element<T> element) {
    JsonNode array = present(parent, "", name);
    if (!array.isArray()) {
      throw wrong(name, array, "an array");
    }
    if (array.size() > most) {
      throw new Refusal(name + " has " + array.size() + " entries, at most " + most + " are taken");
    }
    List<T> read = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      String place = name + "[" + i + "]";
      object(array.get(i), place);
      read.add(element.read(array.get(i), place + "."));
    }
    return read;
  }

  private static boolean bool(JsonNode parent, String path, String name) {
    JsonNode node = present(parent, path, name);
    if (!node.isBoolean()) {
      throw wrong(path + name, node, "a boolean");
    }
    return node.booleanValue();
  }

  private static String text(JsonNode parent, String path, String name) {
    return text(present(parent, path, name), path + name);
  }

  private static String text(JsonNode node, String place) {
    if (!node.isTextual()) {
      throw wrong(place, node, "a string");
    }
    String text = node.textValue();
    if (text.isBlank()) {
      throw new Refusal(place + " is empty");
    }
    return bounded(text, place);
  }

  private static String bounded(String text, String place) {
    if (text.length() > LONGEST_TEXT) {
      throw new Refusal(
          place + " has " + text.length() + " characters, at most " + LONGEST_TEXT + " are taken");
    }
    return text;
  }

  private static <T> T word(JsonNode parent, String path, String name, Function<String, T> read) {
    return word(present(parent, path, name), path + name, read);
  }

  private static <T> T word(JsonNode node, String place, Function<String, T> read) {
    String text = text(node, place);
    try {
      return read.apply(text);
    } catch (InvalidValue e) {
      throw new Refusal(place + ": " + e.getMessage());
    }
  }

  private static JsonNode scalar(JsonNode parent, String path, String name) {
    if (absent(parent, name)) {
      return NullNode.instance;
    }
    JsonNode node = parent.get(name);
    if (node.isTextual()) {
      bounded(node.textValue(), path + name);
      return node;
    }
    return node.isBoolean() ? node : number(node, path + name);
  }

  /** Only numbers that can be written and read again without harm to whoever computes with them. */
  private static JsonNode number(JsonNode node, String place) {
    if (!node.isNumber()) {
      throw wrong(place, node, "a single value");
    }
    if (node.isFloat() || node.isDouble()) {
      if (!Double.isFinite(node.doubleValue())) {
        throw new Refusal(place + " is not a finite number");
      }
      return node;
    }
    BigDecimal value = node.decimalValue();
    if (value.precision() > MOST_DIGITS || Math.abs((long) value.scale()) > LARGEST_EXPONENT) {
      throw new Refusal(place + " is a number too large or too long to be taken");
    }
    return node;
  }

  private static boolean absent(JsonNode parent, String name) {
    return !parent.hasNonNull(name);
  }

  private static JsonNode present(JsonNode parent, String path, String name) {
    JsonNode node = parent.get(name);
    if (node == null || node.isMissingNode()) {
      throw new Refusal(path + name + " is missing");
    }
    return node;
  }

  private static void object(JsonNode node, String place) {
    if (!node.isObject()) {
      throw wrong(place, node, "an object");
    }
  }

  private static Refusal wrong(String place, JsonNode node, String wanted) {
    return new Refusal(place + " is " + described(node) + ", " + wanted + " is expected");
  }

  private static String described(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case MISSING -> "missing";
      case BINARY, POJO -> "no JSON value";
    };
  }

  /** Leaves the recursion of one {@link #parse}; never leaves this class. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String why;

    Refusal(String why) {
      super(why, null, false, false);
      this.why = why;
    }
  }
}
