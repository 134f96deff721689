package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.adapters.manifest.ManifestResult.Form;
import dev.swiftdeploy.adapters.manifest.ManifestResult.Invalid;
import dev.swiftdeploy.adapters.manifest.ManifestResult.Manifest;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads a manifest: the resource form and the flat form, one or several documents. Takes all of it
 * or nothing; tells all that is wrong, each with its place and the fix. Never throws for what a
 * file holds.
 */
public final class ManifestReader {
  private static final String SHOWN = "swiftdeploy init writes one to start from";

  private final String folder;
  private final Problems problems;
  private final List<Declaration> declarations = new ArrayList<>();

  private ManifestReader(String file, String folder) {
    this.folder = folder;
    this.problems = new Problems(Structure.line(file));
  }

  /**
   * What was read.
   *
   * @param declarations of the result's resources, in their order; none of an invalid one
   */
  record Reading(ManifestResult result, List<Declaration> declarations) {}

  /**
   * Reads.
   *
   * @param content the file's bytes, UTF-8, at most 1 MiB
   * @param file its name, for messages
   * @param folder the name of its folder, from which a flat manifest without a name is named
   */
  public static ManifestResult read(byte[] content, String file, String folder) {
    return readPlaces(content, file, folder).result();
  }

  static Reading readPlaces(byte[] content, String file, String folder) {
    return new ManifestReader(file, folder).read(content);
  }

  private Reading read(byte[] content) {
    Optional<ManifestText> text = ManifestText.of(content, problems);
    List<Documents.Document> documents =
        text.map(t -> Documents.compose(t.text(), problems)).orElse(List.of());
    if (documents.isEmpty() && problems.errors() == 0) {
      problems.error(Spot.START, "", "the file declares nothing", SHOWN);
    }
    documents.forEach(this::read);
    checkTogether();
    return problems.errors() > 0
        ? new Reading(new Invalid(problems.byPlace()), List.of())
        : new Reading(
            new Manifest(
                declarations.stream().map(Declaration::resource).toList(),
                problems.byPlace(),
                declarations.stream().map(Declaration::origin).toList()),
            declarations);
  }

  private void read(Documents.Document document) {
    int before = problems.errors();
    Structure.check(document.root(), problems);
    if (problems.errors() > before) {
      return;
    }
    Optional<Form> form = form(document.root());
    if (form.isEmpty()) {
      problems.error(
          Spot.of(document.root()),
          "",
          "this is neither a SwiftDeploy resource nor a manifest that starts at services:",
          SHOWN);
      return;
    }
    Optional<Declaration> read =
        form.get() == Form.RESOURCE
            ? ResourceForm.read(document, problems)
            : FlatForm.read(document, problems, folder);
    read.ifPresent(declarations::add);
  }

  private static Optional<Form> form(Node root) {
    if (!(root instanceof MappingNode)) {
      return Optional.empty();
    }
    if (hasAny(root, "apiVersion", "kind", "spec")) {
      return Optional.of(Form.RESOURCE);
    }
    return hasAny(root, "services", "service", "app", "nginx", "network")
        ? Optional.of(Form.FLAT)
        : Optional.empty();
  }

  private static boolean hasAny(Node root, String... keys) {
    return Stream.of(keys).anyMatch(key -> Tree.child(root, "", key).isPresent());
  }

  /** Two resources must not be one, nor be published on one port. */
  private void checkTogether() {
    Map<ResourceName, Declaration> names = new HashMap<>();
    Map<Port, Declaration> ports = new HashMap<>();
    for (Declaration declaration : declarations) {
      ResourceName name = declaration.resource().name();
      Declaration sameName = names.putIfAbsent(name, declaration);
      if (sameName != null) {
        problems.error(
            declaration.name(),
            declaration.source().form() == Form.RESOURCE ? "metadata.name" : "name",
            "there is another resource " + name + ", at " + sameName.name(),
            "give each a name of its own");
        continue;
      }
      Port port = declaration.resource().spec().nginx().port();
      Declaration samePort = ports.putIfAbsent(port, declaration);
      if (samePort != null) {
        problems.error(
            declaration.spot("nginx.port"),
            declaration.source().written("nginx.port"),
            port
                + " is published by "
                + samePort.resource().name()
                + " too, at "
                + samePort.spot("nginx.port"),
            "give each a port of its own");
      }
    }
  }
}
