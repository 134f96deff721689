package dev.swiftdeploy.kubernetes.platform;

import static java.util.stream.Collectors.joining;

import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.release.Workload;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether objects are as they were rendered. Every tick asks; rendered and compared is once for
 * each version. What is kept of it is little: names and versions, no object.
 */
final class Checks {
  private final String proxy;
  private final Map<String, Checked> checked = new HashMap<>();
  private String read = "";
  private Optional<ProxyConfig> config = Optional.empty();

  /**
   * What was found.
   *
   * @param from what it was rendered from, with what it is of
   * @param versions of the objects that were there
   */
  private record Checked(Object from, List<Named> objects, String versions, boolean intact) {}

  private record Named(String kind, String name) {}

  /**
   * Nothing is known yet.
   *
   * @param proxy what the proxy is checked as; all else is a workload's name
   */
  Checks(String proxy) {
    this.proxy = proxy;
  }

  /** Forgets what is there no more. */
  void keep(Seen seen) {
    checked
        .keySet()
        .retainAll(
            Stream.concat(Stream.of(proxy), seen.workloads().stream().map(Workload::name))
                .collect(Collectors.toSet()));
  }

  /**
   * Looks at objects.
   *
   * @param what is looked at
   * @param from with {@code what} all that the rendering depends on
   */
  boolean intact(Seen seen, String what, Object from, Supplier<List<HasMetadata>> rendering) {
    Checked last = checked.get(what);
    if (last != null
        && last.from().equals(from)
        && last.versions().equals(versions(seen, last.objects()))) {
      return last.intact();
    }
    List<HasMetadata> rendered = rendering.get();
    List<Named> objects =
        rendered.stream().map(o -> new Named(o.getKind(), o.getMetadata().getName())).toList();
    boolean intact =
        rendered.stream()
            .allMatch(o -> seen.like(o).filter(there -> Holds.holds(o, there)).isPresent());
    checked.put(what, new Checked(from, objects, versions(seen, objects), intact));
    return intact;
  }

  /** A status that moves on is no other version, where the API server counts generations. */
  private static String versions(Seen seen, List<Named> objects) {
    return objects.stream()
        .map(named -> version(seen.find(named.kind(), named.name())))
        .collect(joining(","));
  }

  private static String version(Optional<HasMetadata> object) {
    return object
        .map(HasMetadata::getMetadata)
        .map(
            meta ->
                meta.getName()
                    + meta.getUid()
                    + "/"
                    + (meta.getGeneration() == null
                        ? meta.getResourceVersion()
                        : meta.getGeneration().toString()))
        .orElse("none");
  }

  /** As {@link ProxyObjects#configOf}; of the ConfigMap that is mounted, read once. */
  Optional<ProxyConfig> configOf(ConfigMap map) {
    String version = map.getMetadata().getUid() + "/" + map.getMetadata().getResourceVersion();
    if (!version.equals(read)) {
      config = ProxyObjects.configOf(map);
      read = version;
    }
    return config;
  }
}
