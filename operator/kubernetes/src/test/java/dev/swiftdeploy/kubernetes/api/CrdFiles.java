package dev.swiftdeploy.kubernetes.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Generates the CRDs from the resource classes: the files of {@code crds/}. */
final class CrdFiles {
  private static final List<Class<? extends CustomResource<?, ?>>> RESOURCES =
      List.of(SwiftDeployResource.class, TransitionResource.class);

  /** The columns as a person reads them; the generator puts them into the order of their paths. */
  private static final List<String> COLUMNS =
      List.of(
          "Resource",
          "Ready",
          "Mode",
          "Version",
          "Weight",
          "Seq",
          "Type",
          "Kind",
          "To",
          "Verdict",
          "Reason",
          "Outcome",
          "Age",
          "From",
          "Image",
          "Step",
          "Message");

  /** Lists that several owners may apply to, and what tells their items apart. */
  private static final Map<String, List<String>> LIST_MAPS =
      Map.of("env", List.of("name"), "conditions", List.of("type"));

  /** What is described by its class, as no property names it. */
  private static final Map<String, Map<String, Class<?>>> DESCRIBED =
      Map.of(
          "SwiftDeploy",
          Map.of(
              "", SwiftDeployResource.class,
              "spec", SwiftDeploySpec.class,
              "status", SwiftDeployStatus.class,
              "env[]", SwiftDeploySpec.EnvVar.class,
              "steps[]", SwiftDeploySpec.CanaryStep.class,
              "conditions[]", SwiftDeployStatus.Condition.class,
              "decisions[]", SwiftDeployStatus.Decision.class,
              "violations[]", SwiftDeployStatus.Found.class,
              "refused[]", SwiftDeployStatus.Refused.class),
          "Transition",
          Map.of(
              "", TransitionResource.class,
              "spec", TransitionSpec.class));

  /** Else what was just made would be taken for ready, by tools that go by kstatus. */
  private static final JsonNode UNWRITTEN =
      JsonNodeFactory.instance.objectNode().put("observedGeneration", -1);

  private static final List<String> LONG = List.of("seq", "observedGeneration");

  private CrdFiles() {}

  /** File name and content of each CRD. */
  static Map<String, String> generate(Path scratch) throws IOException {
    new CRDGenerator()
        .customResourceClasses(List.copyOf(RESOURCES))
        .forCRDVersions("v1")
        .withMinQuotes(false)
        .withPostProcessor(
            new CRDPostProcessor() {
              @Override
              public HasMetadata process(HasMetadata crd, String version) {
                return finished((CustomResourceDefinition) crd);
              }
            })
        .inOutputDir(scratch.toFile())
        .generate();
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> made = Files.list(scratch)) {
      for (Path file : made.toList()) {
        String name = file.getFileName().toString().replace("-v1.yml", ".yaml");
        String head =
            "# Generated from operator/kubernetes by hack/generate crds; not to be edited.\n";
        String text = Files.readString(file).replaceFirst("(?m)\\A#.*\\R", "");
        files.put(name, head + text);
      }
    }
    return files;
  }

  private static CustomResourceDefinition finished(CustomResourceDefinition crd) {
    for (CustomResourceDefinitionVersion version : crd.getSpec().getVersions()) {
      version
          .getAdditionalPrinterColumns()
          .sort(
              Comparator.comparingInt(
                  (CustomResourceColumnDefinition c) -> COLUMNS.indexOf(c.getName())));
      if (version.getSubresources() == null) { // a status of nothing is none
        version.getSchema().getOpenAPIV3Schema().getProperties().remove("status");
      }
      JSONSchemaProps status =
          version.getSchema().getOpenAPIV3Schema().getProperties().get("status");
      if (status != null) {
        status.setDefault(UNWRITTEN);
      }
      finish(
          "",
          version.getSchema().getOpenAPIV3Schema(),
          DESCRIBED.get(crd.getSpec().getNames().getKind()));
    }
    return crd;
  }

  /** The API server names a refused text by its type only: the message quotes it, as core's do. */
  private static void quoting(ValidationRule rule) {
    if (rule.getMessage().startsWith("is not ")) {
      rule.setMessageExpression("'\"' + self + '\" " + rule.getMessage().replace("'", "\\'") + "'");
    }
  }

  private static void finish(String name, JSONSchemaProps schema, Map<String, Class<?>> described) {
    Class<?> type = described.get(name);
    if (type != null) {
      schema.setDescription(type.getAnnotation(JsonClassDescription.class).value());
    }
    if ("array".equals(schema.getType())) {
      List<String> keys = LIST_MAPS.get(name);
      schema.setXKubernetesListType(keys == null ? "atomic" : "map");
      if (keys != null) {
        schema.setXKubernetesListMapKeys(keys);
      }
      finish(name + "[]", schema.getItems().getSchema(), described);
    }
    // The generator finds a record component's rules twice, on its field and on its accessor.
    if (schema.getXKubernetesValidations() != null) {
      schema.setXKubernetesValidations(
          new ArrayList<>(new LinkedHashSet<>(schema.getXKubernetesValidations())));
    }
    if ("string".equals(schema.getType()) && schema.getXKubernetesValidations() != null) {
      schema.getXKubernetesValidations().forEach(CrdFiles::quoting);
    }
    if (name.endsWith("Time") || name.equals("time")) {
      schema.setFormat("date-time");
    }
    if ("integer".equals(schema.getType())) {
      schema.setFormat(LONG.contains(name) ? "int64" : "int32");
    }
    // Written as 5, where the generator writes !!float '5'.
    if (schema.getDefault() != null && schema.getDefault().isDouble()) {
      schema.setDefault(IntNode.valueOf(schema.getDefault().intValue()));
    }
    if (schema.getProperties() != null) {
      schema.getProperties().forEach((key, value) -> finish(key, value, described));
    }
  }
}
