package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.adapters.manifest.ManifestResult.Form;
import dev.swiftdeploy.adapters.manifest.ManifestResult.Invalid;
import dev.swiftdeploy.adapters.manifest.ManifestResult.Manifest;
import dev.swiftdeploy.adapters.manifest.ManifestResult.Origin;
import dev.swiftdeploy.core.spec.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads a manifest: the resource form and the flat form, one or several documents. Takes all of it
 * or nothing; tells all that is wrong, each with its place and the fix.
 */
public final class ManifestReader {
  private final String folder;
  private final Problems problems;
  private final List<Resource> resources = new ArrayList<>();
  private final List<Origin> origins = new ArrayList<>();

  private ManifestReader(String file, String folder) {
    this.folder = folder;
    this.problems = new Problems(file);
  }

  /**
   * Reads.
   *
   * @param content the file's bytes, UTF-8, at most 1 MiB
   * @param file its name, for messages
   * @param folder the name of its folder, from which a flat manifest without a name is named
   */
  public static ManifestResult read(byte[] content, String file, String folder) {
    return new ManifestReader(file, folder).read(content);
  }

  private ManifestResult read(byte[] content) {
    Optional<ManifestText> text = ManifestText.of(content, problems);
    List<Documents.Document> documents =
        text.map(t -> Documents.compose(t.text(), problems)).orElse(List.of());
    if (documents.isEmpty() && problems.errors() == 0) {
      problems.error(
          Spot.START, "", "the file declares nothing", "swiftdeploy init shows a manifest");
    }
    documents.forEach(this::read);
    if (problems.errors() == 0) {
      checkTogether();
    }
    return problems.errors() > 0
        ? new Invalid(problems.byPlace())
        : new Manifest(resources, problems.byPlace(), origins);
  }

  private void read(Documents.Document document) {
    Node root = document.root();
    int before = problems.errors();
    Structure.check(root, problems);
    if (problems.errors() > before) {
      return;
    }
    Optional<Form> form = form(root);
    if (form.isEmpty()) {
      problems.error(
          Spot.of(root),
          "",
          "this is neither a SwiftDeploy resource nor a manifest that starts at services:",
          "swiftdeploy init shows a manifest");
      return;
    }
    Optional<Resource> read =
        form.get() == Form.RESOURCE
            ? ResourceForm.read(root, problems)
            : FlatForm.read(root, problems, folder);
    read.ifPresent(
        resource -> {
          resources.add(resource);
          origins.add(
              new Origin(resource.name(), form.get(), document.index(), Spot.of(root).line()));
        });
  }

  private static Optional<Form> form(Node root) {
    if (!(root instanceof MappingNode)) {
      return Optional.empty();
    }
    if (has(root, "apiVersion") || has(root, "kind") || has(root, "spec")) {
      return Optional.of(Form.RESOURCE);
    }
    return has(root, "services") || has(root, "nginx") || has(root, "network")
        ? Optional.of(Form.FLAT)
        : Optional.empty();
  }

  private static boolean has(Node root, String key) {
    return Tree.child(root, "", key).isPresent();
  }

  /** Two resources must not be one, nor be published on one port. */
  private void checkTogether() {
    Map<String, Origin> names = new HashMap<>();
    Map<Integer, Origin> ports = new HashMap<>();
    for (int i = 0; i < resources.size(); i++) {
      Resource resource = resources.get(i);
      Origin origin = origins.get(i);
      Origin sameName = names.putIfAbsent(resource.name().value(), origin);
      if (sameName != null) {
        problems.error(
            new Spot(origin.line(), 1),
            "metadata.name",
            "there is another " + resource.name() + " at line " + sameName.line(),
            "give each resource a name of its own");
      }
      int port = resource.spec().nginx().port().number();
      Origin samePort = ports.putIfAbsent(port, origin);
      if (samePort != null && sameName == null) {
        problems.error(
            new Spot(origin.line(), 1),
            "nginx.port",
            port + " is published by " + samePort.name() + " too, at line " + samePort.line(),
            "give each resource a port of its own");
      }
    }
  }
}
