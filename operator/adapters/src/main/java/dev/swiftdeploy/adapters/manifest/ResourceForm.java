package dev.swiftdeploy.adapters.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads {@code apiVersion}, {@code kind}, {@code metadata}, {@code spec}, as {@code kubectl} takes
 * them. A key that isn't known is an error: it would be one there, too.
 */
final class ResourceForm implements Source {
  static final String API_VERSION = "swiftdeploy.dev/v1alpha1";
  static final String KIND = "SwiftDeploy";

  private static final List<String> ROOT = List.of("apiVersion", "kind", "metadata", "spec");
  private static final List<String> METADATA =
      List.of("name", "labels", "namespace", "annotations");

  /** What the API server adds: it stands in what {@code kubectl get -o yaml} prints. */
  private static final Set<String> SERVERS =
      Set.of(
          "status",
          "metadata.uid",
          "metadata.resourceVersion",
          "metadata.generation",
          "metadata.creationTimestamp",
          "metadata.managedFields",
          "metadata.selfLink");

  private final Node root;
  private final Problems problems;
  private final Values values;
  private final Tree tree = new Tree();

  private ResourceForm(Node root, Problems problems) {
    this.root = root;
    this.problems = problems;
    this.values = new Values(problems, form());
  }

  /** The document's resource; none where something was told about it that can't be taken. */
  static Optional<Declaration> read(Documents.Document document, Problems problems) {
    return new ResourceForm(document.root(), problems).read(document.index());
  }

  private Optional<Declaration> read(int index) {
    int before = problems.errors();
    sections();
    constant("apiVersion", API_VERSION);
    constant("kind", KIND);
    Optional<Field> nameField = tree.find(root, "", "metadata.name");
    Optional<ResourceName> name = name(nameField);
    SortedMap<String, String> labels = labels();
    SpecReader spec = new SpecReader(this, problems);
    Spec read = spec.read();
    quietly();
    tree.unread(root, "", this::unknown);
    return problems.errors() > before
        ? Optional.empty()
        : Optional.of(
            new Declaration(
                new Resource(name.orElseThrow(), labels, read),
                index,
                root,
                nameField.map(Field::valueSpot).orElse(Spot.of(root)),
                this,
                spec.fields()));
  }

  // Source

  @Override
  public ManifestResult.Form form() {
    return ManifestResult.Form.RESOURCE;
  }

  @Override
  public Optional<Field> find(String path) {
    return tree.find(root, "", written(path));
  }

  @Override
  public boolean isRead(Field field) {
    return tree.isRead(field);
  }

  @Override
  public String written(String path) {
    return "spec." + path;
  }

  @Override
  public Spot near(String path) {
    return Tree.nearest(root, written(path));
  }

  @Override
  public SortedMap<String, JsonNode> thresholds() {
    SortedMap<String, JsonNode> thresholds = new TreeMap<>();
    Optional<Field> section = find("policy.thresholds");
    if (section.isEmpty() || section.get().isEmpty()) {
      return thresholds;
    }
    Field mapping = section.get();
    if (!mapping.isMapping()) {
      notAMapping(mapping, "write thresholds: {minDiskFreeGb: 20}");
      return thresholds;
    }
    for (Field field : Tree.children(mapping.value(), mapping.path())) {
      Optional<Threshold> threshold = Threshold.bySpecName(field.name());
      if (threshold.isEmpty()) {
        notKnown(field, Threshold.specNames());
      } else {
        Threshold t = threshold.get();
        values
            .number(field, t::checked, "write a number: " + t.unit())
            .ifPresent(number -> thresholds.put(t.policyName(), Threshold.json(number)));
      }
    }
    return thresholds;
  }

  // metadata

  private void constant(String key, String wanted) {
    Optional<Field> field = tree.find(root, "", key);
    if (field.isEmpty()) {
      problems.error(Spot.of(root), key, "is missing", "write " + key + ": " + wanted);
      return;
    }
    Function<String, String> check =
        text -> {
          if (!text.equals(wanted)) {
            throw new InvalidValue(InvalidValue.quote(text) + " is none that is read");
          }
          return text;
        };
    values.text(field.get(), check, "write " + key + ": " + wanted);
  }

