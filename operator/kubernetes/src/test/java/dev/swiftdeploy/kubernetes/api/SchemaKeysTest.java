package dev.swiftdeploy.kubernetes.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.adapters.manifest.ManifestReader;
import dev.swiftdeploy.adapters.manifest.Problem;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The schema knows exactly the keys that the manifest reader knows: one manifest serves both. */
class SchemaKeysTest {
  private static final Pattern KNOWN = Pattern.compile("known here are (.*)");

  @Test
  void theSchemaKnowsWhatTheReaderKnows() throws Exception {
    Map<String, Set<String>> schema = new TreeMap<>();
    collect("", spec(), schema);
    // A variable's keys are told in other words: name and value.
    assertThat(schema.remove("services.env[]")).containsExactly("name", "value");
    // The reader takes what Kubernetes takes of these two by its checks, not by a list of keys.
    assertThat(schema.remove("services.resources")).containsExactly("cpu", "memory");

    Map<String, Set<String>> reader = new TreeMap<>();
    schema.keySet().forEach(section -> reader.put(section, known(section)));

    assertThat(reader).isEqualTo(schema);
    assertThat(schema).containsKeys("", "services", "canary.steps[]", "policy.thresholds");
  }

  static JSONSchemaProps spec() throws Exception {
    String text = Files.readString(Path.of("../../crds/swiftdeploys.swiftdeploy.dev.yaml"));
    CustomResourceDefinition crd = Serialization.unmarshal(text, CustomResourceDefinition.class);
    return crd.getSpec()
        .getVersions()
        .get(0)
        .getSchema()
        .getOpenAPIV3Schema()
        .getProperties()
        .get("spec");
  }

  private static void collect(String path, JSONSchemaProps schema, Map<String, Set<String>> into) {
    if (schema.getItems() != null) {
      collect(path + "[]", schema.getItems().getSchema(), into);
    } else if (schema.getProperties() != null && !schema.getProperties().isEmpty()) {
      into.put(path, new TreeSet<>(schema.getProperties().keySet()));
      schema
          .getProperties()
          .forEach((key, value) -> collect(path.isEmpty() ? key : path + "." + key, value, into));
    }
  }

  /** The keys that the reader names when it meets one that it doesn't know. */
  private static Set<String> known(String section) {
    StringBuilder text =
        new StringBuilder("apiVersion: swiftdeploy.dev/v1alpha1\nkind: SwiftDeploy\n");
    text.append("metadata: {name: demo}\nspec:\n");
    String indent = "  ";
    if (!section.isEmpty()) {
      for (String key : section.split("\\.")) {
        boolean list = key.endsWith("[]");
        text.append(indent).append(key.replace("[]", "")).append(":\n");
        indent += "  ";
        if (list) {
          text.append(indent).append("-\n");
          indent += "  ";
        }
      }
    }
    text.append(indent).append("qqqqqqqqqqqqqqqqqqqq: 1\n");
    return ManifestReader.read(text.toString().getBytes(StandardCharsets.UTF_8), "m.yaml", "demo")
        .problems()
        .stream()
        .filter(p -> p.path().endsWith("qqqqqqqqqqqqqqqqqqqq"))
        .map(Problem::fix)
        .map(KNOWN::matcher)
        .filter(Matcher::find)
        .findFirst()
        .map(m -> (Set<String>) new TreeSet<>(Arrays.asList(m.group(1).split(", "))))
        .orElseGet(TreeSet::new);
  }
}
