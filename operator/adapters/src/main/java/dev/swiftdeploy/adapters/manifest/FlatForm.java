package dev.swiftdeploy.adapters.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads the flat form: {@code services}, {@code nginx}, {@code network} at the root, in snake_case,
 * as dozens of public manifests are written, each a little differently. What is read from an
 * unusual place is read all the same; what isn't used is said.
 */
final class FlatForm implements Source {
  private static final List<String> NAMES =
      List.of(
          "name",
          "services.name",
          "app.name",
          "app_name",
          "project.name",
          "services.service_name",
          "services.container_name");

  /** Known from public manifests, without a counterpart here; a path stands for all below it. */
  private static final Set<String> UNUSED =
      Set.of(
          "services.volumes",
          "services.log_volume",
          "services.log_path",
          "services.networks",
          "services.healthcheck",
          "services.healthcheck_timeout",
          "services.healthcheck_retries",
          "services.health_check",
          "healthcheck",
          "health_check",
          "nginx.container_name",
          "nginx.service_name",
          "nginx.restart",
          "nginx.restart_policy",
          "nginx.access_log",
          "nginx.volumes",
          "volumes",
          "logs",
          "logging",
          "audit",
          "metadata",
          "compose_project");

  /** What a foreign OPA was to do; a person must know that it doesn't. */
  private static final Pattern OPA =
      Pattern.compile("(opa|policy_engine|policies_dir)(\\..*)?|polic[a-z_]*\\.opa.*");

  private static final Pattern COMPOSE_VERSION = Pattern.compile("[23](\\.[0-9]+)?");
  private static final int LONGEST_NAME = 63;

  private final Node root;
  private final Problems problems;
  private final Tree tree = new Tree();
  private Bound services = Bound.NOWHERE;
  private Bound nginx = Bound.NOWHERE;
  private Optional<FlatThresholds> limits = Optional.empty();

  private FlatForm(Node root, Problems problems) {
    this.root = root;
    this.problems = problems;
  }

  /**
   * A section, wherever it was found.
   *
   * @param path as the manifest writes it
   */
  private record Bound(String path, Optional<Field> field) {
    static final Bound NOWHERE = new Bound("", Optional.empty());
  }

  /** The document's resource; none where something was told about it that can't be taken. */
  static Optional<Declaration> read(Documents.Document document, Problems problems, String folder) {
    return new FlatForm(document.root(), problems).read(document.index(), folder);
  }

  private Optional<Declaration> read(int index, String folder) {
    int before = problems.errors();
    for (String section : List.of("services", "service", "nginx", "network")) {
      mustBeMapping(section);
    }
    services = services();
    nginx = nginx();
    if (problems.errors() > before) {
      return Optional.empty();
    }
    FlatThresholds found = FlatThresholds.read(root, tree, problems);
    limits = Optional.of(found);
    Named name = name(folder);
    SpecReader spec = new SpecReader(this, problems);
    Spec read = spec.read();
    tree.unread(root, "", this::unused);
    if (problems.errors() > before) {
      return Optional.empty();
    }
    problems.notice(
        Spot.of(root), "", "read in the flat form, as resource " + name.name() + name.origin());
    return Optional.of(
        new Declaration(
            new Resource(name.name(), new TreeMap<>(), read),
            index,
            root,
            name.spot(),
            this,
            spec.fields()));
  }

  // Source

  @Override
  public ManifestResult.Form form() {
    return ManifestResult.Form.FLAT;
  }

  @Override
  public Optional<Field> find(String path) {
    Optional<Field> first = Optional.empty();
    for (String place : SpecKeys.flatPlaces(path)) {
      Optional<Field> here = at(place);
      if (here.isPresent() && isComposeVersion(here.get())) {
        here = Optional.empty();
      }
      if (first.isEmpty()) {
        first = here;
      } else if (here.isPresent()) {
        tellIfOther(first.get(), here.get());
      }
    }
    return first.isEmpty() && path.equals("canary.analysis.window")
        ? limits.flatMap(FlatThresholds::window)
        : first;
  }

