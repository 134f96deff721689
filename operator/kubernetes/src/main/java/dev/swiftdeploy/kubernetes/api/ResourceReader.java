package dev.swiftdeploy.kubernetes.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.manifest.ManifestReader;
import dev.swiftdeploy.adapters.manifest.ManifestResult;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a resource of the API server as a manifest is read: the same text through the same reader,
 * so that there is one table of keys, one set of defaults, one check of each value. JSON is YAML.
 */
public final class ResourceReader {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
          .build();

  private ResourceReader() {}

  /**
   * Reads.
   *
   * @return one resource; or what is wrong with it, where the API server let something through that
   *     no type holds (a value with a NUL, more labels than are taken)
   */
  public static ManifestResult read(SwiftDeployResource resource) {
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("apiVersion", SwiftDeployResource.GROUP + "/" + SwiftDeployResource.VERSION);
    manifest.put("kind", "SwiftDeploy");
    ObjectNode metadata = manifest.putObject("metadata");
    metadata.put("name", resource.getMetadata().getName());
    @Nullable Map<String, String> labels = resource.getMetadata().getLabels();
    if (labels != null && !labels.isEmpty()) {
      metadata.set("labels", JSON.valueToTree(labels));
    }
    manifest.set("spec", JSON.valueToTree(resource.getSpec()));
    try {
      byte[] text = JSON.writeValueAsString(manifest).getBytes(StandardCharsets.UTF_8);
      return ManifestReader.read(text, resource.getMetadata().getName(), "resource");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON that can't be written", e);
    }
  }
}
