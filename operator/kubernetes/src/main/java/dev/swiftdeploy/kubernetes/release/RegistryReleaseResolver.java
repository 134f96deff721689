package dev.swiftdeploy.kubernetes.release;

import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Resolves an image's tag to the digest that its registry gives for it, unless the image names its
 * digest itself. An answer is taken for a while: a loop asks at every tick. A registry that is slow
 * holds up who wants that image, and nobody else.
 */
public final class RegistryReleaseResolver implements ReleaseResolver {
  private static final int MOST_REMEMBERED = 1000;

  private final Registry registry;
  private final Clock clock;
  private final Duration remembered;
  private final Map<ImageReference, Tag> tags = new ConcurrentHashMap<>();

  /** An answer of the registry and when it was given. */
  private record Remembered(Registry.Answer answer, Instant at) {}

  /** One that is asked for by one thread at a time. */
  private static final class Tag {
    @Nullable Remembered last;
  }

  /**
   * @param remembered how long an answer is taken for what the registry would say again
   */
  public RegistryReleaseResolver(Registry registry, Clock clock, Duration remembered) {
    this.registry = registry;
    this.clock = clock;
    this.remembered = remembered;
  }

  @Override
  public Resolution resolve(Spec.Services services) {
    String image = services.image().value();
    int at = image.indexOf('@');
    if (at >= 0) {
      return new Resolution.Resolved(release(services, image.substring(at + 1)));
    }
    Registry.Answer answer = ask(services.image());
    return answer.digest().isPresent()
        ? new Resolution.Resolved(release(services, answer.digest().get()))
        : new Resolution.Unresolved(
            image + " can't be resolved: " + answer.problem(),
            "push it, check its name, or name it by its digest: " + image + "@sha256:…");
  }

  private Registry.Answer ask(ImageReference image) {
    if (tags.size() >= MOST_REMEMBERED) {
      tags.clear();
    }
    Tag tag = tags.computeIfAbsent(image, i -> new Tag());
    synchronized (tag) {
      Instant now = clock.instant();
      if (tag.last == null || !now.isBefore(tag.last.at().plus(remembered))) {
        tag.last = new Remembered(registry.digest(image), now);
      }
      return tag.last.answer();
    }
  }

  /** A container runs its image's own entry point: the command is of a machine. */
  private static Release release(Spec.Services services, String digest) {
    return new Release(
        services.image(),
        Optional.of(digest),
        services.version(),
        services.command(),
        List.of(),
        services.port(),
        services.env(),
        services.resources(),
        services.health(),
        services.restartPolicy());
  }
}
