package dev.swiftdeploy.core.release;

import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Version;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A release as records and policy see it.
 *
 * @param env by name, each value as {@code sha256:<hex>}
 */
public record ReleaseSummary(
    ReleaseId id,
    Version version,
    ImageReference image,
    Optional<String> digest,
    List<String> command,
    List<Artifact> artifacts,
    SortedMap<String, String> env) {
  public ReleaseSummary {
    command = List.copyOf(command);
    artifacts = List.copyOf(artifacts);
    env = new TreeMap<>(env);
  }

  /** For people: {@code 1.2.0 (3f2a9c01b7de)}. */
  public String label() {
    return version + " (" + id + ")";
  }
}