  private void tellIfOther(Field taken, Field other) {
    if (!taken.isScalar() || !other.isScalar() || !taken.text().equals(other.text())) {
      problems.warning(
          other.keySpot(),
          other.path(),
          "is not used: " + taken.path() + " is",
          "keep one of them");
    }
  }

  /** {@code version: "3.8"} at the root is Compose's own. */
  private static boolean isComposeVersion(Field field) {
    return field.path().equals("version") && COMPOSE_VERSION.matcher(field.text()).matches();
  }

  /** Follows a path whose first word may be a section that stands elsewhere. */
  private Optional<Field> at(String place) {
    int dot = place.indexOf('.');
    Bound bound =
        switch (dot < 0 ? "" : place.substring(0, dot)) {
          case "services" -> services;
          case "nginx" -> nginx;
          default -> null;
        };
    if (bound == null) {
      return tree.find(root, "", place);
    }
    bound.field().ifPresent(tree::markEntered);
    return bound.field().flatMap(f -> tree.find(f.value(), f.path(), place.substring(dot + 1)));
  }

  @Override
  public boolean isRead(Field field) {
    return tree.isRead(field);
  }

  @Override
  public String written(String path) {
    String snake = SpecKeys.snake(path);
    if (snake.startsWith("services.") && services.field().isPresent()) {
      return services.path() + snake.substring("services".length());
    }
    if (snake.startsWith("nginx.") && nginx.field().isPresent()) {
      return nginx.path() + snake.substring("nginx".length());
    }
    return snake;
  }

  @Override
  public Spot near(String path) {
    return Tree.nearest(root, written(path));
  }

  @Override
  public SortedMap<String, JsonNode> thresholds() {
    return limits.map(FlatThresholds::thresholds).orElseGet(TreeMap::new);
  }

  // sections

  private void mustBeMapping(String section) {
    Optional<Field> field = Tree.child(root, "", section);
    if (field.isPresent() && !field.get().isMapping() && !field.get().isEmpty()) {
      problems.error(
          field.get().valueSpot(),
          section,
          "is " + field.get().kind() + ", not a mapping",
          "write its keys below it, indented");
    }
  }

  /** {@code services: {image: …}}, or the one service of {@code services: {app: {image: …}}}. */
  private Bound services() {
    Optional<Field> section =
        Tree.child(root, "", "services").or(() -> Tree.child(root, "", "service"));
    if (section.isEmpty()) {
      return Bound.NOWHERE;
    }
    Bound whole = new Bound(section.get().path(), section);
    if (Tree.child(section.get().value(), "", "image").isPresent()) {
      return whole;
    }
    List<Field> named =
        Tree.children(section.get().value(), section.get().path()).stream()
            .filter(f -> !f.name().equals("nginx") && !f.name().equals("opa"))
            .filter(f -> has(f, "image"))
            .toList();
    if (named.isEmpty()) {
      return whole;
    }
    tree.markEntered(section.get());
    List<Field> whoseProxy =
        named.size() == 1 ? named : named.stream().filter(FlatForm::hasPort).toList();
    if (whoseProxy.size() != 1) {
      problems.error(
          named.get(1).keySpot(),
          section.get().path(),
          "declares "
              + named.size()
              + " services, "
              + Structure.shown(named.get(0).name())
              + " and "
              + Structure.shown(named.get(1).name())
              + (named.size() > 2 ? ", …" : "")
              + ", behind one proxy",
          "keep one, or write each in a document of its own, after ---, with its nginx.port");
      return whole;
    }
    Field chosen = whoseProxy.get(0);
    problems.notice(chosen.keySpot(), chosen.path(), "is read as the service");
    for (Field other : named) {
      if (!other.equals(chosen)) {
        tree.markRead(other);
        problems.warning(
            other.keySpot(),
            other.path(),
            "is not run: " + chosen.path() + " is the service, it has a port",
            "write it in a document of its own, after ---");
      }
    }
    return new Bound(chosen.path(), Optional.of(chosen));
  }

