package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a person declared for one resource, checked and typed: every part holds only values that are
 * safe in a generated file, a process or a URL. Defaults are those of {@link Defaults}.
 */
public record Spec(
    Services services, Nginx nginx, Network network, Canary canary, Policy policy, boolean paused) {

  /**
   * The service itself.
   *
   * @param image what runs on Compose and Kubernetes; a label on the process platform
   * @param command argument vector for the process platform; empty elsewhere
   * @param port where the service listens in its container; on the process platform the first port
   *     tried for its instances
   * @param env passed to the workload, by name
   * @param resources limits such as {@code cpu: 500m}, {@code memory: 256Mi}
   */
  public record Services(
      ImageReference image,
      List<String> command,
      Port port,
      Mode mode,
      Version version,
      int replicas,
      SortedMap<EnvName, String> env,
      SortedMap<String, String> resources,
      Health health,
      RestartPolicy restartPolicy) {
    public Services {
      command = List.copyOf(command);
      env = new TreeMap<>(env);
      resources = new TreeMap<>(resources);
      if (replicas < 1 || replicas > 100) {
        throw new InvalidValue(replicas + " replicas: 1 to 100");
      }
    }
  }

  /**
   * How a workload proves that it is healthy.
   *
   * @param path asked with GET; 2xx is healthy
   * @param interval between two checks
   * @param deadline how long a new workload may take before it is retreated from
   */
  public record Health(HttpPath path, Duration interval, Duration deadline) {}

  /** The proxy in front: published port, timeouts, whom to contact. */
  public record Nginx(
      ImageReference image,
      Port port,
      Duration proxyTimeout,
      Duration drainTimeout,
      Optional<Contact> contact) {}

  /** The bridge network on Compose. */
  public record Network(ResourceName name, ResourceName driverType) {}

  /** How a release is taken to all traffic. No steps: at once. */
  public record Canary(
      List<CanaryStep> steps,
      Duration analysisInterval,
      Duration analysisWindow,
      Optional<Probe> probe,
      Optional<HeaderName> header) {
    public Canary {
      steps = List.copyOf(steps);
    }
  }

  /** A share of the traffic in percent, 1 to 100, and how long it is held before the next step. */
  public record CanaryStep(int weight, Duration hold) {
    public CanaryStep {
      if (weight < 1 || weight > 100) {
        throw new InvalidValue(weight + " is not a weight: 1 to 100 percent");
      }
    }
  }

  /** Requests sent to each workload directly, so that there is evidence without traffic. */
  public record Probe(HttpPath path, double requestsPerSecond) {}

  /**
   * Who judges, on a machine.
   *
   * @param directory below the manifest's folder; empty: the policies that SwiftDeploy ships
   * @param thresholds as the manifest sets them, by the policy's own names; policy takes the
   *     stricter of these and its own, the tool compares nothing
   */
  public record Policy(
      Engine engine,
      Optional<String> url,
      Optional<String> directory,
      SortedMap<String, JsonNode> thresholds) {
    public Policy {
      thresholds = new TreeMap<>(thresholds);
    }
  }

  /** The policy engines. */
  public enum Engine {
    /** The project's Rego, compiled to WebAssembly, on the JVM. */
    EMBEDDED,
    /** An OPA server over HTTP. */
    OPA
  }

  /** What is taken where a manifest is silent. */
  public static final class Defaults {
    public static final ImageReference NGINX_IMAGE = ImageReference.of("nginx:1.28");
    public static final Port NGINX_PORT = Port.of(8080);
    public static final Port SERVICE_PORT = Port.of(3000);
    public static final Duration PROXY_TIMEOUT = Duration.ofSeconds(30);
    public static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);
    public static final Network NETWORK =
        new Network(ResourceName.of("swiftdeploy-net"), ResourceName.of("bridge"));
    public static final Health HEALTH =
        new Health(HttpPath.of("/healthz"), Duration.ofSeconds(1), Duration.ofSeconds(60));
    public static final Duration ANALYSIS_INTERVAL = Duration.ofSeconds(5);
    public static final Duration ANALYSIS_WINDOW = Duration.ofSeconds(30);
    public static final Canary CANARY =
        new Canary(
            List.of(), ANALYSIS_INTERVAL, ANALYSIS_WINDOW, Optional.empty(), Optional.empty());
    public static final Policy POLICY =
        new Policy(Engine.EMBEDDED, Optional.empty(), Optional.empty(), new TreeMap<>(Map.of()));

    private Defaults() {}
  }
}
