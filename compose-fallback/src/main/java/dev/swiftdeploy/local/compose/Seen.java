package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.release.Workload;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The containers of one look. */
record Seen(List<Container> all, SortedMap<Workload, SortedMap<Integer, Container>> instances) {

  static Seen of(List<Container> all) {
    SortedMap<Workload, SortedMap<Integer, Container>> instances = new TreeMap<>();
    for (Container container : all) {
      if (container.role().equals(Container.INSTANCE)
          && container.workload().isPresent()
          && container.slot().isPresent()) {
        instances
            .computeIfAbsent(container.workload().get(), w -> new TreeMap<>())
            .put(container.slot().getAsInt(), container);
      }
    }
    return new Seen(all, instances);
  }

  /** The first one of a role. */
  static Optional<Container> find(List<Container> all, String role) {
    return all.stream().filter(c -> c.role().equals(role)).findFirst();
  }

  SortedMap<Integer, Container> of(Workload workload) {
    return instances.getOrDefault(workload, new TreeMap<>());
  }

  /** Whether instances can be asked. */
  boolean asked(String network) {
    return find(all, Container.EVIDENCE).filter(c -> c.reachable(network)).isPresent();
  }

  boolean routed() {
    return find(all, Container.NGINX).isPresent();
  }
}
