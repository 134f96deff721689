package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

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
    /** What SwiftDeploy itself tells every workload; a spec sets them by their own fields. */
    public static final Map<EnvName, String> RESERVED_ENV =
        Map.of(
            EnvName.of("MODE"), "services.mode",
            EnvName.of("APP_VERSION"), "services.version",
            EnvName.of("APP_PORT"), "services.port");

    /** How many environment variables a spec may set. */
    public static final int MOST_ENV = 500;

    private static final int MOST_WORDS = 256;
    private static final int LONGEST_WORD = 16_384;
    private static final Map<String, Pattern> QUANTITIES =
        Map.of(
            "cpu", Pattern.compile("[0-9]{1,6}(?:\\.[0-9]{1,3}|m)?"),
            "memory", Pattern.compile("[0-9]{1,15}(?:\\.[0-9]{1,3})?(?:[kMGT]|[KMGT]i)?"));

    public Services {
      command = List.copyOf(command);
      env = new TreeMap<>(env);
      resources = new TreeMap<>(resources);
      checkedReplicas(replicas);
      checkedCommand(command);
      if (env.size() > MOST_ENV) {
        throw new InvalidValue(env.size() + " environment variables: at most " + MOST_ENV);
      }
      env.keySet().forEach(Services::checkedEnvName);
      env.values().forEach(Services::checkedWord);
      resources.forEach(Services::checkedResource);
    }

    /** The number itself, if so many instances can be asked for; else {@link InvalidValue}. */
    public static int checkedReplicas(int replicas) {
      if (replicas < 1 || replicas > 100) {
        throw new InvalidValue(replicas + " is not a number of replicas: 1 to 100");
      }
      return replicas;
    }

    /** The command itself, if it can be one; else {@link InvalidValue}. */
    public static List<String> checkedCommand(List<String> command) {
      if (command.size() > MOST_WORDS) {
        throw new InvalidValue("a command of " + command.size() + " words: at most " + MOST_WORDS);
      }
      if (!command.isEmpty() && command.get(0).isBlank()) {
        throw new InvalidValue("a command starts with the program's name");
      }
      command.forEach(Services::checkedWord);
      return command;
    }

    /**
     * The text itself, if it can be passed to a process as an argument or an environment value: no
     * NUL, nothing that UTF-8 can't hold, at most 16384 characters; else {@link InvalidValue}.
     */
    public static String checkedWord(String word) {
      if (word.length() > LONGEST_WORD) {
        throw new InvalidValue(
            InvalidValue.quote(word) + " is longer than " + LONGEST_WORD + " characters");
      }
      if (word.indexOf(0) >= 0 || word.codePoints().anyMatch(Services::isSurrogate)) {
        throw new InvalidValue(
            InvalidValue.quote(word) + " holds a character that no process can be given");
      }
      return word;
    }

    private static boolean isSurrogate(int codePoint) {
      return Character.getType(codePoint) == Character.SURROGATE;
    }

    /** The name itself, unless SwiftDeploy sets that variable; else {@link InvalidValue}. */
    public static EnvName checkedEnvName(EnvName name) {
      String field = RESERVED_ENV.get(name);
      if (field != null) {
        throw new InvalidValue(name + " is set by SwiftDeploy, from " + field);
      }
      return name;
    }

    /** The amount itself, if it is one of that resource; else {@link InvalidValue}. */
    public static String checkedResource(String name, String amount) {
      Pattern form = QUANTITIES.get(name);
      if (form == null) {
        throw new InvalidValue(InvalidValue.quote(name) + " is not a resource: cpu or memory");
      }
      if (!form.matcher(amount).matches()) {
        throw new InvalidValue(
            InvalidValue.quote(amount)
                + (name.equals("cpu")
                    ? " is not an amount of cpu such as 500m or 2"
                    : " is not an amount of memory such as 256Mi or 1Gi"));
      }
      return amount;
    }
  }

  /**
   * How a workload proves that it is healthy.
   *
   * @param path asked with GET; 2xx is healthy
   * @param interval between two checks
   * @param deadline how long a new workload may take before it is retreated from
   */
  public record Health(HttpPath path, Duration interval, Duration deadline) {
    public Health {
      positive("an interval", interval);
      positive("a deadline", deadline);
    }
  }

  /** The proxy in front: published port, timeouts, whom to contact. */
  public record Nginx(
      ImageReference image,
      Port port,
      Duration proxyTimeout,
      Duration drainTimeout,
      Optional<Contact> contact) {
    public Nginx {
      positive("a proxy timeout", proxyTimeout);
    }
  }

  /** The bridge network on Compose. */
  public record Network(ResourceName name, ResourceName driverType) {
    /**
     * The driver, if it is the one that a network of one machine has; else {@link InvalidValue}.
     */
    public static ResourceName checkedDriver(String text) {
      if (!text.equals(Defaults.NETWORK.driverType().value())) {
        throw new InvalidValue(
            InvalidValue.quote(text) + " is not a driver that SwiftDeploy can use, only bridge is");
      }
      return Defaults.NETWORK.driverType();
    }
  }

  /**
   * How a release is taken to all traffic. No steps: at once; only one that is to stay a canary is
   * held at a step of its own, {@link Defaults#CANARY_STEP}.
   *
   * @param steps as declared
   */
  public record Canary(
      List<CanaryStep> steps,
      Duration analysisInterval,
      Duration analysisWindow,
      Optional<Probe> probe,
      Optional<HeaderName> header) {
    private static final int MOST_STEPS = 100;

    public Canary {
      steps = List.copyOf(steps);
      checkedSteps(steps);
      positive("an analysis interval", analysisInterval);
      positive("an analysis window", analysisWindow);
      if (analysisWindow.compareTo(analysisInterval) < 0) {
        throw new InvalidValue(
            "an analysis window of "
                + Durations.format(analysisWindow)
                + " is shorter than the interval of "
                + Durations.format(analysisInterval));
      }
    }

    /** Those that a candidate goes through: as declared or, where none are, the default one. */
    public List<CanaryStep> candidateSteps() {
      return steps.isEmpty() ? List.of(Defaults.CANARY_STEP) : steps;
    }

    /**
     * What a candidate is probed with: as declared; where there are neither steps nor a probe, the
     * default, so that there is evidence for its promotion.
     */
    public Optional<Probe> candidateProbe() {
      return steps.isEmpty() ? probe.or(() -> Optional.of(Defaults.PROBE)) : probe;
    }

    /** The steps themselves, if their weights rise strictly; else {@link InvalidValue}. */
    public static List<CanaryStep> checkedSteps(List<CanaryStep> steps) {
      if (steps.size() > MOST_STEPS) {
        throw new InvalidValue(steps.size() + " steps: at most " + MOST_STEPS);
      }
      for (int i = 1; i < steps.size(); i++) {
        int before = steps.get(i - 1).weight();
        int weight = steps.get(i).weight();
        if (weight <= before) {
          throw new InvalidValue(
              "weights must rise from step to step, and " + weight + " follows " + before);
        }
      }
      return steps;
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
  public record Probe(HttpPath path, double requestsPerSecond) {
    public Probe {
      if (!(requestsPerSecond > 0 && requestsPerSecond <= 100)) {
        throw new InvalidValue(requestsPerSecond + " requests per second: above 0, at most 100");
      }
    }
  }

  /**
   * Who judges, on a machine.
   *
   * @param url where an OPA server answers: {@code http://127.0.0.1:8181}
   * @param directory below the manifest's folder, or absolute; empty: the policies that SwiftDeploy
   *     ships
   * @param thresholds as the manifest sets them, by the policy's own names; policy takes the
   *     stricter of these and its own, the tool compares nothing
   */
  public record Policy(
      Engine engine,
      Optional<String> url,
      Optional<String> directory,
      SortedMap<String, JsonNode> thresholds) {
    private static final int LONGEST = 255;
    private static final String HOST_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
    private static final Pattern URL =
        Pattern.compile(
            "https?://(?:%s(?:\\.%s)*|\\[[0-9a-fA-F:]{2,39}])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*/?"
                .formatted(HOST_LABEL, HOST_LABEL));
    private static final Pattern DIRECTORY =
        Pattern.compile("/?[A-Za-z0-9._][A-Za-z0-9._ +-]*(?:/[A-Za-z0-9._][A-Za-z0-9._ +-]*)*/?");
    private static final Pattern ESCAPE = Pattern.compile("(?:^|/)\\.\\.(?:/|$)");

    public Policy {
      thresholds = new TreeMap<>(thresholds);
      url.ifPresent(Policy::checkedUrl);
      directory.ifPresent(Policy::checkedDirectory);
    }

    /** The URL itself, if it is http or https without user, query or fragment. */
    public static String checkedUrl(String url) {
      if (url.length() > LONGEST || !URL.matcher(url).matches()) {
        throw new InvalidValue(
            InvalidValue.quote(url)
                + " is not the URL of an OPA server such as http://127.0.0.1:8181");
      }
      return url;
    }

    /**
     * The path itself, if it names a folder without leading out of the manifest's by {@code ..}.
     */
    public static String checkedDirectory(String directory) {
      if (directory.length() > LONGEST
          || !DIRECTORY.matcher(directory).matches()
          || ESCAPE.matcher(directory).find()) {
        throw new InvalidValue(
            InvalidValue.quote(directory)
                + " is not a folder below the manifest's: letters, digits, spaces and . _ + - between slashes, no .. in it");
      }
      return directory;
    }
  }

  /** The policy engines. */
  public enum Engine {
    /** The project's Rego, compiled to WebAssembly, on the JVM. */
    EMBEDDED,
    /** An OPA server over HTTP. */
    OPA
  }

  private static void positive(String what, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new InvalidValue(what + " of " + Durations.format(duration) + ": more than 0s");
    }
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

    /** Where a candidate is held that has no declared steps: until a person says stable. */
    public static final CanaryStep CANARY_STEP = new CanaryStep(50, Duration.ZERO);

    /** Of a probe that names only its path, or only its rate. */
    public static final Probe PROBE = new Probe(HttpPath.of("/"), 5);

    public static final int REPLICAS = 1;
    public static final RestartPolicy RESTART_POLICY = RestartPolicy.UNLESS_STOPPED;

    private Defaults() {}
  }
}
