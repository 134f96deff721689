package dev.swiftdeploy.core.release;

import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What runs, fully resolved: what was admitted is what runs. Holds env values in the clear, so it
 * is never written to a record or a log; {@link #summary()} is.
 *
 * @param image as declared
 * @param imageDigest {@code sha256:…} that the image's tag stood for; empty where no image runs
 * @param artifacts files that the command names, by content (process platform)
 */
public record Release(
    ImageReference image,
    Optional<String> imageDigest,
    Version version,
    List<String> command,
    List<Artifact> artifacts,
    Port port,
    SortedMap<EnvName, String> env,
    SortedMap<String, String> resources,
    Spec.Health health,
    RestartPolicy restartPolicy) {
  private static final String FORM_VERSION = "swiftdeploy.dev/release/v1";

  public Release {
    command = List.copyOf(command);
    artifacts = List.copyOf(artifacts);
    env = new TreeMap<>(env);
    resources = new TreeMap<>(resources);
  }

  /** The id: the same content gives the same id on every platform and in every later version. */
  public ReleaseId id() {
    return ReleaseId.of(Digests.sha256(canonicalForm()).substring(0, 12));
  }

  /**
   * The versioned canonical form: one {@code key:length:value} line for each part, in a fixed
   * order, length in UTF-8 bytes. Parts that hold their default are left out, so that a later
   * version of SwiftDeploy with more parts gives the same ids.
   */
  public String canonicalForm() {
    StringBuilder out = new StringBuilder();
    part(out, "form", FORM_VERSION);
    part(out, "image", image.value());
    imageDigest.ifPresent(digest -> part(out, "digest", digest));
    part(out, "version", version.value());
    command.forEach(word -> part(out, "command", word));
    artifacts.forEach(a -> part(out, "artifact", a.sha256() + " " + a.path()));
    if (!port.equals(Spec.Defaults.SERVICE_PORT)) {
      part(out, "port", port.toString());
    }
    env.forEach((name, value) -> part(out, "env", name + "=" + value));
    resources.forEach((name, value) -> part(out, "resource", name + "=" + value));
    if (!health.equals(Spec.Defaults.HEALTH)) {
      part(out, "health", health.path() + " " + health.interval() + " " + health.deadline());
    }
    if (restartPolicy != RestartPolicy.UNLESS_STOPPED) {
      part(out, "restart", restartPolicy.word());
    }
    return out.toString();
  }

  private static void part(StringBuilder out, String key, String value) {
    out.append(key)
        .append(':')
        .append(value.getBytes(StandardCharsets.UTF_8).length)
        .append(':')
        .append(value)
        .append('\n');
  }

  /** What may be written down and shown to policy: everything, env values as SHA-256. */
  public ReleaseSummary summary() {
    SortedMap<String, String> hashed = new TreeMap<>();
    env.forEach((name, value) -> hashed.put(name.value(), "sha256:" + Digests.sha256(value)));
    return new ReleaseSummary(id(), version, image, imageDigest, command, artifacts, hashed);
  }
}
