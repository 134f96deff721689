package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.release.Resolution.Resolved;
import dev.swiftdeploy.core.release.Resolution.Unresolved;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Resolves an image to the id that its tag stands for in the engine now: that is what is reviewed,
 * and what runs. An image that is not there is not pulled: the person who names it does that. The
 * command of a manifest is for the process platform; a container runs its image's own.
 */
public final class ComposeReleaseResolver implements ReleaseResolver {
  /** A tag may move; it is looked at again after so long. */
  private static final Duration FRESH = Duration.ofSeconds(2);

  private final Engine engine;
  private final Clock clock;
  private Optional<Seen> last = Optional.empty();

  private record Seen(ImageReference image, Optional<Engine.Image> found, Instant at) {}

  /** For the images of an engine. */
  public ComposeReleaseResolver(Engine engine, Clock clock) {
    this.engine = engine;
    this.clock = clock;
  }

  @Override
  public synchronized Resolution resolve(Spec.Services services) {
    Optional<Engine.Image> image;
    try {
      image = look(services.image());
    } catch (PlatformException e) {
      return new Unresolved(String.valueOf(e.getMessage()), e.fix());
    }
    if (image.isEmpty()) {
      return new Unresolved(
          "the image " + services.image() + " is not in the Docker engine",
          "build it (docker build -t "
              + services.image()
              + " FOLDER) or pull it (docker pull "
              + services.image()
              + ")");
    }
    return new Resolved(
        new Release(
            services.image(),
            Optional.of(image.get().id()),
            services.version(),
            List.of(),
            List.of(),
            services.port(),
            services.env(),
            services.resources(),
            services.health(),
            services.restartPolicy()));
  }

  private Optional<Engine.Image> look(ImageReference image) {
    Instant now = clock.instant();
    if (last.isEmpty()
        || !last.get().image().equals(image)
        || !now.isBefore(last.get().at().plus(FRESH))) {
      last = Optional.of(new Seen(image, engine.image(image.value()), now));
    }
    return last.get().found();
  }
}