  private Optional<ResourceName> name(Optional<Field> field) {
    if (field.isEmpty()) {
      problems.error(
          Tree.nearest(root, "metadata.name"),
          "metadata.name",
          "is missing",
          "write metadata: {name: demo}");
    }
    return field.flatMap(f -> values.text(f, ResourceName::of, "write a name such as demo"));
  }

  private SortedMap<String, String> labels() {
    SortedMap<String, String> labels = new TreeMap<>();
    Optional<Field> section = tree.find(root, "", "metadata.labels");
    if (section.isEmpty() || section.get().isEmpty()) {
      return labels;
    }
    if (!section.get().isMapping()) {
      notAMapping(section.get(), "write labels: {team: shop}");
      return labels;
    }
    for (Field label : Tree.children(section.get().value(), section.get().path())) {
      try {
        String key = Resource.checkedLabelKey(label.name());
        values
            .text(label, Resource::checkedLabelValue, "write a word, in quotes where in doubt")
            .ifPresent(value -> labels.put(key, value));
      } catch (InvalidValue e) {
        problems.error(
            label.keySpot(),
            label.path(),
            String.valueOf(e.getMessage()),
            "write one such as team");
      }
    }
    if (labels.size() > Resource.MAX_LABELS) {
      problems.error(
          section.get().keySpot(),
          section.get().path(),
          labels.size() + " labels: at most " + Resource.MAX_LABELS,
          "remove some");
      labels.clear();
    }
    return labels;
  }

  /** What only Kubernetes goes by. */
  private void quietly() {
    tree.find(root, "", "metadata.annotations");
    tree.find(root, "", "metadata.namespace")
        .ifPresent(f -> values.text(f, ResourceName::of, "write a namespace's name"));
    for (String path : SERVERS) {
      tree.find(root, "", path)
          .ifPresent(
              f ->
                  problems.notice(
                      f.keySpot(), f.path(), "is for the API server to say, and not used"));
    }
  }

  // keys

  /** What holds keys must be a mapping. */
  private void sections() {
    Set<String> sections = new LinkedHashSet<>(Set.of("metadata"));
    sections.add("spec");
    SpecKeys.sections().forEach(section -> sections.add(written(section)));
    for (String path : sections) {
      Optional<Field> section = Tree.look(root, "", path);
      if (section.isPresent() && !section.get().isMapping() && !section.get().isEmpty()) {
        notAMapping(section.get(), "write its keys below it, indented");
        tree.markRead(section.get());
      }
    }
  }

  private void notAMapping(Field field, String fix) {
    problems.error(field.valueSpot(), field.path(), "is " + field.kind() + ", not a mapping", fix);
  }

  private void unknown(Field field) {
    String section = field.section();
    if (section.isEmpty()) {
      notKnown(field, ROOT);
    } else if (section.equals("metadata")) {
      notKnown(field, METADATA);
    } else {
      notKnown(field, SpecKeys.below(section.equals("spec") ? "" : section.substring(5)));
    }
  }

  private void notKnown(Field field, Iterable<String> known) {
    String fix = problems.isFull(Severity.ERROR) ? "" : known(field, known);
    problems.error(field.keySpot(), field.path(), "is not known", fix);
  }

  private String known(Field field, Iterable<String> known) {
    Set<String> keys = new LinkedHashSet<>();
    known.forEach(keys::add);
    if (SpecKeys.paths().contains(field.name())) {
      return "write each key on a line of its own, indented below the one before";
    }
    return Suggestion.near(field.name(), keys)
        .map(near -> "did you mean " + near + "?")
        .or(() -> SpecKeys.pathOf(field.name()).map(path -> "did you mean " + written(path) + "?"))
        .orElseGet(() -> "remove it; known here are " + String.join(", ", keys));
  }
}
