package dev.swiftdeploy.core.spec;

import java.util.SortedMap;
import java.util.TreeMap;

/** A SwiftDeploy resource as declared: its name, its labels, its spec. */
public record Resource(ResourceName name, SortedMap<String, String> labels, Spec spec) {
  public Resource {
    labels = new TreeMap<>(labels);
  }
}
