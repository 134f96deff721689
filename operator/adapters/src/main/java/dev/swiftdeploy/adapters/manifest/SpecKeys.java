package dev.swiftdeploy.adapters.manifest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The paths of a spec, and where flat manifests write each. The own path in snake_case comes first;
 * the others were found in public manifests, the more specific before the more general. {@code
 * services} and {@code nginx} stand for wherever those sections were found.
 */
final class SpecKeys {
  private static final Map<String, List<String>> FLAT = new LinkedHashMap<>();

  static {
    key("services.image", "app.image", "image");
    key("services.command", "services.cmd", "app.command");
    key(
        "services.port",
        "services.container_port",
        "services.port_on_container",
        "services.app_port",
        "services.internal_port",
        "services.PORT",
        "app.port",
        "app_port",
        "services.env.APP_PORT",
        "services.environment.APP_PORT");
    key(
        "services.mode",
        "services.MODE",
        "app.mode",
        "mode",
        "services.env.MODE",
        "services.environment.MODE",
        "deployment.mode",
        "deployment.strategy");
    key(
        "services.version",
        "services.app_version",
        "services.VERSION",
        "services.APP_VERSION",
        "app.version",
        "app.app_version",
        "app_version",
        "services.env.APP_VERSION",
        "services.environment.APP_VERSION",
        "project.version",
        "metadata.version",
        "version");
    key("services.replicas", "services.scale", "app.replicas", "deploy.replicas", "replicas");
    key("services.env", "services.environment", "app.env", "app.environment");
    key("services.resources");
    key(
        "services.health.path",
        "services.healthcheck.path",
        "services.healthcheck.endpoint",
        "services.health_check.path",
        "services.health_check.endpoint",
        "services.healthcheck_path",
        "services.health_check_path",
        "services.health_path",
        "healthcheck.path",
        "healthcheck.endpoint",
        "health_check.path",
        "health_check.endpoint",
        "deployment.health_check_path");
    key(
        "services.health.interval",
        "services.healthcheck.interval",
        "services.health_check.interval",
        "services.healthcheck_interval",
        "services.health_check_interval",
        "healthcheck.interval",
        "health_check.interval");
    key(
        "services.health.deadline",
        "services.healthcheck.deadline",
        "services.health_check.deadline",
        "healthcheck.deadline",
        "deploy.health_timeout_seconds",
        "deploy.health_timeout",
        "deployment.health_check_timeout");
    key(
        "services.restartPolicy",
        "services.restart",
        "app.restart_policy",
        "app.restart",
        "restart_policy",
        "restart",
        "deploy.restart_policy",
        "deployment.restart_policy",
        "defaults.restart_policy");
    key("nginx.image");
    key("nginx.port", "nginx.port_on_host", "nginx.host_port", "nginx.listen");
    key(
        "nginx.proxyTimeout",
        "nginx.timeout",
        "nginx.proxy_read_timeout",
        "services.proxy_timeout",
        "proxy_timeout");
    key("nginx.drainTimeout");
    key(
        "nginx.contact",
        "nginx.error_contact",
        "nginx.contact_email",
        "services.contact",
        "app.contact",
        "contact",
        "error_contact",
        "project.contact",
        "metadata.contact");
    key("network.name", "services.network_name", "nginx.network_name");
    key("network.driverType", "network.driver");
    key("canary.steps");
    key("canary.analysis.interval");
    key("canary.analysis.window");
    key("canary.probe.path");
    key("canary.probe.requestsPerSecond");
    key("canary.header");
    key("policy.engine");
    key("policy.url");
    key("policy.directory");
    key("policy.thresholds");
    key("paused");
  }

  private SpecKeys() {}

  private static void key(String path, String... elsewhere) {
    List<String> places = new ArrayList<>();
    places.add(snake(path));
    if (!snake(path).equals(path)) {
      places.add(path);
    }
    places.addAll(Arrays.asList(elsewhere));
    FLAT.put(path, List.copyOf(places));
  }

  static Set<String> paths() {
    return FLAT.keySet();
  }

  /** Where a flat manifest may hold what the resource form has at a path, the first found wins. */
  static List<String> flatPlaces(String path) {
    return FLAT.getOrDefault(path, List.of());
  }

  static String snake(String camel) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < camel.length(); i++) {
      char c = camel.charAt(i);
      if (Character.isUpperCase(c)) {
        out.append('_').append(Character.toLowerCase(c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** The keys that the resource form knows below a path, {@code ""} being the spec itself. */
  static Set<String> below(String section) {
    return below(section, paths());
  }

  /** The keys that the flat form knows below a path, {@code ""} being the document. */
  static Set<String> flatBelow(String section) {
    Set<String> all = new LinkedHashSet<>();
    FLAT.values().forEach(all::addAll);
    return below(section, all);
  }

  private static Set<String> below(String section, Set<String> paths) {
    String start = section.isEmpty() ? "" : section + ".";
    Set<String> keys = new LinkedHashSet<>();
    for (String path : paths) {
      if (path.startsWith(start)) {
        String rest = path.substring(start.length());
        int dot = rest.indexOf('.');
        keys.add(dot < 0 ? rest : rest.substring(0, dot));
      }
    }
    return keys;
  }

  /** The path that ends in a key, where one does. */
  static Optional<String> pathOf(String key) {
    return paths().stream().filter(path -> path.endsWith("." + key)).findFirst();
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  /** The paths that hold further keys: {@code services}, {@code services.health}, …. */
  static Set<String> sections() {
    Set<String> sections = new LinkedHashSet<>();
    for (String path : paths()) {
      for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
        sections.add(path.substring(0, dot));
      }
    }
    return sections;
  }
}