  private Bound nginx() {
    Optional<Field> section =
        Tree.child(root, "", "nginx").or(() -> Tree.look(root, "", "services.nginx"));
    return section.map(f -> new Bound(f.path(), section)).orElse(Bound.NOWHERE);
  }

  private static boolean has(Field section, String key) {
    return Tree.child(section.value(), "", key).isPresent();
  }

  private static boolean hasPort(Field service) {
    return SpecKeys.flatPlaces("services.port").stream()
        .filter(place -> place.startsWith("services."))
        .anyMatch(
            place ->
                Tree.look(service.value(), "", place.substring("services.".length())).isPresent());
  }

  // name

  /**
   * What the resource is called.
   *
   * @param origin where that is from, in words; empty where it was written so
   */
  private record Named(ResourceName name, Spot spot, String origin) {}

  private Named name(String folder) {
    Optional<Field> given = Optional.empty();
    for (String place : NAMES) {
      Optional<Field> here = at(place);
      given = given.isPresent() ? given : here.filter(Field::isScalar).filter(f -> !f.isEmpty());
    }
    if (given.isEmpty()) {
      return dns(folder)
          .map(name -> new Named(name, Spot.of(root), ", after its folder"))
          .orElse(new Named(ResourceName.of("swiftdeploy"), Spot.of(root), ""));
    }
    Field field = given.get();
    try {
      ResourceName name = ResourceName.of(respelled(field.text()));
      return new Named(name, field.valueSpot(), ", after " + field.path());
    } catch (InvalidValue e) {
      problems.error(
          field.valueSpot(),
          field.path(),
          InvalidValue.quote(field.text()) + " is not a name: letters, digits and -, at most 63",
          "write one such as demo");
      return new Named(ResourceName.of("swiftdeploy"), field.valueSpot(), "");
    }
  }

  /** {@code My_App} is {@code my-app} to DNS; anything further off is not guessed at. */
  private static String respelled(String name) {
    return SpecKeys.lower(name).replace('_', '-').replace(' ', '-').replace('.', '-');
  }

  private static Optional<ResourceName> dns(String folder) {
    String name = SpecKeys.lower(folder).replaceAll("[^a-z0-9]+", "-");
    String cut = name.substring(0, Math.min(name.length(), LONGEST_NAME));
    String bare = cut.replaceAll("^-+|-+$", "");
    return bare.isEmpty() ? Optional.empty() : Optional.of(ResourceName.of(bare));
  }

  // keys

  private void unused(Field field) {
    String path = canonical(field.path());
    if (OPA.matcher(path).matches()) {
      problems.warning(
          field.keySpot(),
          field.path(),
          "is not used: SwiftDeploy's own policies judge",
          "for an OPA server, write policy: {engine: opa, url: ADDRESS}; to be rid of this, remove it");
      return;
    }
    if (UNUSED.stream().anyMatch(u -> path.equals(u) || path.startsWith(u + "."))) {
      problems.notice(field.keySpot(), field.path(), "is not used");
      return;
    }
    String fix = problems.isFull(Severity.WARNING) ? "" : known(field, canonical(field.section()));
    problems.warning(field.keySpot(), field.path(), "is not known, and not used", fix);
  }

  private static String known(Field field, String section) {
    Set<String> known = SpecKeys.flatBelow(section);
    return Suggestion.near(field.name(), known)
        .map(near -> "did you mean " + near + "?")
        .orElse("remove it, or check its spelling and indentation");
  }

  /** {@code services.app.image} as {@code services.image}. */
  private String canonical(String path) {
    if (services.field().isPresent() && (path + ".").startsWith(services.path() + ".")) {
      return "services" + path.substring(services.path().length());
    }
    if (nginx.field().isPresent() && (path + ".").startsWith(nginx.path() + ".")) {
      return "nginx" + path.substring(nginx.path().length());
    }
    return path;
  }
}
