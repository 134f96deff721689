package dev.swiftdeploy.core.loop;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Desired;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.Spec;
import java.util.Optional;

/** Resolves what a host declares, and counts its generations where the host doesn't. */
public final class Desires {
  private final ReleaseResolver resolver;
  private Optional<Spec> digested = Optional.empty();
  private String lastDigest = "";

  public Desires(ReleaseResolver resolver) {
    this.resolver = resolver;
  }

  public Desired of(Declared declared, State state) {
    Resource resource = declared.resource();
    String digest = digestOf(resource.spec());
    long generation =
        declared
            .generation()
            .orElse(
                digest.equals(state.specDigest()) ? state.generation() : state.generation() + 1);
    return new Desired(
        resource,
        generation,
        digest,
        resolver.resolve(resource.spec().services()),
        declared.deleted());
  }

  private String digestOf(Spec spec) {
    if (!digested.equals(Optional.of(spec))) {
      lastDigest = digest(spec);
      digested = Optional.of(spec);
    }
    return lastDigest;
  }

  /** SHA-256 hex over the spec's JSON. */
  public static String digest(Spec spec) {
    try {
      return Digests.sha256(Json.MAPPER.writeValueAsString(spec));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a spec is always JSON", e);
    }
  }
}
