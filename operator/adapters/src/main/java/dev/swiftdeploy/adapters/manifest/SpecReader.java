package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.HeaderName;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Spec.Defaults;
import dev.swiftdeploy.core.spec.Version;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads a spec from a {@link Source}. Each value that can't be read is told and stood in for by its
 * default, so that one reading tells all; the spec is of use only where nothing was told.
 */
final class SpecReader {
  private static final List<String> MODES = List.of("stable", "canary");
  private static final List<String> RESTART_POLICIES =
      List.of("no", "on-failure", "always", "unless-stopped");
  private static final List<String> ENGINES = List.of("embedded", "opa");
  private static final String IMAGE_FIX = "write NAME:TAG, such as swiftdeploy-app:1.0.0";
  private static final String PATH_FIX = "write a path such as /healthz";
  private static final String NAME_FIX = "write a name such as swiftdeploy-net";

  private final Source source;
  private final Values values;
  private final Problems problems;
  private final Map<String, Field> fields = new LinkedHashMap<>();

  SpecReader(Source source, Problems problems) {
    this.source = source;
    this.values = new Values(problems, source.form());
    this.problems = problems;
  }

  Spec read() {
    return new Spec(services(), nginx(), network(), canary(), policy(), paused());
  }

  /** The single values that were found, by their path in the spec. */
  Map<String, Field> fields() {
    return fields;
  }

  // services

  private Spec.Services services() {
    Optional<ImageReference> image = image();
    return new Spec.Services(
        image.orElse(Defaults.NGINX_IMAGE),
        command(),
        find("services.port").flatMap(values::port).orElse(Defaults.SERVICE_PORT),
        find("services.mode").flatMap(f -> values.word(f, Mode::of, MODES)).orElse(Mode.STABLE),
        version(image),
        find("services.replicas")
            .flatMap(f -> values.whole(f, Spec.Services::checkedReplicas, "write 1 to 100"))
            .orElse(Defaults.REPLICAS),
        env(),
        resources(),
        new Spec.Health(
            text("services.health.path", HttpPath::of, PATH_FIX, Defaults.HEALTH.path()),
            duration("services.health.interval", Defaults.HEALTH.interval()),
            duration("services.health.deadline", Defaults.HEALTH.deadline())),
        find("services.restartPolicy")
            .flatMap(f -> values.word(f, RestartPolicy::of, RESTART_POLICIES))
            .orElse(Defaults.RESTART_POLICY));
  }

  private Optional<ImageReference> image() {
    Optional<Field> field = find("services.image");
    if (field.isEmpty()) {
      problems.error(
          source.near("services.image"),
          source.written("services.image"),
          "is missing",
          "say what is to run, such as image: swiftdeploy-app:1.0.0");
    }
    return field.flatMap(f -> values.text(f, ImageReference::of, IMAGE_FIX));
  }

  /**
   * Without a version, the image's tag names it; without a tag, Docker's own word for that does.
   */
  private Version version(Optional<ImageReference> image) {
    Optional<Field> field = find("services.version");
    if (field.isPresent()) {
      return values
          .text(field.get(), Version::of, "write it as in \"1.0.0\"")
          .orElse(Version.of("latest"));
    }
    if (image.isEmpty()) {
      return Version.of("latest"); // the image's own problem is told
    }
    String tag = image.get().tag().orElse("latest");
    try {
      Version version = Version.of(tag);
      problems.notice(
          source.near("services.version"),
          source.written("services.version"),
          "is not given, and read from the image: " + version);
      return version;
    } catch (InvalidValue e) {
      problems.error(
          source.near("services.version"),
          source.written("services.version"),
          "is missing, and the image's tag " + InvalidValue.quote(tag) + " is no version",
          "write version: \"1.0.0\"");
      return Version.of("latest");
    }
  }

  private List<String> command() {
    Optional<Field> field = find("services.command");
    if (field.isEmpty() || field.get().isEmpty()) {
      return List.of();
    }
    if (!field.get().isList()) {
      problems.error(
          field.get().valueSpot(),
          field.get().path(),
          "is " + field.get().kind() + ", not a list of words",
          "write it as a list: command: [java, -jar, app/target/app.jar]");
      return List.of();
    }
    List<String> words = new ArrayList<>();
    for (Field item : items(field.get())) {
      values.text(item, Spec.Services::checkedWord, "write one word").ifPresent(words::add);
    }
    return checked(
        field.get(), words, Spec.Services::checkedCommand, "start it with a program", List.of());
  }

