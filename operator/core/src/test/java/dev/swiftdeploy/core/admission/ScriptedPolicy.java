package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.ReleaseId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A policy that answers as a test says. Until said otherwise it allows everything and grants what
 * SwiftDeploy's own policy grants.
 */
public final class ScriptedPolicy implements PolicyEngine {
  private static final Predicate<ObjectNode> NONE = input -> false;

  private final List<ObjectNode> asked = new ArrayList<>();
  private Predicate<ObjectNode> denied = NONE;
  private String code = "";
  private Predicate<ObjectNode> orders = NONE;
  private Optional<Unavailability> down = Optional.empty();
  private Optional<JsonNode> document = Optional.empty();
  private boolean grants = true;
  private String digest = digest(1);
  private boolean loaded = true;
  private Optional<String> next = Optional.empty();

  /** Allows and grants. */
  public ScriptedPolicy() {}

  /** A policy's digest, as by its number. */
  public static String digest(int number) {
    return String.format("%064x", number);
  }

  // ---- what it is to say ----

  /** Allows everything from now on. */
  public void allow() {
    denied = NONE;
    orders = NONE;
    down = Optional.empty();
    document = Optional.empty();
  }

  /** Denies everything from now on, with a violation of this code. */
  public void deny(String violation) {
    deny(violation, input -> true);
  }

  /** Denies transitions of that kind from now on. */
  public void deny(String violation, TransitionKind kind) {
    deny(violation, input -> kind(input) == kind);
  }

  public void deny(String violation, Predicate<ObjectNode> inputs) {
    code = violation;
    denied = inputs;
  }

  /** Denies these and orders the rollback of the candidate. */
  public void orderRollback(Predicate<ObjectNode> inputs) {
    orders = inputs;
  }

  /** Gives no answer from now on. */
  public void down(Unavailability.Kind kind) {
    down = Optional.of(new Unavailability(kind, "policy does not answer", "start it"));
  }

  public void up() {
    down = Optional.empty();
  }

  /** Answers with this document, whatever it is. */
  public void answer(JsonNode anything) {
    document = Optional.of(anything);
  }

  public void grants(boolean now) {
    grants = now;
  }

  /** Another policy is there. */
  public void change(int number) {
    digest = digest(number);
  }

  /** Another policy takes its place while the next question is asked, and answers it. */
  public void changesWhenAsked(int number) {
    next = Optional.of(digest(number));
  }

  /** It is loaded by the first question, and knows no revision before. */
  public void loadsWhenAsked() {
    loaded = false;
  }

  // ---- what it was asked ----

  /** The inputs of all questions, oldest first. */
  public List<ObjectNode> asked() {
    return List.copyOf(asked);
  }

  /** The kinds of the transitions that it was asked about, oldest first. */
  public List<String> askedKinds() {
    return asked.stream().map(i -> kind(i).word()).toList();
  }

  public int calls() {
    return asked.size();
  }

  public static TransitionKind kind(ObjectNode input) {
    return TransitionKind.of(input.at("/transition/kind").asText());
  }

  // ---- the engine ----

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public PolicyRevision revision() {
    return new PolicyRevision(Optional.of(digest).filter(d -> loaded), true, Optional.empty());
  }

  @Override
  public Answer evaluate(String decisionId, ObjectNode input) {
    asked.add(input.deepCopy());
    loaded = true;
    digest = next.orElse(digest);
    next = Optional.empty();
    if (down.isPresent()) {
      return new Answer.NoAnswer(down.get());
    }
    if (document.isPresent()) {
      return new Answer.Document(document.get(), digest);
    }
    boolean order = orders.test(input);
    boolean deny = order || denied.test(input);
    List<Violation> violations = new ArrayList<>();
    if (deny) {
      String found = order ? "rollback_ordered" : code;
      violations.add(
          new Violation(
              found,
              "Scripted: " + found,
              "scripted",
              Violation.Severity.BLOCK,
              NullNode.instance,
              NullNode.instance));
    }
    Decision decision =
        new Decision(!deny, violations, order, deny, deny ? List.of() : grants(input));
    return new Answer.Document(decision.json(), digest);
  }

  private List<Grant> grants(ObjectNode input) {
    if (!grants || !bringsIn(input)) {
      return List.of();
    }
    ReleaseId to = ReleaseId.of(input.at("/transition/to/id").asText());
    Optional<ReleaseId> from =
        Optional.of(input.at("/transition/from/id").asText())
            .filter(id -> !id.isEmpty())
            .map(ReleaseId::of);
    List<Grant> out = new ArrayList<>();
    out.add(
        new Grant(
            TransitionKind.ROLLBACK,
            to,
            from,
            EnumSet.allOf(GrantCause.class),
            Optional.of(Duration.ofSeconds(60))));
    if (kind(input) == TransitionKind.DEPLOY) {
      out.add(
          new Grant(
              TransitionKind.TEARDOWN,
              to,
              Optional.empty(),
              EnumSet.of(GrantCause.PERSON, GrantCause.SPEC),
              Optional.empty()));
    }
    return out;
  }

  private static boolean bringsIn(ObjectNode input) {
    TransitionKind kind = kind(input);
    JsonNode transition = input.get("transition");
    boolean stableBack =
        kind == TransitionKind.ROLLBACK
            && transition.get("cause").asText().equals("person")
            && transition.get("to").isObject()
            && transition.get("from").isObject()
            && !transition.at("/from/mode").asText().equals("canary");
    return kind == TransitionKind.DEPLOY || kind == TransitionKind.CANARY || stableBack;
  }

  /** A document that is no decision. */
  public static JsonNode malformed() {
    return JsonNodeFactory.instance.objectNode().put("allow", "true");
  }
}
