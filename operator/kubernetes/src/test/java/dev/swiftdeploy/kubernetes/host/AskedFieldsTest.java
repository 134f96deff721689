package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Of managed fields the operator reads who asked, and nothing else. */
class AskedFieldsTest {
  private final KubernetesSerialization serialization = AskedFields.serialization();

  private static String object(String kind, String managedFields) {
    return """
        {"apiVersion": "%s", "kind": "%s",
         "metadata": {"name": "shop", "managedFields": %s, "uid": "u1"}, "spec": {}}
        """
        .formatted(kind.equals("Pod") ? "v1" : "swiftdeploy.dev/v1alpha1", kind, managedFields);
  }

  private static String entry(String manager, String fields) {
    return """
        {"manager": "%s", "operation": "Update", "apiVersion": "v1", "time": "2026-11-28T04:00:00Z",
         "fieldsType": "FieldsV1", "subresource": "status", "fieldsV1": %s}
        """
        .formatted(manager, fields);
  }

  private static final String STATUS =
      "{\"f:status\": {\".\": {}, \"f:conditions\": {\"k:{\\\"type\\\":\\\"Ready\\\"}\": {\"f:metadata\": {}}}}}";

  @Test
  void whoAskedIsRead() {
    String annotations =
        "{\"f:metadata\": {\"f:labels\": {\"f:a\": {}}, \"f:annotations\": {\".\": {}, "
            + "\"f:swiftdeploy.dev/rollback\": {}, \"f:example.com/other\": {}}}, \"f:spec\": {}}";
    SwiftDeployResource read =
        serialization.unmarshal(
            object(
                "SwiftDeploy",
                "[" + entry("swiftdeploy", STATUS) + "," + entry("ann", annotations) + "]"),
            SwiftDeployResource.class);

    assertThat(read.getMetadata().getUid()).isEqualTo("u1");
    assertThat(read.getMetadata().getManagedFields()).hasSize(1);
    ManagedFieldsEntry asked = read.getMetadata().getManagedFields().get(0);
    assertThat(asked.getManager()).isEqualTo("ann");
    assertThat(asked.getTime()).isEqualTo("2026-11-28T04:00:00Z");
    assertThat(asked.getFieldsV1().getAdditionalProperties())
        .isEqualTo(
            Map.of(
                "f:metadata",
                Map.of("f:annotations", Map.of("f:swiftdeploy.dev/rollback", Map.of()))));
  }

  @Test
  void whatNobodyAsksForIsAsIfItHadNotBeenSent() {
    String annotations =
        "{\"f:metadata\": {\"f:annotations\": {\"f:swiftdeploy.dev/rendered\": {}}}}";
    Pod read =
        serialization.unmarshal(
            object("Pod", "[" + entry("kubelet", STATUS) + "," + entry("k", annotations) + "]"),
            Pod.class);

    assertThat(read.getMetadata().getName()).isEqualTo("shop");
    assertThat(read.getMetadata().getUid()).isEqualTo("u1");
    assertThat(read.getSpec()).isNotNull();
    assertThat(serialization.asJson(read)).doesNotContain("managedFields");
  }

  @Test
  void whoWroteARecordIsRead() {
    String spec = "{\"f:metadata\": {\"f:labels\": {}}, \"f:spec\": {\"f:line\": {}}}";
    String entries = "[" + entry("kubectl-create", spec) + "," + entry("kubectl-label", "{}") + "]";
    String object = object("Transition", entries);
    String event = "{\"type\": \"ADDED\", \"object\": " + object + "}";
    TransitionResource read = serialization.unmarshal(object, TransitionResource.class);
    TransitionResource shown =
        serialization.convertValue(
            serialization.unmarshal(event, WatchEvent.class).getObject(), TransitionResource.class);

    for (TransitionResource one : List.of(read, shown)) {
      assertThat(one.getMetadata().getManagedFields())
          .singleElement()
          .satisfies(
              wrote -> {
                assertThat(wrote.getManager()).isEqualTo("kubectl-create");
                assertThat(wrote.getFieldsV1().getAdditionalProperties())
                    .isEqualTo(Map.of("f:spec", Map.of()));
              });
    }
    assertThat(serialization.unmarshal(object("Pod", entries), Pod.class).getMetadata())
        .as("of nothing else")
        .satisfies(pod -> assertThat(pod.getManagedFields()).isNull());
  }

  @Test
  void noneIsNone() {
    Pod read = serialization.unmarshal(object("Pod", "[]"), Pod.class);
    assertThat(read.getMetadata().getUid()).isEqualTo("u1");
    assertThat(serialization.asJson(read)).doesNotContain("managedFields");
    assertThat(
            serialization
                .unmarshal(object("Pod", "null"), Pod.class)
                .getMetadata()
                .getManagedFields())
        .isNullOrEmpty();
  }
}
