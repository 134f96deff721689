package dev.swiftdeploy.adapters.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.HeaderName;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads {@code apiVersion}, {@code kind}, {@code metadata}, {@code spec}. Unknown keys are errors.
 */
final class ResourceForm {
  static final String API_VERSION = "swiftdeploy.dev/v1alpha1";
  static final String KIND = "SwiftDeploy";

  private static final Map<String, String> THRESHOLDS =
      Map.of(
          "minDiskFreeGb", "min_disk_free_gb",
          "maxLoadPerCpu", "max_load_per_cpu",
          "maxCpuLoad", "max_cpu_load",
          "maxMemoryUsedPercent", "max_memory_used_percent",
          "maxErrorRate", "max_error_rate",
          "maxP99Ms", "max_p99_ms",
          "minRequests", "min_requests",
          "maxFailedReviews", "max_failed_reviews");

  private static final Set<String> KEYS =
      Set.of(
          "apiVersion",
          "kind",
          "metadata",
          "spec",
          "name",
          "labels",
          "services",
          "nginx",
          "network",
          "canary",
          "policy",
          "paused",
          "image",
          "command",
          "port",
          "mode",
          "version",
          "replicas",
          "env",
          "resources",
          "health",
          "restartPolicy",
          "path",
          "interval",
          "deadline",
          "proxyTimeout",
          "drainTimeout",
          "contact",
          "driverType",
          "steps",
          "analysis",
          "probe",
          "header",
          "weight",
          "hold",
          "window",
          "requestsPerSecond",
          "engine",
          "url",
          "directory",
          "thresholds",
          "value");

  private final Fields fields;
  private final Values values;

  private ResourceForm(Fields fields) {
    this.fields = fields;
    this.values = fields.values();
  }

  static Optional<Resource> read(Node root, Problems problems) {
    return new ResourceForm(new Fields(root, problems, ManifestResult.Form.RESOURCE)).read();
  }

  private Optional<Resource> read() {
    List.of(
            "metadata",
            "spec",
            "spec.services",
            "spec.services.health",
            "spec.nginx",
            "spec.network",
            "spec.canary",
            "spec.canary.analysis",
            "spec.canary.probe",
            "spec.policy")
        .forEach(fields::mapping);
    header();
    Optional<ResourceName> name =
        fields
            .required("metadata.name", "give the resource a name: metadata: {name: demo}")
            .flatMap(f -> values.text(f, ResourceName::of, "write a name such as demo"));
    SortedMap<String, String> labels = labels();
    Optional<Spec> spec = spec();
    fields.any("metadata.namespace"); // Kubernetes' own
    unknown();
    return name.flatMap(
        n ->
            spec.flatMap(
                s ->
                    fields.build(
                        Spot.of(fields.root()),
                        "metadata.labels",
                        "see the labels",
                        () -> new Resource(n, labels, s))));
  }

  private void header() {
    fields
        .required("apiVersion", "write apiVersion: " + API_VERSION)
        .filter(f -> !f.text().equals(API_VERSION))
        .ifPresent(
            f ->
                fields
                    .problems()
                    .error(
                        f.valueSpot(),
                        f.path(),
                        Structure.shown(f.text()) + " is not a version that is read",
                        "write " + API_VERSION));
    fields
        .required("kind", "write kind: " + KIND)
        .filter(f -> !f.text().equals(KIND))
        .ifPresent(
            f ->
                fields
                    .problems()
                    .error(
                        f.valueSpot(),
                        f.path(),
                        Structure.shown(f.text()) + " is not a kind that is read",
                        "write " + KIND));
  }

  private SortedMap<String, String> labels() {
    SortedMap<String, String> labels = new TreeMap<>();
    Optional<Field> field = fields.any("metadata.labels");
    field.ifPresent(
        f -> {
          for (Field label : Tree.children(f.value(), f.path())) {
            fields
                .build(
                    label.keySpot(),
                    label.path(),
                    "write a label as Kubernetes takes it",
                    () -> Resource.checkedLabelKey(label.name()))
                .ifPresent(
                    key ->
                        values
                            .text(
                                label,
                                Resource::checkedLabelValue,
                                "write a label's value in quotes")
                            .ifPresent(value -> labels.put(key, value)));
          }
        });
    return labels;
  }

  private Optional<Spec> spec() {
    Optional<Spec.Services> services = services();
    Optional<Spec.Nginx> nginx = nginx();
    Optional<Spec.Canary> canary = canary();
    Optional<Spec.Policy> policy = policy();
    Spec.Network network =
        new Spec.Network(
            fields
                .any("spec.network.name")
                .flatMap(f -> values.text(f, ResourceName::of, "write a name such as demo-net"))
                .orElse(Spec.Defaults.NETWORK.name()),
            fields
                .any("spec.network.driverType")
                .flatMap(f -> values.text(f, ResourceName::of, "write bridge"))
                .orElse(Spec.Defaults.NETWORK.driverType()));
    boolean paused = fields.any("spec.paused").flatMap(values::flag).orElse(false);
    return services.flatMap(
        s ->
            nginx.flatMap(
                n -> canary.flatMap(c -> policy.map(p -> new Spec(s, n, network, c, p, paused)))));
  }

