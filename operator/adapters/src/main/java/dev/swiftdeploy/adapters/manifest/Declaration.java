package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.Resource;
import java.util.Map;
import org.yaml.snakeyaml.nodes.Node;

/**
 * A resource, and where its values stand.
 *
 * @param document 0-based, empty documents counted
 * @param root of the document
 * @param name where its name stands; the document's first key where none does
 * @param fields what was found, by path in the spec: {@code nginx.port}
 */
record Declaration(
    Resource resource,
    int document,
    Node root,
    Spot name,
    Source source,
    Map<String, Field> fields) {

  ManifestResult.Origin origin() {
    Spot command = spot("services.command");
    return new ManifestResult.Origin(
        resource.name(),
        source.form(),
        document,
        Spot.of(root).line(),
        new ManifestResult.Place(command.line(), command.column()));
  }

  /** Where a value stands, or would. */
  Spot spot(String path) {
    Field field = fields.get(path);
    return field == null ? source.near(path) : field.valueSpot();
  }
}
