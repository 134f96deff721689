package dev.swiftdeploy.core.platform;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Comparator;
import java.util.List;

/** Weights over workloads, and the proxy's settings. Backends are in the workloads' order. */
public record Route(ProxySettings settings, List<Backend> backends) {
  public Route {
    backends = backends.stream().sorted(Comparator.comparing(Backend::workload)).toList();
    int sum = backends.stream().mapToInt(Backend::weight).sum();
    if (sum != 100) {
      throw new IllegalArgumentException("weights add up to " + sum + ", not to 100");
    }
  }

  /** For people: {@code stable-… 90 %, canary-… 10 %}. */
  @JsonIgnore
  public String label() {
    return String.join(
        ", ", backends.stream().map(b -> b.workload() + " " + b.weight() + " %").toList());
  }
}
