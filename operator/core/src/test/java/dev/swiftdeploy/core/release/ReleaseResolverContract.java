package dev.swiftdeploy.core.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ReleaseResolver} does. */
public abstract class ReleaseResolverContract {
  protected ReleaseResolver resolver;

  /** A resolver as a daemon makes one when it starts, on the same place each time. */
  protected abstract ReleaseResolver open() throws Exception;

  /** Services that resolve. */
  protected abstract Spec.Services services();

  /** Changes what {@link #services()} names (a file, what a tag stands for), not the names. */
  protected abstract void changeContent() throws Exception;

  /** Takes away what {@link #services()} names. */
  protected abstract void removeContent() throws Exception;

  protected ReleaseResolverContract() {}

  @BeforeEach
  void openResolver() throws Exception {
    resolver = open();
  }

  protected Release resolved(Spec.Services services) {
    Resolution resolution = resolver.resolve(services);
    assertThat(resolution).isInstanceOf(Resolution.Resolved.class);
    return ((Resolution.Resolved) resolution).release();
  }

  protected Resolution.Unresolved unresolved(Spec.Services services) {
    Resolution resolution = resolver.resolve(services);
    assertThat(resolution).isInstanceOf(Resolution.Unresolved.class);
    Resolution.Unresolved unresolved = (Resolution.Unresolved) resolution;
    assertThat(unresolved.problem()).isNotBlank();
    assertThat(unresolved.fix()).isNotBlank();
    return unresolved;
  }

  private static Spec.Services with(
      Spec.Services s, Version version, Mode mode, int replicas, SortedMap<EnvName, String> env) {
    return new Spec.Services(
        s.image(),
        s.command(),
        s.port(),
        mode,
        version,
        replicas,
        env,
        s.resources(),
        s.health(),
        s.restartPolicy());
  }

  @Test
  void whatIsDeclaredIsInTheRelease() {
    Spec.Services services = services();

    Release release = resolved(services);

    assertThat(release.image()).isEqualTo(services.image());
    assertThat(release.version()).isEqualTo(services.version());
    assertThat(release.command()).isEqualTo(services.command());
    assertThat(release.port()).isEqualTo(services.port());
    assertThat(release.env()).isEqualTo(services.env());
    assertThat(release.resources()).isEqualTo(services.resources());
    assertThat(release.health()).isEqualTo(services.health());
    assertThat(release.restartPolicy()).isEqualTo(services.restartPolicy());
  }

  @Test
  void theSameAgainIsTheSameRelease() throws Exception {
    Release release = resolved(services());

    assertThat(resolved(services())).isEqualTo(release);
    resolver = open();
    assertThat(resolved(services())).isEqualTo(release);
  }

  @Test
  void otherContentUnderTheSameNameIsAnotherRelease() throws Exception {
    Release before = resolved(services());

    changeContent();

    assertThat(resolved(services()).id()).isNotEqualTo(before.id());
  }

  @Test
  void versionAndEnvArePartOfTheReleaseModeAndReplicasAreNot() {
    Spec.Services s = services();
    ReleaseId id = resolved(s).id();

    assertThat(resolved(with(s, Version.of("9.9.9"), s.mode(), 1, s.env())).id()).isNotEqualTo(id);
    assertThat(
            resolved(
                    with(
                        s,
                        s.version(),
                        s.mode(),
                        1,
                        new TreeMap<>(Map.of(EnvName.of("ADDED"), "1"))))
                .id())
        .isNotEqualTo(id);
    assertThat(resolved(with(s, s.version(), Mode.CANARY, 7, s.env())).id()).isEqualTo(id);
  }

  @Test
  void whatIsNotThereIsToldWithItsFix() throws Exception {
    removeContent();

    unresolved(services());
  }

  @Test
  void whatComesBackResolvesAgain() throws Exception {
    removeContent();
    unresolved(services());

    changeContent();

    resolved(services());
  }
}
