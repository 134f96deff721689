package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The Rego of a policy, and what it was compiled to, as a ConfigMap. A ConfigMap has no folders, so
 * a file below one is keyed with dots for slashes, {@code lib.text.rego}, and the description of
 * the bundle names its sources so. Mounted as a folder, with {@code policy.wasm} and {@code
 * bundle.json} at {@code bundle/} and a {@code data.json} from elsewhere, it is the same policy, by
 * the same digest: names of files decide nothing.
 */
public final class PolicyConfigMap {
  /** Bytes: what a ConfigMap holds at most. */
  private static final int MOST = 1 << 20;

  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder()
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .build());

  private PolicyConfigMap() {}

  /**
   * As YAML for {@code kubectl apply --server-side}.
   *
   * @throws IOException if it does not fit; the message says why, and what to do
   */
  public static String of(PolicyBundle policy, String name, String namespace) throws IOException {
    ObjectNode map = StrictJson.MAPPER.createObjectNode();
    map.put("apiVersion", "v1").put("kind", "ConfigMap");
    map.putObject("metadata").put("name", name).put("namespace", namespace);
    int size = 0;
    SortedMap<String, byte[]> files = files(policy);
    ObjectNode data = map.putObject("data");
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      data.put(file.getKey(), new String(file.getValue(), StandardCharsets.UTF_8));
      size += file.getValue().length;
    }
    map.putObject("binaryData")
        .put("policy.wasm", Base64.getEncoder().encodeToString(policy.wasm()));
    size += policy.wasm().length;
    if (size > MOST) {
      throw new IOException(
          "the policy has " + size + " bytes, and a ConfigMap holds " + MOST + ": leave out rules");
    }
    return YAML.writeValueAsString(map);
  }

  private static SortedMap<String, byte[]> files(PolicyBundle policy) throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    for (Map.Entry<String, byte[]> file : policy.files().entrySet()) {
      if (PolicyFiles.isSource(file.getKey())
          && files.put(key(file.getKey()), file.getValue()) != null) {
        throw new IOException(
            "two of its files would be " + key(file.getKey()) + ": give one another name");
      }
    }
    files.put("bundle.json", description(policy));
    return files;
  }

  private static String key(String file) {
    return file.replace('/', '.');
  }

  private static byte[] description(PolicyBundle policy) throws IOException {
    byte[] told = policy.files().get(PolicyFiles.DESCRIPTION);
    if (told == null) {
      throw new IllegalArgumentException(PolicyFiles.DESCRIPTION);
    }
    ObjectNode description = (ObjectNode) StrictJson.read(told);
    ObjectNode sources = StrictJson.MAPPER.createObjectNode();
    for (Map.Entry<String, JsonNode> source : description.path("sources").properties()) {
      sources.set(key(source.getKey()), source.getValue());
    }
    description.set("sources", sources);
    return pretty(description);
  }

  private static byte[] pretty(JsonNode node) throws JsonProcessingException {
    return (StrictJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
