package dev.swiftdeploy.kubernetes.host;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.evidence.NodeStats;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads a kubelet's {@code /stats/summary} (k8s.io/kubelet, pkg/apis/stats/v1alpha1: {@code
 * Summary.node}), beside the capacity that the cluster tells of the node. Pure.
 */
final class KubeletSummary {
  /** A value among others: more follows it. */
  private static final ObjectReader PART =
      Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final double NANO = 1e9;
  private static final double ALL = 100;

  private final List<String> untold = new ArrayList<>();
  private final JsonNode node;
  private final Map<String, Quantity> capacity;

  private KubeletSummary(JsonNode node, Map<String, Quantity> capacity) {
    this.node = node;
    this.capacity = capacity;
  }

  /**
   * Reads no further than what it says of the node: what it says of pods comes after it, and is
   * long.
   *
   * @throws IOException if it can't be read, is no JSON, or says nothing of a node
   */
  static NodeStats read(InputStream body, Node of) throws IOException {
    try (JsonParser parser = Json.MAPPER.getFactory().createParser(body)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          boolean node = parser.currentName().equals("node");
          parser.nextToken();
          if (node) {
            JsonNode said = PART.readTree(parser);
            return new KubeletSummary(said, capacity(of)).stats();
          }
          parser.skipChildren();
        }
      }
      throw new IOException("it says nothing of a node");
    }
  }

  private static Map<String, Quantity> capacity(Node node) {
    return node.getStatus() == null || node.getStatus().getCapacity() == null
        ? Map.of()
        : node.getStatus().getCapacity();
  }

  private NodeStats stats() {
    OptionalLong free = bytes("fs", "availableBytes");
    OptionalLong total = bytes("fs", "capacityBytes");
    OptionalDouble cpu = share("cpu", "usageNanoCores", NANO, "cpu");
    OptionalDouble memory = share("memory", "workingSetBytes", 1, "memory");
    return new NodeStats(
        free,
        total,
        cpu,
        memory,
        untold.isEmpty()
            ? Optional.empty()
            : Optional.of("its kubelet does not tell " + String.join(", ", untold)));
  }

  private OptionalLong bytes(String section, String field) {
    JsonNode value = node.path(section).path(field);
    if (value.isIntegralNumber() && value.canConvertToLong() && value.asLong() >= 0) {
      return OptionalLong.of(value.asLong());
    }
    untold.add(section + "." + field);
    return OptionalLong.empty();
  }

  /** In percent of what the node has, with two decimals; a sample may be a hair above all of it. */
  private OptionalDouble share(String section, String field, double unit, String of) {
    JsonNode value = node.path(section).path(field);
    Optional<BigDecimal> all = amount(of);
    if (!value.isIntegralNumber() || value.asDouble() < 0 || all.isEmpty()) {
      untold.add(all.isEmpty() ? "the node's capacity of " + of : section + "." + field);
      return OptionalDouble.empty();
    }
    double percent = value.asDouble() / unit / all.get().doubleValue() * ALL;
    return OptionalDouble.of(Math.min(ALL, Math.round(percent * ALL) / ALL));
  }

  private Optional<BigDecimal> amount(String of) {
    @Nullable Quantity quantity = capacity.get(of);
    try {
      return Optional.ofNullable(quantity)
          .map(Quantity::getAmountInBytes)
          .filter(amount -> amount.signum() > 0);
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no amount
    }
  }
}
