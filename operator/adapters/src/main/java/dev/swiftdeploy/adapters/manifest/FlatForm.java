package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.HttpPath;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads the flat form: {@code services}, {@code nginx}, {@code network} at the root, in snake_case.
 * Dozens of public manifests are written so, each a little differently; what can't be told is said,
 * what isn't known is a warning.
 */
final class FlatForm {
  private static final Set<String> COMMON =
      Set.of(
          "services.container_name",
          "services.log_volume",
          "services.volumes",
          "services.name",
          "volumes",
          "logs",
          "opa",
          "name",
          "metadata",
          "version");

  private final Fields fields;
  private final Values values;
  private final String folder;
  private String services = "services";

  private FlatForm(Fields fields, String folder) {
    this.fields = fields;
    this.values = fields.values();
    this.folder = folder;
  }

  static Optional<Resource> read(Node root, Problems problems, String folder) {
    return new FlatForm(new Fields(root, problems, ManifestResult.Form.FLAT), folder).read();
  }

  private Optional<Resource> read() {
    List.of("services", "nginx", "network").forEach(fields::mapping);
    pickService();
    Optional<Spec.Services> service = services();
    Optional<Spec.Nginx> nginx = nginx();
    Spec.Network network = network();
    Spec.Policy policy =
        new Spec.Policy(
            Spec.Engine.EMBEDDED, Optional.empty(), Optional.empty(), FlatThresholds.read(fields));
    ResourceName name = name();
    unknown();
    return service.flatMap(
        s ->
            nginx.map(
                n ->
                    new Resource(
                        name,
                        new TreeMap<>(Map.of()),
                        new Spec(s, n, network, Spec.Defaults.CANARY, policy, false))));
  }

  /** {@code services: {app: {…}}}: the one that has an image. */
  private void pickService() {
    Optional<Field> all = Tree.look(fields.root(), "", "services");
    if (all.isEmpty() || Tree.child(all.get().value(), "services", "image").isPresent()) {
      return;
    }
    List<Field> named =
        Tree.children(all.get().value(), "services").stream()
            .filter(f -> Tree.child(f.value(), f.path(), "image").isPresent())
            .toList();
    if (named.isEmpty()) {
      return;
    }
    Field chosen =
        named.stream()
            .filter(f -> Tree.child(f.value(), f.path(), "port").isPresent())
            .findFirst()
            .orElse(named.get(0));
    fields.mapping(chosen.path());
    services = chosen.path();
    if (named.size() > 1) {
      fields
          .problems()
          .warning(
              chosen.keySpot(),
              chosen.path(),
              "is taken as the service; the other services are not run",
              "write each in a document of its own, after ---");
    }
  }

  private Optional<Spec.Services> services() {
    Optional<Field> imageField = fields.any(services + ".image");
    if (imageField.isEmpty()) {
      fields
          .problems()
          .error(
              Tree.look(fields.root(), "", "services")
                  .map(Field::keySpot)
                  .orElse(Spot.of(fields.root())),
              "services.image",
              "is missing",
              "name the image: image: app:1.0.0");
    }
    Optional<ImageReference> image =
        imageField.flatMap(f -> values.text(f, ImageReference::of, "write one such as app:1.2.3"));
    Optional<Port> port =
        fields
            .any(services + ".port")
            .map(values::port)
            .orElse(Optional.of(Spec.Defaults.SERVICE_PORT));
    Mode mode =
        fields
            .any(services + ".mode", "mode")
            .flatMap(f -> values.word(f, Mode::of, Set.of("stable", "canary")))
            .orElse(Mode.STABLE);
    Optional<Version> version = version(image);
    int replicas =
        fields
            .any(services + ".replicas")
            .flatMap(
                f ->
                    values.whole(f, Spec.Services::checkedReplicas, "write a number from 1 to 100"))
            .orElse(1);
    RestartPolicy restart =
        fields
            .any(services + ".restart_policy", services + ".restart", "restart_policy", "restart")
            .flatMap(
                f ->
                    values.word(
                        f,
                        RestartPolicy::of,
                        Set.of("no", "on-failure", "always", "unless-stopped")))
            .orElse(RestartPolicy.UNLESS_STOPPED);
    SortedMap<EnvName, String> env =
        Environment.read(fields, fields.any(services + ".env", services + ".environment"));
    env.keySet().removeAll(Spec.Services.RESERVED_ENV.keySet());
    List<String> command =
        fields.any(services + ".command").map(f -> Commands.read(fields, f)).orElse(List.of());
    Spec.Health health = health();
    return image.flatMap(
        i ->
            port.flatMap(
                p ->
                    version.flatMap(
                        v ->
                            fields.build(
                                Spot.of(fields.root()),
                                services,
                                "see the message",
                                () ->
                                    new Spec.Services(
                                        i,
                                        command,
                                        p,
                                        mode,
                                        v,
                                        replicas,
                                        env,
                                        new TreeMap<>(Map.of()),
                                        health,
                                        restart)))));
  }