  private Optional<Spec.Services> services() {
    Optional<ImageReference> image =
        fields
            .required("spec.services.image", "name the image: image: swiftdeploy-app:1.0.0")
            .flatMap(f -> values.text(f, ImageReference::of, "write one such as app:1.2.3"));
    List<String> command = command();
    Optional<Port> port =
        fields
            .any("spec.services.port")
            .map(values::port)
            .orElse(Optional.of(Spec.Defaults.SERVICE_PORT));
    Mode mode =
        fields
            .any("spec.services.mode")
            .flatMap(f -> values.word(f, Mode::of, Set.of("stable", "canary")))
            .orElse(Mode.STABLE);
    Optional<Version> version =
        fields
            .required("spec.services.version", "name the version: version: \"1.0.0\"")
            .flatMap(f -> values.text(f, Version::of, "write one such as \"1.2.3\""));
    int replicas =
        fields
            .any("spec.services.replicas")
            .flatMap(
                f ->
                    values.whole(f, Spec.Services::checkedReplicas, "write a number from 1 to 100"))
            .orElse(1);
    RestartPolicy restart =
        fields
            .any("spec.services.restartPolicy")
            .flatMap(
                f ->
                    values.word(
                        f,
                        RestartPolicy::of,
                        Set.of("no", "on-failure", "always", "unless-stopped")))
            .orElse(RestartPolicy.UNLESS_STOPPED);
    SortedMap<EnvName, String> env = Environment.read(fields, fields.any("spec.services.env"));
    SortedMap<String, String> resources = resources();
    Optional<Spec.Health> health = health();
    Spot spot = spot("spec.services");
    return image.flatMap(
        i ->
            port.flatMap(
                p ->
                    version.flatMap(
                        v ->
                            health.flatMap(
                                h ->
                                    fields.build(
                                        spot,
                                        "spec.services",
                                        "see the message",
                                        () ->
                                            new Spec.Services(
                                                i, command, p, mode, v, replicas, env, resources, h,
                                                restart))))));
  }

  private List<String> command() {
    return fields.any("spec.services.command").map(f -> Commands.read(fields, f)).orElse(List.of());
  }

  private SortedMap<String, String> resources() {
    SortedMap<String, String> out = new TreeMap<>();
    fields
        .any("spec.services.resources")
        .ifPresent(
            f -> {
              for (Field r : Tree.children(f.value(), f.path())) {
                values
                    .text(
                        r,
                        text -> Spec.Services.checkedResource(r.name(), text),
                        "write cpu: 500m or memory: 256Mi")
                    .ifPresent(v -> out.put(r.name(), v));
              }
            });
    return out;
  }

  private Optional<Spec.Health> health() {
    HttpPath path =
        fields
            .any("spec.services.health.path")
            .flatMap(f -> values.text(f, HttpPath::of, "write a path such as /healthz"))
            .orElse(Spec.Defaults.HEALTH.path());
    Duration interval = duration("spec.services.health.interval", Spec.Defaults.HEALTH.interval());
    Duration deadline = duration("spec.services.health.deadline", Spec.Defaults.HEALTH.deadline());
    return fields.build(
        spot("spec.services.health"),
        "spec.services.health",
        "write durations above 0",
        () -> new Spec.Health(path, interval, deadline));
  }

  private Optional<Spec.Nginx> nginx() {
    ImageReference image =
        fields
            .any("spec.nginx.image")
            .flatMap(f -> values.text(f, ImageReference::of, "write one such as nginx:1.28"))
            .orElse(Spec.Defaults.NGINX_IMAGE);
    Optional<Port> port =
        fields
            .any("spec.nginx.port")
            .map(values::port)
            .orElse(Optional.of(Spec.Defaults.NGINX_PORT));
    Duration proxy = duration("spec.nginx.proxyTimeout", Spec.Defaults.PROXY_TIMEOUT);
    Duration drain = duration("spec.nginx.drainTimeout", Spec.Defaults.DRAIN_TIMEOUT);
    Optional<Contact> contact =
        fields
            .any("spec.nginx.contact")
            .flatMap(f -> values.text(f, Contact::of, "write one such as ops@example.com"));
    return port.flatMap(
        p ->
            fields.build(
                spot("spec.nginx"),
                "spec.nginx",
                "write durations above 0",
                () -> new Spec.Nginx(image, p, proxy, drain, contact)));
  }

