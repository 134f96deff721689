package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.List;

/** What reading a manifest gave: all of its resources, or why none is taken. */
public sealed interface ManifestResult {

  /**
   * A manifest that is taken.
   *
   * @param resources at least one, in the order of their documents; names and published ports
   *     differ
   * @param warnings warnings and notices, by place
   * @param origins where each resource stands, in the order of {@code resources}
   */
  record Manifest(List<Resource> resources, List<Problem> warnings, List<Origin> origins)
      implements ManifestResult {
    public Manifest {
      resources = List.copyOf(resources);
      warnings = List.copyOf(warnings);
      origins = List.copyOf(origins);
    }

    @Override
    public List<Problem> problems() {
      return warnings;
    }
  }

  /**
   * A manifest that is not taken, not even in part: half of what was meant is not what was meant.
   *
   * @param problems at least one error, and the warnings, by place; at most {@value Problems#MOST}
   *     of each kind
   */
  record Invalid(List<Problem> problems) implements ManifestResult {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Where a resource stands.
   *
   * @param form how its document was read
   * @param document 0-based, empty documents counted
   * @param line 1-based, of its first key
   * @param command where what it runs is said, or would be
   */
  record Origin(ResourceName name, Form form, int document, int line, Place command) {}

  /** A place in the file, 1-based. */
  record Place(int line, int column) {
    @Override
    public String toString() {
      return line + ":" + column;
    }
  }

  /** The two ways of writing a manifest. */
  enum Form {
    /**
     * {@code apiVersion}, {@code kind}, {@code metadata}, {@code spec}, as {@code kubectl} takes
     * it.
     */
    RESOURCE,
    /** {@code services}, {@code nginx}, {@code network} at the root, in snake_case. */
    FLAT
  }

  /** All that is to be said about the file. */
  List<Problem> problems();
}
