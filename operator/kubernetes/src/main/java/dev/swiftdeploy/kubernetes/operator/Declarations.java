package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.kubernetes.api.ResourceReader;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What resources declare, read once for each version of it: every tick asks. */
final class Declarations {
  private final Map<String, Declaration> read = new ConcurrentHashMap<>();

  /** All that a reading depends on: a generation is a version of the spec, labels are not in it. */
  private record Declaration(
      Long generation, @Nullable Map<String, String> labels, ManifestResult result) {
    boolean of(ObjectMeta meta) {
      return generation.equals(meta.getGeneration()) && Objects.equals(labels, meta.getLabels());
    }
  }

  /** As {@link ResourceReader#read}. */
  ManifestResult read(SwiftDeployResource resource) {
    ObjectMeta meta = resource.getMetadata();
    return read.compute(
            meta.getUid(),
            (uid, there) ->
                there != null && there.of(meta)
                    ? there
                    : new Declaration(
                        meta.getGeneration(), meta.getLabels(), ResourceReader.read(resource)))
        .result();
  }

  /** It is gone. */
  void forget(String uid) {
    read.remove(uid);
  }
}