  private Optional<Spec.Canary> canary() {
    List<Spec.CanaryStep> steps = new ArrayList<>();
    Optional<Field> list = fields.any("spec.canary.steps");
    list.ifPresent(f -> fields.items(f).forEach(item -> step(item).ifPresent(steps::add)));
    Duration interval = duration("spec.canary.analysis.interval", Spec.Defaults.ANALYSIS_INTERVAL);
    Duration window = duration("spec.canary.analysis.window", Spec.Defaults.ANALYSIS_WINDOW);
    Optional<Spec.Probe> probe = probe();
    Optional<HeaderName> header =
        fields
            .any("spec.canary.header")
            .flatMap(f -> values.text(f, HeaderName::of, "write one such as X-SwiftDeploy-Mode"));
    return fields.build(
        list.map(Field::valueSpot).orElse(spot("spec.canary")),
        list.isPresent() ? "spec.canary.steps" : "spec.canary",
        "let weights rise to 100, and the window be no shorter than the interval",
        () -> new Spec.Canary(steps, interval, window, probe, header));
  }

  private Optional<Spec.CanaryStep> step(Field item) {
    Set<String> known = Set.of("weight", "hold");
    Optional<Field> weight = Tree.child(item.value(), item.path(), "weight");
    Optional<Field> hold = Tree.child(item.value(), item.path(), "hold");
    for (Field each : Tree.children(item.value(), item.path())) {
      if (!known.contains(each.name())) {
        unknown(each);
      }
    }
    if (weight.isEmpty()) {
      fields
          .problems()
          .error(item.valueSpot(), item.path(), "has no weight", "write {weight: 10, hold: 15s}");
      return Optional.empty();
    }
    Duration held = hold.flatMap(values::duration).orElse(Duration.ZERO);
    return values
        .whole(weight.get(), w -> w, "write a percentage from 1 to 100")
        .flatMap(
            w ->
                fields.build(
                    weight.get().valueSpot(),
                    weight.get().path(),
                    "write a percentage from 1 to 100",
                    () -> new Spec.CanaryStep(w, held)));
  }

  private Optional<Spec.Probe> probe() {
    Optional<Field> rate = fields.any("spec.canary.probe.requestsPerSecond");
    Optional<Field> path = fields.any("spec.canary.probe.path");
    if (rate.isEmpty() && path.isEmpty()) {
      return Optional.empty();
    }
    HttpPath to =
        path.flatMap(f -> values.text(f, HttpPath::of, "write a path such as /"))
            .orElse(HttpPath.of("/"));
    double perSecond =
        rate.flatMap(f -> values.number(f, "write a number such as 5"))
            .map(BigDecimal::doubleValue)
            .orElse(1.0);
    return fields.build(
        spot("spec.canary.probe"),
        "spec.canary.probe",
        "write a rate above 0, at most 100",
        () -> new Spec.Probe(to, perSecond));
  }

  private Optional<Spec.Policy> policy() {
    Spec.Engine engine =
        fields
            .any("spec.policy.engine")
            .flatMap(f -> values.word(f, Engines::of, Set.of("embedded", "opa")))
            .orElse(Spec.Engine.EMBEDDED);
    Optional<String> url = fields.any("spec.policy.url").map(Field::text);
    Optional<String> directory = fields.any("spec.policy.directory").map(Field::text);
    SortedMap<String, JsonNode> thresholds = new TreeMap<>();
    fields
        .any("spec.policy.thresholds")
        .ifPresent(
            f -> {
              for (Field t : Tree.children(f.value(), f.path())) {
                String name = THRESHOLDS.get(t.name());
                if (name == null) {
                  fields
                      .problems()
                      .error(
                          t.keySpot(),
                          t.path(),
                          "is not a threshold",
                          Suggestion.near(t.name(), THRESHOLDS.keySet())
                              .map(n -> "did you mean " + n + "?")
                              .orElse(
                                  "there are "
                                      + String.join(", ", new TreeMap<>(THRESHOLDS).keySet())));
                } else {
                  values
                      .number(t, "write a number")
                      .ifPresent(n -> thresholds.put(name, JsonNodeFactory.instance.numberNode(n)));
                }
              }
            });
    return fields.build(
        spot("spec.policy"),
        "spec.policy",
        "name a folder below the manifest's, or an http URL",
        () -> new Spec.Policy(engine, url, directory, thresholds));
  }

  private Duration duration(String path, Duration otherwise) {
    return fields.any(path).flatMap(values::duration).orElse(otherwise);
  }

  private Spot spot(String path) {
    return Tree.look(fields.root(), "", path).map(Field::keySpot).orElse(Spot.of(fields.root()));
  }

  private void unknown() {
    fields.tree().unread(fields.root(), "", this::unknown);
  }

  private void unknown(Field field) {
    fields
        .problems()
        .error(
            field.keySpot(),
            field.path(),
            "is not a field of a SwiftDeploy",
            Suggestion.near(field.name(), KEYS)
                .filter(near -> !near.equals(field.name()))
                .map(near -> "did you mean " + near + "?")
                .orElse("remove it, or check its indentation"));
  }
}
