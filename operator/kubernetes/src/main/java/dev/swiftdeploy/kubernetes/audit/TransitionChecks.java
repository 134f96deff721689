package dev.swiftdeploy.kubernetes.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.api.TransitionSpec;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What stands around the lines of a chain that is whole by itself: what people read of an object is
 * what its line says, its labels let the operator see it, and it was made when its line was, by the
 * operator. Pure.
 */
final class TransitionChecks {
  /** How far the clocks of API servers, and of the operator, may be apart. */
  private static final Duration APART = Duration.ofMinutes(10);

  /** Who makes the objects, as the API server has it; the second until user agents were named. */
  private static final Set<String> WRITERS = Set.of("swiftdeploy", "fabric8-kubernetes-client");

  private final StateFold fold = new StateFold();

  private TransitionChecks() {}

  /**
   * The first bad place; its line counts objects, from 1.
   *
   * @param record what each holds
   */
  static Optional<Damage> of(
      List<TransitionResource> objects, Function<TransitionResource, AuditRecord> record) {
    TransitionChecks checks = new TransitionChecks();
    for (int i = 0; i < objects.size(); i++) {
      Optional<Damage> bad = checks.at(i, objects.get(i), record.apply(objects.get(i)));
      if (bad.isPresent()) {
        return bad;
      }
    }
    return Optional.empty();
  }

  /**
   * What an object itself tells of its being written: it is made once, by the operator. Other than
   * the other checks this holds of an object of any version.
   *
   * @param line its place, from 1
   */
  static Optional<Damage> written(TransitionResource object, long seq, long line) {
    @Nullable Long generation = object.getMetadata().getGeneration();
    if (generation != null && generation > 1) {
      String what = "edited: record %d was written again: its object's generation is %d";
      return Optional.of(new Damage(Damage.Kind.EDITED, line, what.formatted(seq, generation)));
    }
    return writer(object)
        .map(who -> "forged: " + who + " wrote record " + seq + ", and not the operator")
        .map(what -> new Damage(Damage.Kind.ANOTHER_WRITER, line, what));
  }

  private Optional<Damage> at(int i, TransitionResource object, AuditRecord record) {
    Optional<Transition> underWay = underWay(record.entry());
    fold.accept(record);
    return told(object, underWay, record)
        .or(() -> label(object, record))
        .map(what -> "edited: " + what)
        .map(what -> new Damage(Damage.Kind.EDITED, i + 1, what))
        .or(
            () ->
                made(object, record)
                    .map(what -> new Damage(Damage.Kind.ANOTHER_WRITER, i + 1, what)));
  }

  /** What an outcome ends. */
  private Optional<Transition> underWay(Entry entry) {
    return entry instanceof Entry.Applied || entry instanceof Entry.Failed
        ? fold.state().underWay().map(State.UnderWay::transition)
        : Optional.empty();
  }

  /** What people read is rendered from the line. */
  private static Optional<String> told(
      TransitionResource object, Optional<Transition> underWay, AuditRecord record) {
    TransitionSpec spec = object.getSpec();
    String named = record.resource().map(ResourceName::value).orElse(spec.resource());
    if (!named.equals(spec.resource())) {
      return Optional.of("spec.resource is " + spec.resource() + ", the record is of " + named);
    }
    JsonNode is = Json.MAPPER.valueToTree(spec);
    JsonNode says =
        Json.MAPPER.valueToTree(
            TransitionObjects.object("", ResourceName.of(named), spec.uid(), underWay, record)
                .getSpec());
    Set<String> fields = new TreeSet<>();
    is.fieldNames().forEachRemaining(fields::add);
    return fields.stream()
        .filter(field -> !text(is, field).equals(text(says, field)))
        .findFirst()
        .map(
            field ->
                "spec."
                    + field
                    + " is "
                    + text(is, field)
                    + ", and its record says "
                    + text(says, field));
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.has(field) ? node.get(field) : NullNode.getInstance();
    return value.isNull() ? "nothing" : value.asText();
  }

  /** The operator finds records by it. */
  private static Optional<String> label(TransitionResource object, AuditRecord record) {
    String uid = object.getSpec().uid();
    return labelled(object, uid)
        ? Optional.empty()
        : Optional.of(
            "the label "
                + TransitionObjects.UID_LABEL
                + " of record "
                + record.seq()
                + " is not "
                + uid
                + ": the operator does not see it");
  }

  /** Whether the operator sees it as one of that chain. */
  static boolean labelled(TransitionResource object, String uid) {
    @Nullable Map<String, String> labels = object.getMetadata().getLabels();
    return labels != null && uid.equals(labels.get(TransitionObjects.UID_LABEL));
  }

  /** An object that was made anew under its name carries the time of that. */
  private static Optional<String> made(TransitionResource object, AuditRecord record) {
    return instant(object.getMetadata().getCreationTimestamp())
        .filter(made -> made.isAfter(record.ts().plus(APART)))
        .map(
            made ->
                "made again: record "
                    + record.seq()
                    + " is of "
                    + record.ts()
                    + ", its object was made at "
                    + made);
  }

  private static Optional<Instant> instant(@Nullable String text) {
    try {
      return Optional.ofNullable(text).map(Instant::parse);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Forgets what of the managed fields no check needs. */
  static void lighten(TransitionResource object) {
    @Nullable List<ManagedFieldsEntry> managed = object.getMetadata().getManagedFields();
    if (managed != null) {
      managed.stream()
          .map(ManagedFieldsEntry::getFieldsV1)
          .filter(Objects::nonNull)
          .forEach(fields -> fields.getAdditionalProperties().replaceAll((of, all) -> ""));
    }
  }

  /** Who wrote it, if not the operator. */
  private static Optional<String> writer(TransitionResource object) {
    List<ManagedFieldsEntry> managed = object.getMetadata().getManagedFields();
    return Optional.ofNullable(managed).stream()
        .flatMap(List::stream)
        .filter(entry -> entry.getFieldsV1() != null && entry.getSubresource() == null)
        .filter(entry -> entry.getFieldsV1().getAdditionalProperties().containsKey("f:spec"))
        .map(ManagedFieldsEntry::getManager)
        .filter(manager -> !WRITERS.contains(manager))
        .findFirst();
  }
}