  private SortedMap<EnvName, String> env() {
    return find("services.env")
        .map(field -> new EnvReader(source, values, problems).read(field))
        .orElseGet(TreeMap::new);
  }

  private SortedMap<String, String> resources() {
    SortedMap<String, String> resources = new TreeMap<>();
    Optional<Field> section = find("services.resources");
    if (section.isEmpty() || section.get().isEmpty()) {
      return resources;
    }
    if (!section.get().isMapping()) {
      notAMapping(section.get(), "write resources: {cpu: 500m, memory: 256Mi}");
      return resources;
    }
    for (Field field : Tree.children(section.get().value(), section.get().path())) {
      values
          .text(
              field,
              amount -> Spec.Services.checkedResource(field.name(), amount),
              "write resources: {cpu: 500m, memory: 256Mi}")
          .ifPresent(amount -> resources.put(field.name(), amount));
    }
    return resources;
  }

  // nginx, network

  private Spec.Nginx nginx() {
    return new Spec.Nginx(
        text(
            "nginx.image",
            ImageReference::of,
            "write NAME:TAG, such as nginx:1.28",
            Defaults.NGINX_IMAGE),
        find("nginx.port").flatMap(values::port).orElse(Defaults.NGINX_PORT),
        duration("nginx.proxyTimeout", Defaults.PROXY_TIMEOUT),
        find("nginx.drainTimeout").flatMap(values::duration).orElse(Defaults.DRAIN_TIMEOUT),
        find("nginx.contact")
            .flatMap(f -> values.text(f, Contact::of, "write one such as ops@example.com")));
  }

  private Spec.Network network() {
    return new Spec.Network(
        text("network.name", ResourceName::of, NAME_FIX, Defaults.NETWORK.name()),
        text(
            "network.driverType",
            Spec.Network::checkedDriver,
            "write bridge",
            Defaults.NETWORK.driverType()));
  }

  // canary

  private Spec.Canary canary() {
    Duration interval = duration("canary.analysis.interval", Defaults.ANALYSIS_INTERVAL);
    Duration window = duration("canary.analysis.window", Defaults.ANALYSIS_WINDOW);
    if (window.compareTo(interval) < 0) {
      Optional<Field> given = found("canary.analysis.window", "canary.analysis.interval");
      problems.error(
          given.map(Field::valueSpot).orElse(Spot.START),
          given.map(Field::path).orElse(""),
          "the window is shorter than the interval between two reviews",
          "write a window at least as long as the interval");
      window = interval;
    }
    return new Spec.Canary(
        steps(),
        interval,
        window,
        probe(),
        find("canary.header")
            .flatMap(f -> values.text(f, HeaderName::of, "write one such as X-SwiftDeploy-Mode")));
  }

  private List<Spec.CanaryStep> steps() {
    Optional<Field> field = find("canary.steps");
    if (field.isEmpty() || field.get().isEmpty()) {
      return List.of();
    }
    if (!field.get().isList()) {
      problems.error(
          field.get().valueSpot(),
          field.get().path(),
          "is " + field.get().kind() + ", not a list",
          "write steps: [{weight: 10, hold: 15s}, {weight: 100}]");
      return List.of();
    }
    int before = problems.errors();
    List<Spec.CanaryStep> steps = new ArrayList<>();
    for (Field item : items(field.get())) {
      step(item).ifPresent(steps::add);
    }
    return problems.errors() > before
        ? List.of()
        : checked(
            field.get(),
            steps,
            Spec.Canary::checkedSteps,
            "let each step's weight be above the one before",
            List.of());
  }

  private Optional<Spec.CanaryStep> step(Field item) {
    if (!item.isMapping()) {
      notAMapping(item, "write {weight: 10, hold: 15s}");
      return Optional.empty();
    }
    Optional<Field> weight = Tree.child(item.value(), item.path(), "weight");
    Optional<Field> hold = Tree.child(item.value(), item.path(), "hold");
    onlyKnown(item, List.of("weight", "hold"));
    if (weight.isEmpty()) {
      problems.error(
          item.valueSpot(), Field.join(item.path(), "weight"), "is missing", "write weight: 10");
      return Optional.empty();
    }
    Duration held = hold.flatMap(values::duration).orElse(Duration.ZERO);
    return values
        .whole(
            weight.get(), w -> new Spec.CanaryStep(w, held).weight(), "write 1 to 100, in percent")
        .map(w -> new Spec.CanaryStep(w, held));
  }

