package dev.swiftdeploy.core.release;

import dev.swiftdeploy.core.spec.Spec;

/**
 * Port: turns what a spec names (tags, files) into a release that can't change any more. Cheap to
 * call again when nothing changed. Adapters pass {@code ReleaseResolverContract}.
 */
public interface ReleaseResolver {
  /** Resolves; changes no workload. Expected failures are values. */
  Resolution resolve(Spec.Services services);
}
