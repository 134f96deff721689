package dev.swiftdeploy.kubernetes.audit;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.Told;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.api.TransitionSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Renders records as objects. Pure, and a format: {@code audit verify} holds objects to it, so what
 * is rendered otherwise one day has to be taken as it was, too.
 */
final class TransitionObjects {
  /** The label by which a chain's objects are found. */
  static final String UID_LABEL = "swiftdeploy.dev/uid";

  private static final String RESOURCE_LABEL = "swiftdeploy.dev/resource";
  private static final String TYPE_LABEL = "swiftdeploy.dev/type";
  private static final int LONGEST_MESSAGE = 2048;
  private static final Pattern NAME = Pattern.compile("(.+)-([0-9]{10})");

  private TransitionObjects() {}

  static String name(String uid, long seq) {
    return "%s-%010d".formatted(uid, seq);
  }

  /** The number in an object's name; 0 if it is not named as a record is. */
  static long seq(String name) {
    Matcher record = NAME.matcher(name);
    return record.matches() ? Long.parseLong(record.group(2)) : 0;
  }

  /** The uid in an object's name; empty if it is not named as a record is. */
  static Optional<String> uid(String name) {
    Matcher record = NAME.matcher(name);
    return record.matches() ? Optional.of(record.group(1)) : Optional.empty();
  }

  /**
   * The object of a record.
   *
   * @param resource whose chain it is
   * @param underWay the transition that was on its way before the record: one that an outcome ends
   */
  static TransitionResource object(
      String namespace,
      ResourceName resource,
      String uid,
      Optional<Transition> underWay,
      AuditRecord record) {
    Optional<Entry.Decided> decided =
        record.entry() instanceof Entry.Decided d ? Optional.of(d) : Optional.empty();
    Optional<String> outcome = outcome(record.entry());
    Optional<Transition> transition =
        decided.map(Entry.Decided::transition).or(() -> underWay.filter(t -> outcome.isPresent()));
    String type = type(record.entry());
    TransitionResource object = new TransitionResource();
    object.setMetadata(
        new ObjectMetaBuilder()
            .withName(name(uid, record.seq()))
            .withNamespace(namespace)
            .addToLabels(UID_LABEL, uid)
            .addToLabels(RESOURCE_LABEL, resource.value())
            .addToLabels(TYPE_LABEL, type)
            .build());
    object.setSpec(
        new TransitionSpec(
            resource.value(),
            uid,
            record.seq(),
            type,
            record.ts().toString(),
            transition.map(t -> t.kind().word()).orElse(null),
            transition.flatMap(Transition::from).map(ReleaseId::value).orElse(null),
            transition.flatMap(Transition::to).map(ReleaseId::value).orElse(null),
            decided.map(d -> capitalized(d.verdict().word())).orElse(null),
            decided.map(Entry.Decided::enact).orElse(null),
            decisionId(record.entry()).orElse(null),
            outcome.orElse(null),
            message(record.entry()),
            record.line()));
    return object;
  }

  private static Optional<String> outcome(Entry entry) {
    if (entry instanceof Entry.Applied) {
      return Optional.of("Applied");
    }
    return entry instanceof Entry.Failed failed && failed.decisionId().isPresent()
        ? Optional.of("Failed")
        : Optional.empty();
  }

  /** The decision that a record is, or rests on. */
  private static Optional<String> decisionId(Entry entry) {
    if (entry instanceof Entry.Decided decided) {
      return Optional.of(decided.decisionId());
    }
    if (entry instanceof Entry.Applied applied) {
      return Optional.of(applied.decisionId());
    }
    if (entry instanceof Entry.Failed failed) {
      return failed.decisionId();
    }
    return entry instanceof Entry.Repaired repaired
        ? Optional.of(repaired.decisionId())
        : Optional.empty();
  }

  private static @Nullable String message(Entry entry) {
    String message = null;
    if (entry instanceof Entry.Decided decided) {
      message = Told.verdict(decided);
    } else if (entry instanceof Entry.Failed failed) {
      message = failed.message();
    } else if (entry instanceof Entry.Repaired repaired) {
      message = String.join(", ", repaired.found());
    } else if (entry instanceof Entry.Requested requested) {
      message = requested.request().actor() + " asks: " + requested.request().kind().word();
    }
    return message == null || message.length() <= LONGEST_MESSAGE
        ? message
        : message.substring(0, LONGEST_MESSAGE - 1) + "…";
  }

  /** The record's own word for its type, as in its line. */
  private static String type(Entry entry) {
    for (com.fasterxml.jackson.annotation.JsonSubTypes.Type type :
        Entry.class.getAnnotation(com.fasterxml.jackson.annotation.JsonSubTypes.class).value()) {
      if (type.value().equals(entry.getClass())) {
        return type.name();
      }
    }
    throw new IllegalArgumentException("an entry of no type: " + entry.getClass());
  }

  private static String capitalized(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
