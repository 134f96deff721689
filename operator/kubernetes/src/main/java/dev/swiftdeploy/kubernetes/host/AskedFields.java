package dev.swiftdeploy.kubernetes.host;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.operator.RequestAnnotation;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads, of the managed fields of an object, only who wrote an annotation by which something is
 * asked, and of a Transition also who wrote its {@code spec}. All of them would be the larger half
 * of what the operator's watches keep. Where nobody asks there are none, as if the API server had
 * not sent any; written back so, the API server keeps its own.
 */
final class AskedFields extends JsonDeserializer<@Nullable List<ManagedFieldsEntry>> {
  private static final String OF_METADATA = "f:metadata";
  private static final String TRANSITION = HasMetadata.getKind(TransitionResource.class);
  private static final String OF_SPEC = "f:spec";
  private static final String OF_ANNOTATIONS = "f:annotations";
  private static final Set<String> ASKED =
      RequestAnnotation.keys().stream().map(key -> "f:" + key).collect(Collectors.toSet());

  /** Stands for the property of {@link ObjectMeta}. */
  abstract static class Meta {
    @JsonDeserialize(using = AskedFields.class)
    @Nullable List<ManagedFieldsEntry> managedFields;
  }

  /** As the client's own, but for this. */
  static KubernetesSerialization serialization() {
    return new KubernetesSerialization(
        new ObjectMapper().addMixIn(ObjectMeta.class, Meta.class), true);
  }

  @Override
  public @Nullable List<ManagedFieldsEntry> deserialize(
      JsonParser json, DeserializationContext context) throws IOException {
    boolean record = ofRecord(json.getParsingContext());
    List<ManagedFieldsEntry> asked = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      ManagedFieldsEntry entry = entry(json, record);
      if (entry.getFieldsV1() != null) {
        asked.add(entry);
      }
    }
    return asked.isEmpty() ? null : asked;
  }

  /** Whether the list that is read is of the metadata of a Transition; a watch knows no types. */
  private static boolean ofRecord(JsonStreamContext list) {
    @Nullable JsonStreamContext metadata = list.getParent();
    @Nullable JsonStreamContext object = metadata == null ? null : metadata.getParent();
    @Nullable Object value = object == null ? null : object.getCurrentValue();
    return value instanceof TransitionResource
        || (value instanceof GenericKubernetesResource untyped
            && TRANSITION.equals(untyped.getKind()));
  }

  private static ManagedFieldsEntry entry(JsonParser json, boolean record) throws IOException {
    ManagedFieldsEntryBuilder entry = new ManagedFieldsEntryBuilder();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      switch (name) {
        case "manager" -> entry.withManager(json.getText());
        case "operation" -> entry.withOperation(json.getText());
        case "time" -> entry.withTime(json.getText());
        case "fieldsV1" -> entry.withFieldsV1(asked(json, record));
        default -> json.skipChildren();
      }
    }
    return entry.build();
  }

  private static @Nullable FieldsV1 asked(JsonParser json, boolean record) throws IOException {
    Map<String, Object> annotations = new LinkedHashMap<>();
    FieldsV1 fields = new FieldsV1();
    for (String of = json.nextFieldName(); of != null; of = json.nextFieldName()) {
      json.nextToken();
      if (of.equals(OF_METADATA)) {
        annotations(json, annotations);
      } else {
        json.skipChildren();
        if (record && of.equals(OF_SPEC)) {
          fields.setAdditionalProperty(OF_SPEC, Map.of());
        }
      }
    }
    if (!annotations.isEmpty()) {
      fields.setAdditionalProperty(OF_METADATA, Map.of(OF_ANNOTATIONS, annotations));
    }
    return fields.getAdditionalProperties().isEmpty() ? null : fields;
  }

  private static void annotations(JsonParser json, Map<String, Object> asked) throws IOException {
    for (String of = json.nextFieldName(); of != null; of = json.nextFieldName()) {
      boolean annotations = of.equals(OF_ANNOTATIONS);
      json.nextToken();
      if (!annotations) {
        json.skipChildren();
        continue;
      }
      for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
        json.nextToken();
        json.skipChildren();
        if (ASKED.contains(key)) {
          asked.put(key, Map.of());
        }
      }
    }
  }
}
