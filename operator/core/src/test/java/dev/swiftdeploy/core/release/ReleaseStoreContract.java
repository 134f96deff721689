package dev.swiftdeploy.core.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ReleaseStore} does. */
public abstract class ReleaseStoreContract {
  protected ReleaseStore store;

  /** A store on one place: what one object put there, the next one gets. */
  protected abstract ReleaseStore open() throws Exception;

  /** A release where every part differs from its default, and values are hard to write. */
  protected static Release full() {
    return new Release(
        ImageReference.of("localhost:5000/team/app:1.2.3"),
        Optional.of("sha256:" + "ab".repeat(32)),
        Version.of("1.2.3"),
        List.of("java", "-Dx=\"1\n2\"", "ü ☃", "", "app.jar"),
        List.of(new Artifact("app.jar", "cd".repeat(32))),
        Port.of(4000),
        new TreeMap<>(
            Map.of(EnvName.of("B"), "two\nlines", EnvName.of("A"), "", EnvName.of("a"), "é\u0001")),
        new TreeMap<>(Map.of("cpu", "500m", "memory", "256Mi")),
        new Spec.Health(HttpPath.of("/ready"), Duration.ofMillis(1500), Duration.ofSeconds(90)),
        RestartPolicy.ON_FAILURE);
  }

  /** A release where every part is as its default says. */
  protected static Release plain(String version) {
    return new Release(
        ImageReference.of("app:1"),
        Optional.empty(),
        Version.of(version),
        List.of(),
        List.of(),
        Spec.Defaults.SERVICE_PORT,
        new TreeMap<>(),
        new TreeMap<>(),
        Spec.Defaults.HEALTH,
        RestartPolicy.UNLESS_STOPPED);
  }

  protected ReleaseStoreContract() {}

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @Test
  void whatWasPutIsGot() {
    store.put(full());
    store.put(plain("1"));

    assertThat(store.get(full().id())).contains(full());
    assertThat(store.get(plain("1").id())).contains(plain("1"));
  }

  @Test
  void whatWasNotPutIsNotThere() {
    store.put(plain("1"));

    assertThat(store.get(plain("2").id())).isEmpty();
  }

  @Test
  void theSameReleaseTwiceIsNoChange() {
    store.put(full());
    store.put(full());

    assertThat(store.get(full().id())).contains(full());
  }

  @Test
  void itOutlivesTheObjectThatPutIt() throws Exception {
    store.put(full());

    store = open();

    assertThat(store.get(full().id())).contains(full());
  }
}
