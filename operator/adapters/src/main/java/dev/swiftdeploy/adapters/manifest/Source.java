package dev.swiftdeploy.adapters.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.SortedMap;

/** Where one document keeps the values of a spec: the two forms differ in this, and little else. */
interface Source {

  ManifestResult.Form form();

  /** The value of a path of the spec such as {@code nginx.proxyTimeout}; it counts as read. */
  Optional<Field> find(String path);

  /** Whether the field was found for some path of the spec. */
  boolean isRead(Field field);

  /** A path of the spec as this document writes it. */
  String written(String path);

  /** Where something about a path that isn't there is best shown. */
  Spot near(String path);

  /** The limits for policy, by its own names. */
  SortedMap<String, JsonNode> thresholds();
}
