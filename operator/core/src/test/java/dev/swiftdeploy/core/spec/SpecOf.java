package dev.swiftdeploy.core.spec;

import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A spec for tests, by the letter of its release: {@code A} is version {@code vA}. A small letter's
 * release has 10 s to get healthy, a capital's has 60. Immutable; each method gives a changed copy.
 */
public record SpecOf(
    String letter,
    Mode mode,
    int replicas,
    int port,
    List<Spec.CanaryStep> steps,
    boolean paused,
    RestartPolicy restart) {
  public static final ResourceName DEMO = ResourceName.of("demo");

  private static final Spec.Health QUICK =
      new Spec.Health(
          Spec.Defaults.HEALTH.path(), Spec.Defaults.HEALTH.interval(), Duration.ofSeconds(10));
  private static final List<String> LETTERS = List.of("A", "B", "C", "D", "a", "b", "c", "d");
  private static final Map<String, ReleaseId> IDS = new ConcurrentHashMap<>();

  /** How long each canary step of {@link #steps} is held. */
  public static final Duration HOLD = Duration.ofSeconds(15);

  /** Without canary steps, one replica, mode stable. */
  public static SpecOf release(String letter) {
    return new SpecOf(letter, Mode.STABLE, 1, 8080, List.of(), false, RestartPolicy.UNLESS_STOPPED);
  }

  public SpecOf to(String newLetter) {
    return new SpecOf(newLetter, mode, replicas, port, steps, paused, restart);
  }

  public SpecOf mode(Mode newMode) {
    return new SpecOf(letter, newMode, replicas, port, steps, paused, restart);
  }

  public SpecOf replicas(int count) {
    return new SpecOf(letter, mode, count, port, steps, paused, restart);
  }

  public SpecOf port(int number) {
    return new SpecOf(letter, mode, replicas, number, steps, paused, restart);
  }

  /** Steps of these weights, each held for {@link #HOLD}, the last for no time. */
  public SpecOf steps(int... weights) {
    List<Spec.CanaryStep> list = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      list.add(new Spec.CanaryStep(weights[i], i == weights.length - 1 ? Duration.ZERO : HOLD));
    }
    return new SpecOf(letter, mode, replicas, port, list, paused, restart);
  }

  public SpecOf paused(boolean now) {
    return new SpecOf(letter, mode, replicas, port, steps, now, restart);
  }

  public SpecOf restart(RestartPolicy policy) {
    return new SpecOf(letter, mode, replicas, port, steps, paused, policy);
  }

  public Spec spec() {
    Spec.Canary canary =
        new Spec.Canary(
            steps,
            Spec.Defaults.ANALYSIS_INTERVAL,
            Spec.Defaults.ANALYSIS_WINDOW,
            Optional.empty(),
            Optional.empty());
    Spec.Nginx nginx =
        new Spec.Nginx(
            Spec.Defaults.NGINX_IMAGE,
            Port.of(port),
            Spec.Defaults.PROXY_TIMEOUT,
            Spec.Defaults.DRAIN_TIMEOUT,
            Optional.empty());
    return new Spec(services(), nginx, Spec.Defaults.NETWORK, canary, Spec.Defaults.POLICY, paused);
  }

  private Spec.Services services() {
    return new Spec.Services(
        ImageReference.of("app:1"),
        List.of(),
        Spec.Defaults.SERVICE_PORT,
        mode,
        Version.of("v" + letter),
        replicas,
        new TreeMap<>(),
        new TreeMap<>(),
        Character.isLowerCase(letter.charAt(0)) ? QUICK : Spec.Defaults.HEALTH,
        restart);
  }

  public Resource resource() {
    return new Resource(DEMO, new TreeMap<>(), spec());
  }

  public Release release() {
    return releaseOf(services());
  }

  /** What a machine where everything can be resolved makes of it. */
  public static Release releaseOf(Spec.Services s) {
    return new Release(
        s.image(),
        Optional.empty(),
        s.version(),
        s.command(),
        List.of(),
        s.port(),
        s.env(),
        s.resources(),
        s.health(),
        s.restartPolicy());
  }

  /** The id of a letter's release. */
  public static ReleaseId id(String letter) {
    return IDS.computeIfAbsent(letter, l -> release(l).release().id());
  }

  /** {@code stable-A} to the workload. */
  public static Workload workload(String name) {
    int dash = name.indexOf('-');
    return new Workload(id(name.substring(dash + 1)), Mode.of(name.substring(0, dash)));
  }

  /** The text with letters for releases' ids. */
  public static String lettered(String text) {
    String out = text;
    for (String letter : LETTERS) {
      out = out.replace(id(letter).value(), letter);
    }
    return out;
  }
}
