package dev.swiftdeploy.kubernetes.host;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.swiftdeploy.kubernetes.operator.RequestAnnotation;
import io.fabric8.kubernetes.api.model.FieldsV1;
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
 * asked. All of them would be the larger half of what the operator's watches keep. Where nobody
 * asks there are none, as if the API server had not sent any; written back so, the API server keeps
 * its own.
 */
final class AskedFields extends JsonDeserializer<@Nullable List<ManagedFieldsEntry>> {
  private static final String OF_METADATA = "f:metadata";
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
    List<ManagedFieldsEntry> asked = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      ManagedFieldsEntry entry = entry(json);
      if (entry.getFieldsV1() != null) {
        asked.add(entry);
      }
    }
    return asked.isEmpty() ? null : asked;
  }

  private static ManagedFieldsEntry entry(JsonParser json) throws IOException {
    ManagedFieldsEntryBuilder entry = new ManagedFieldsEntryBuilder();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      switch (name) {
        case "manager" -> entry.withManager(json.getText());
        case "operation" -> entry.withOperation(json.getText());
        case "time" -> entry.withTime(json.getText());
        case "fieldsV1" -> entry.withFieldsV1(asked(json));
        default -> json.skipChildren();
      }
    }
    return entry.build();
  }

  private static @Nullable FieldsV1 asked(JsonParser json) throws IOException {
    Map<String, Object> annotations = new LinkedHashMap<>();
    for (String of = json.nextFieldName(); of != null; of = json.nextFieldName()) {
      json.nextToken();
      if (of.equals(OF_METADATA)) {
        annotations(json, annotations);
      } else {
        json.skipChildren();
      }
    }
    if (annotations.isEmpty()) {
      return null;
    }
    FieldsV1 fields = new FieldsV1();
    fields.setAdditionalProperty(OF_METADATA, Map.of(OF_ANNOTATIONS, annotations));
    return fields;
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
