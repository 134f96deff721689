package dev.swiftdeploy.kubernetes.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a person asks once, as an annotation of the resource: {@code swiftdeploy.dev/rollback},
 * {@code swiftdeploy.dev/retry}, {@code swiftdeploy.dev/promote-now}. Its value is the reason, or a
 * JSON object {@code {"id": …, "actor": …, "reason": …, "release": …}}, all of them optional. It is
 * taken away when it is on record.
 *
 * @param key of the annotation
 * @param value as it was found
 */
public record RequestAnnotation(String key, String value, Request request) {
  /** Before the word of the request. */
  public static final String PREFIX = "swiftdeploy.dev/";

  private static final List<Request.Kind> KINDS =
      List.of(Request.Kind.ROLLBACK, Request.Kind.RETRY, Request.Kind.PROMOTE_NOW);
  private static final int LONGEST = 1000;

  /** The annotation's key for a request. */
  public static String key(Request.Kind kind) {
    return PREFIX + kind.word().replace('_', '-');
  }

  /** All annotations by which something is asked. */
  public static Set<String> keys() {
    return Stream.concat(KINDS.stream().map(RequestAnnotation::key), Stream.of(Acknowledgement.KEY))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * That a person takes note of the chain's damage: {@code swiftdeploy.dev/acknowledge}, with the
   * reason, or {@code {"actor": …, "reason": …}}.
   *
   * @param value as it was found
   */
  public record Acknowledgement(String value, Actor actor, String reason) {
    /** The annotation. */
    public static final String KEY = PREFIX + "acknowledge";
  }

  /** Where a resource carries one. */
  static Optional<Acknowledgement> acknowledgement(SwiftDeployResource resource) {
    Map<String, String> annotations = resource.getMetadata().getAnnotations();
    String value = annotations == null ? null : annotations.get(Acknowledgement.KEY);
    if (value == null) {
      return Optional.empty();
    }
    JsonNode told = object(value);
    String actor = actor(told, writer(resource.getMetadata(), Acknowledgement.KEY));
    return Optional.of(
        new Acknowledgement(value, new Actor(actor, "annotation", false), reason(told, value)));
  }

  /** The first one that a resource carries. */
  static Optional<RequestAnnotation> of(SwiftDeployResource resource) {
    Map<String, String> annotations = resource.getMetadata().getAnnotations();
    if (annotations == null) {
      return Optional.empty();
    }
    return KINDS.stream()
        .filter(kind -> annotations.containsKey(key(kind)))
        .findFirst()
        .map(kind -> read(resource.getMetadata(), kind, annotations.getOrDefault(key(kind), "")));
  }

  private static RequestAnnotation read(ObjectMeta meta, Request.Kind kind, String value) {
    JsonNode told = object(value);
    Optional<ManagedFieldsEntry> writer = writer(meta, key(kind));
    String id = text(told, "id").orElseGet(() -> id(meta, kind, value, writer));
    return new RequestAnnotation(
        key(kind),
        value,
        new Request(id, kind, actor(told, writer), reason(told, value), release(told)));
  }

  private static String actor(JsonNode told, Optional<ManagedFieldsEntry> writer) {
    return text(told, "actor")
        .or(() -> writer.map(ManagedFieldsEntry::getManager))
        .orElse("kubernetes");
  }

  private static String reason(JsonNode told, String value) {
    return told.isObject() ? text(told, "reason").orElse("") : cut(value);
  }

  /** The same annotation, seen again before it was taken away, is the same request. */
  private static String id(
      ObjectMeta meta, Request.Kind kind, String value, Optional<ManagedFieldsEntry> writer) {
    String when = writer.map(ManagedFieldsEntry::getTime).orElse("");
    return "r-"
        + Digests.sha256(meta.getUid() + "/" + kind + "/" + when + "/" + value).substring(0, 12);
  }

  /** Who has written it last, as the API server has it. */
  private static Optional<ManagedFieldsEntry> writer(ObjectMeta meta, String key) {
    return Optional.ofNullable(meta.getManagedFields()).stream()
        .flatMap(List::stream)
        .filter(entry -> entry.getFieldsV1() != null)
        .filter(
            entry ->
                String.valueOf(entry.getFieldsV1().getAdditionalProperties())
                    .contains("f:" + key + "="))
        .max(Comparator.comparing(entry -> String.valueOf(entry.getTime())));
  }

  private static JsonNode object(String value) {
    try {
      JsonNode read = Json.MAPPER.readTree(value);
      return read == null ? Json.MAPPER.missingNode() : read;
    } catch (JsonProcessingException e) {
      return Json.MAPPER.missingNode(); // plain words: the reason
    }
  }

  private static Optional<String> text(JsonNode told, String field) {
    return Optional.of(told.path(field).asText(""))
        .filter(t -> !t.isBlank())
        .map(RequestAnnotation::cut);
  }

  private static Optional<ReleaseId> release(JsonNode told) {
    try {
      return text(told, "release").map(ReleaseId::of);
    } catch (InvalidValue e) {
      return Optional.empty();
    }
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
  }
}