  private Optional<Spec.Probe> probe() {
    Optional<Field> path = find("canary.probe.path");
    Optional<Field> rate = find("canary.probe.requestsPerSecond");
    if (path.isEmpty() && rate.isEmpty()) {
      return Optional.empty();
    }
    HttpPath asked =
        path.flatMap(f -> values.text(f, HttpPath::of, PATH_FIX)).orElse(Defaults.PROBE.path());
    BigDecimal number =
        rate.flatMap(f -> values.number(f, any -> any, "write a number such as 5"))
            .orElse(BigDecimal.valueOf(Defaults.PROBE.requestsPerSecond()));
    return Optional.of(
        checked(
            rate.orElseGet(path::orElseThrow),
            Defaults.PROBE,
            ignored -> new Spec.Probe(asked, number.doubleValue()),
            "write a number such as 5",
            Defaults.PROBE));
  }

  // policy, paused

  private Spec.Policy policy() {
    Spec.Engine engine =
        find("policy.engine")
            .flatMap(f -> values.word(f, SpecReader::engine, ENGINES))
            .orElse(Spec.Engine.EMBEDDED);
    Optional<Field> url = find("policy.url");
    Optional<String> address =
        url.flatMap(
            f ->
                values.text(f, Spec.Policy::checkedUrl, "write one such as http://127.0.0.1:8181"));
    if (engine == Spec.Engine.EMBEDDED && url.isPresent()) {
      problems.warning(
          url.get().keySpot(),
          url.get().path(),
          "is not used: the embedded engine judges",
          "write engine: opa for an OPA server, or remove the line");
    }
    return new Spec.Policy(
        engine,
        address,
        find("policy.directory")
            .flatMap(
                f -> values.text(f, Spec.Policy::checkedDirectory, "write one such as policies")),
        source.thresholds());
  }

  private static Spec.Engine engine(String text) {
    return switch (text) {
      case "embedded" -> Spec.Engine.EMBEDDED;
      case "opa" -> Spec.Engine.OPA;
      default ->
          throw new InvalidValue(InvalidValue.quote(text) + " is not an engine: embedded or opa");
    };
  }

  private boolean paused() {
    return find("paused").flatMap(values::flag).orElse(false);
  }

  // what they share

  private Optional<Field> find(String path) {
    Optional<Field> field = source.find(path);
    field.ifPresent(f -> fields.put(path, f));
    return field;
  }

  private Optional<Field> found(String... paths) {
    for (String path : paths) {
      Field field = fields.get(path);
      if (field != null) {
        return Optional.of(field);
      }
    }
    return Optional.empty();
  }

  private <T> T text(String path, Function<String, T> parse, String fix, T otherwise) {
    return find(path).flatMap(f -> values.text(f, parse, fix)).orElse(otherwise);
  }

  /** A duration above zero. */
  private Duration duration(String path, Duration otherwise) {
    Optional<Field> field = find(path);
    Optional<Duration> duration = field.flatMap(values::duration);
    if (duration.isPresent() && duration.get().isZero()) {
      problems.error(
          field.orElseThrow().valueSpot(),
          field.orElseThrow().path(),
          "must be more than 0s",
          "write one such as 1s");
      return otherwise;
    }
    return duration.orElse(otherwise);
  }

  /** Checks what only the whole can show, and tells it at the field. */
  private <T> T checked(Field field, T value, Function<T, T> check, String fix, T otherwise) {
    try {
      return check.apply(value);
    } catch (InvalidValue e) {
      problems.error(field.valueSpot(), field.path(), String.valueOf(e.getMessage()), fix);
      return otherwise;
    }
  }

  private void onlyKnown(Field mapping, List<String> known) {
    for (Field field : Tree.children(mapping.value(), mapping.path())) {
      if (!known.contains(field.name())) {
        problems.error(
            field.keySpot(),
            field.path(),
            "is not known",
            Suggestion.near(field.name(), known)
                .map(near -> "did you mean " + near + "?")
                .orElse("remove it; known here are " + String.join(", ", known)));
      }
    }
  }

  private void notAMapping(Field field, String fix) {
    problems.error(field.valueSpot(), field.path(), "is " + field.kind() + ", not a mapping", fix);
  }

  static List<Field> items(Field list) {
    List<Field> items = new ArrayList<>();
    if (list.value() instanceof SequenceNode sequence) {
      for (Node item : sequence.getValue()) {
        items.add(new Field(list.path() + "[" + items.size() + "]", item, item));
      }
    }
    return items;
  }
}
