package dev.swiftdeploy.core.plan;

import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.Spec;
import java.util.Optional;

/**
 * What is declared now, resolved.
 *
 * @param generation rises with each change of the spec
 * @param specDigest SHA-256 hex of the spec
 * @param deleted the resource is to go
 */
public record Desired(
    Resource resource, long generation, String specDigest, Resolution resolution, boolean deleted) {

  public Spec spec() {
    return resource.spec();
  }

  public Optional<Release> release() {
    return resolution instanceof Resolution.Resolved resolved
        ? Optional.of(resolved.release())
        : Optional.empty();
  }

  public ProxySettings proxy() {
    return ProxySettings.of(resource.name().value(), spec());
  }
}
