package dev.swiftdeploy.kubernetes.platform;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;

/**
 * Whether an object is still as it was rendered: all that was rendered is there. What the API
 * server or others have added beside it does not count.
 */
final class Holds {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private Holds() {}

  static boolean holds(HasMetadata rendered, HasMetadata there) {
    JsonNode wanted = JSON.convertValue(rendered, JsonNode.class);
    JsonNode now = JSON.convertValue(there, JsonNode.class);
    return in(wanted.path("spec"), now.path("spec"))
        && in(wanted.path("data"), now.path("data"))
        && in(wanted.path("metadata").path("labels"), now.path("metadata").path("labels"));
  }

  private static boolean in(JsonNode wanted, JsonNode there) {
    if (wanted.isMissingNode() || wanted.isNull()) {
      return true;
    }
    if (wanted.isObject()) {
      for (Map.Entry<String, JsonNode> field : wanted.properties()) {
        if (!in(field.getValue(), there.path(field.getKey()))) {
          return false;
        }
      }
      return true;
    }
    if (wanted.isArray()) {
      return sameItems(wanted, there);
    }
    return wanted.equals(there) || sameAmount(wanted.asText(), there.asText());
  }

  private static boolean sameItems(JsonNode wanted, JsonNode there) {
    if (wanted.size() != there.size()) {
      return false;
    }
    for (int i = 0; i < wanted.size(); i++) {
      if (!in(wanted.get(i), there.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The API server writes 1000m as 1. */
  private static boolean sameAmount(String wanted, String there) {
    if (wanted.equals(there)) {
      return true;
    }
    try {
      return Quantity.getAmountInBytes(Quantity.parse(wanted))
              .compareTo(Quantity.getAmountInBytes(Quantity.parse(there)))
          == 0;
    } catch (IllegalArgumentException e) {
      return false; // not both are amounts
    }
  }
}
