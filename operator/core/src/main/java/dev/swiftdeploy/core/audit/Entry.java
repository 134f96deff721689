package dev.swiftdeploy.core.audit;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.DecisionParser;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.plan.Refusal;
import dev.swiftdeploy.core.plan.Transition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a record says, apart from its place in the chain. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Entry.Opened.class, name = "opened"),
  @JsonSubTypes.Type(value = Entry.Requested.class, name = "request"),
  @JsonSubTypes.Type(value = Entry.Decided.class, name = "decision"),
  @JsonSubTypes.Type(value = Entry.Applied.class, name = "applied"),
  @JsonSubTypes.Type(value = Entry.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = Entry.Repaired.class, name = "repaired"),
  @JsonSubTypes.Type(value = Entry.Sampled.class, name = "sample"),
  @JsonSubTypes.Type(value = Entry.PolicyChanged.class, name = "policy_changed"),
  @JsonSubTypes.Type(value = Entry.Stopped.class, name = "stopped"),
  @JsonSubTypes.Type(value = Entry.Started.class, name = "started"),
  @JsonSubTypes.Type(value = Entry.Recovered.class, name = "recovered"),
  @JsonSubTypes.Type(value = Entry.Checkpoint.class, name = "checkpoint"),
  @JsonSubTypes.Type(value = Entry.Acknowledged.class, name = "acknowledged"),
  @JsonSubTypes.Type(value = Entry.Pruned.class, name = "pruned"),
})
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public sealed interface Entry {

  /**
   * A resource's first record.
   *
   * @param format {@code swiftdeploy.dev/audit/v1}
   * @param uid of the resource; on a machine made up once
   * @param platform chosen once and remembered
   */
  record Opened(String format, String uid, String platform) implements Entry {
    public static final String FORMAT = "swiftdeploy.dev/audit/v1";
  }

  /** A person asked for something. */
  record Requested(dev.swiftdeploy.core.plan.Request request) implements Entry {}

  /**
   * Policy was asked, or an earlier grant is used. With {@code enact} and verdict allowed it is the
   * durable intent: effects follow.
   *
   * @param enact false where only the answer was of interest
   * @param generation and {@code spec} (digest): what the decision binds to
   * @param input exactly what policy was given; absent where a grant is used
   * @param result exactly what policy gave; absent where it gave none
   * @param grantedBy id of the decision whose grant is used
   * @param failedReviews in a row, this one included
   * @param repeated how often the answer before this one had been given without being written
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Decided(
      String decisionId,
      Transition transition,
      boolean enact,
      Verdict verdict,
      long generation,
      String spec,
      Actor actor,
      PolicyRef policy,
      Optional<ObjectNode> input,
      Optional<JsonNode> result,
      Optional<Unavailability> unavailable,
      Optional<String> grantedBy,
      int failedReviews,
      int repeated)
      implements Entry {

    public Decided {
      // Jackson reads a missing tree as a JSON null.
      input = input.filter(ObjectNode::isObject);
      result = result.filter(node -> !node.isNull());
    }

    /** The same answer under the id of another that is on record. */
    public Decided knownAs(String recordedId) {
      return with(recordedId, failedReviews);
    }

    /** The same answer with another number of failed reviews in a row. */
    public Decided withFailedReviews(int failedInARow) {
      return with(decisionId, failedInARow);
    }

    private Decided with(String id, int failedInARow) {
      return new Decided(
          id,
          transition,
          enact,
          verdict,
          generation,
          spec,
          actor,
          policy,
          input,
          result,
          unavailable,
          grantedBy,
          failedInARow,
          repeated);
    }

    /** What policy decided, if it gave a well-formed decision. */
    @JsonIgnore
    public Optional<Decision> decision() {
      return result
          .map(DecisionParser::parse)
          .filter(DecisionParser.Parsed.class::isInstance)
          .map(parsed -> ((DecisionParser.Parsed) parsed).decision());
    }
  }

  /** The transition of that decision is done. */
  record Applied(String decisionId) implements Entry {}

  /**
   * A transition was given up, or a request dismissed.
   *
   * @param decisionId of the transition
   * @param request id of the dismissed request
   * @param reason CamelCase, for machines
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Failed(
      Optional<String> decisionId,
      Optional<String> request,
      String reason,
      String message,
      Optional<Refusal> refuses)
      implements Entry {}

  /**
   * What was admitted is being restored; no transition.
   *
   * @param found what was missing or changed
   * @param effects what is done about it
   * @param decisionId the admission that it rests on
   */
  record Repaired(List<String> found, List<String> effects, String decisionId) implements Entry {}

  /** Evidence worth keeping, as a document of its own. */
  record Sampled(ObjectNode sample) implements Entry {}

  /** From now on another policy decides. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record PolicyChanged(String engine, Optional<String> from, String to) implements Entry {}

  /** The daemon stops the service in order (nothing of the admitted state changes). */
  record Stopped(String by) implements Entry {}

  /** A daemon began to work on this chain. */
  record Started(long pid, String version, Actor actor) implements Entry {}

  /**
   * The chain's incomplete last line, which nothing referred to, was cut.
   *
   * @param bytes how many
   * @param kept where they are kept aside
   */
  record Recovered(long bytes, String kept) implements Entry {}

  /**
   * What the records before it come to, so that reading may begin here. Its line is signed: see
   * {@link Chain}.
   *
   * @param format {@code swiftdeploy.dev/fold/v1}
   * @param key the Ed25519 public key, 32 bytes in hex, that signs the line
   * @param folds by resource
   */
  record Checkpoint(String format, String key, Map<String, KeptFold> folds) implements Entry {
    public static final String FORMAT = "swiftdeploy.dev/fold/v1";
  }

  /**
   * A person takes note that the chain was damaged here. What stood there is kept aside.
   *
   * @param damage its kind
   * @param line where it began, from 1
   * @param kept the file that it was kept in
   * @param head {@code seq:hash} that was known to be the last record; absent: none was
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Acknowledged(
      String damage,
      long line,
      String message,
      String kept,
      Optional<String> head,
      Actor actor,
      String reason)
      implements Entry {}

  /**
   * A person has the oldest closed segments removed. Durable before the first of them goes, so that
   * no chain begins late without a record that says why: only what a record names may be missing at
   * its beginning.
   *
   * @param before the time that was given: all that is removed is older
   * @param checkpoint number of the checkpoint that the chain begins with from now on
   * @param segments what is removed, oldest first
   */
  record Pruned(Actor actor, Instant before, long checkpoint, List<Removed> segments)
      implements Entry {
    public Pruned {
      segments = List.copyOf(segments);
      if (segments.isEmpty()) {
        throw new IllegalArgumentException("nothing is removed");
      }
    }

    /** Whether a chain that goes on after that record begins where this removed what was before. */
    public boolean explains(Chain.Head beginning) {
      return segments.stream().anyMatch(removed -> removed.head().equals(beginning.text()));
    }
  }

  /**
   * A closed segment that is removed.
   *
   * @param file its name
   * @param first number of its first record
   * @param last number of its last one
   * @param head {@code seq:hash} of its last one
   */
  record Removed(String file, long first, long last, String head) {}
}