  /** {@code version}, {@code app_version}, else the image's tag, and that is said. */
  private Optional<Version> version(Optional<ImageReference> image) {
    Optional<Field> field =
        fields.any(services + ".version", services + ".app_version", "app_version");
    Optional<Field> root = fields.any("version");
    if (field.isEmpty() && root.isPresent() && !root.get().text().matches("[0-9](\\.[0-9])?")) {
      field = root; // `version: "3.8"` at the root is Compose's own
    }
    if (field.isPresent()) {
      return values.text(field.get(), Version::of, "write one such as \"1.2.3\"");
    }
    String tag = image.flatMap(ImageReference::tag).orElse("latest");
    fields
        .problems()
        .notice(
            Spot.of(fields.root()),
            "services.version",
            "is not given; the image's tag is taken: " + tag);
    return fields.build(
        Spot.of(fields.root()),
        "services.version",
        "write one such as \"1.2.3\"",
        () -> Version.of(tag));
  }

  private Spec.Health health() {
    HttpPath path =
        fields
            .any(
                services + ".health_path",
                services + ".healthcheck.path",
                services + ".health.path")
            .filter(Field::isScalar)
            .flatMap(f -> values.text(f, HttpPath::of, "write a path such as /healthz"))
            .orElse(Spec.Defaults.HEALTH.path());
    return new Spec.Health(path, Spec.Defaults.HEALTH.interval(), Spec.Defaults.HEALTH.deadline());
  }

  private Optional<Spec.Nginx> nginx() {
    ImageReference image =
        fields
            .any("nginx.image")
            .flatMap(f -> values.text(f, ImageReference::of, "write one such as nginx:1.28"))
            .orElse(Spec.Defaults.NGINX_IMAGE);
    Optional<Port> port =
        fields.any("nginx.port").map(values::port).orElse(Optional.of(Spec.Defaults.NGINX_PORT));
    Duration proxy =
        fields
            .any("nginx.proxy_timeout", "nginx.timeout")
            .flatMap(values::duration)
            .orElse(Spec.Defaults.PROXY_TIMEOUT);
    Duration drain =
        fields
            .any("nginx.drain_timeout")
            .flatMap(values::duration)
            .orElse(Spec.Defaults.DRAIN_TIMEOUT);
    Optional<Contact> contact =
        fields
            .any("nginx.contact", "contact", services + ".contact")
            .flatMap(f -> values.text(f, Contact::of, "write one such as ops@example.com"));
    return port.flatMap(
        p ->
            fields.build(
                Spot.of(fields.root()),
                "nginx.proxy_timeout",
                "write a duration above 0",
                () -> new Spec.Nginx(image, p, proxy, drain, contact)));
  }

  private Spec.Network network() {
    return new Spec.Network(
        fields
            .any("network.name")
            .flatMap(f -> values.text(f, ResourceName::of, "write a name such as demo-net"))
            .orElse(Spec.Defaults.NETWORK.name()),
        fields
            .any("network.driver_type", "network.driver")
            .flatMap(f -> values.text(f, ResourceName::of, "write bridge"))
            .orElse(Spec.Defaults.NETWORK.driverType()));
  }

  private ResourceName name() {
    Optional<Field> given = fields.any("name", services + ".name", services + ".container_name");
    return given
        .map(Field::text)
        .flatMap(FlatForm::dns)
        .or(() -> dns(folder))
        .orElse(ResourceName.of("swiftdeploy"));
  }

  private static Optional<ResourceName> dns(String text) {
    String name = Fields.lower(text).replaceAll("[^a-z0-9]+", "-").replaceAll("(^-+)|(-+$)", "");
    String cut = name.length() > 50 ? name.substring(0, 50).replaceAll("-+$", "") : name;
    return cut.isEmpty() ? Optional.empty() : Optional.of(ResourceName.of(cut));
  }

  private void unknown() {
    fields
        .tree()
        .unread(
            fields.root(),
            "",
            field -> {
              boolean common = COMMON.contains(field.path().replace(services, "services"));
              fields
                  .problems()
                  .warning(
                      field.keySpot(),
                      field.path(),
                      common ? "is not used here" : "is not known, and not used",
                      "");
            });
  }
}
