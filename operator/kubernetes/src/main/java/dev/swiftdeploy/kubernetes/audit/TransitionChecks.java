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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

  private final List<TransitionResource> objects;
  private final List<AuditRecord> records;
  private final StateFold fold = new StateFold();

  private TransitionChecks(List<TransitionResource> objects, List<AuditRecord> records) {
    this.objects = objects;
    this.records = records;
  }

  /** The first bad place; an object stands at its record's place. */
  static Optional<Damage> of(List<TransitionResource> objects, List<AuditRecord> records) {
    TransitionChecks checks = new TransitionChecks(objects, records);
    for (int i = 0; i < records.size(); i++) {
      Optional<Damage> bad = checks.at(i);
      if (bad.isPresent()) {
        return bad;
      }
    }
    return Optional.empty();
  }

  private Optional<Damage> at(int i) {
    TransitionResource object = objects.get(i);
    AuditRecord record = records.get(i);
    Optional<Transition> underWay = underWay(record.entry());
    fold.accept(record);
    return told(object, underWay, record)
        .or(() -> label(object, record))
        .map(what -> "edited: " + what)
        .map(what -> new Damage(Damage.Kind.EDITED, i + 1, what))
        .or(
            () ->
                made(object, record)
                    .or(() -> writer(object))
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
    Map<String, String> labels = object.getMetadata().getLabels();
    String uid = object.getSpec().uid();
    return labels != null && uid.equals(labels.get(TransitionObjects.UID_LABEL))
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

  private static Optional<String> writer(TransitionResource object) {
    List<ManagedFieldsEntry> managed = object.getMetadata().getManagedFields();
    return Optional.ofNullable(managed).stream()
        .flatMap(List::stream)
        .filter(entry -> entry.getFieldsV1() != null && entry.getSubresource() == null)
        .filter(entry -> entry.getFieldsV1().getAdditionalProperties().containsKey("f:spec"))
        .map(ManagedFieldsEntry::getManager)
        .filter(manager -> !WRITERS.contains(manager))
        .findFirst()
        .map(manager -> "forged: " + manager + " wrote it, and not the operator");
  }
}
