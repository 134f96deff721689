package dev.swiftdeploy.core.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.release.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The whole state that policy has let in: what should be there while nothing is under way. A
 * candidate never is there without a stable release to retreat to.
 */
public record Admitted(
    Optional<StableRelease> stable, Optional<Candidate> candidate, Optional<ProxySettings> proxy) {
  public static final Admitted NOTHING =
      new Admitted(Optional.empty(), Optional.empty(), Optional.empty());

  public Admitted {
    if (candidate.isPresent() && stable.isEmpty()) {
      throw new IllegalArgumentException("a candidate needs a stable release to retreat to");
    }
    if (stable.isPresent() != proxy.isPresent()) {
      throw new IllegalArgumentException("what serves needs a proxy, and only that");
    }
  }

  /** Each workload that should be there, with its replicas; stable first. */
  @JsonIgnore
  public List<Backend> backends() {
    List<Backend> out = new ArrayList<>(2);
    int toCandidate = candidate.map(Candidate::weight).orElse(0);
    stable.ifPresent(s -> out.add(new Backend(s.workload(), 100 - toCandidate, s.replicas())));
    candidate.ifPresent(c -> out.add(new Backend(c.workload(), c.weight(), c.replicas())));
    return out;
  }

  @JsonIgnore
  public Optional<Route> route() {
    return proxy.map(settings -> new Route(settings, backends()));
  }

  @JsonIgnore
  public boolean nothing() {
    return stable.isEmpty();
  }

  public boolean wants(Workload workload) {
    return backends().stream().anyMatch(b -> b.workload().equals(workload));
  }

  /** Whether it has a workload that {@code before} hasn't. */
  public boolean brings(Admitted before) {
    return backends().stream().anyMatch(b -> !before.wants(b.workload()));
  }

  Admitted withStable(StableRelease newStable, ProxySettings settings) {
    return new Admitted(Optional.of(newStable), Optional.empty(), Optional.of(settings));
  }

  Admitted withCandidate(Candidate newCandidate) {
    return new Admitted(stable, Optional.of(newCandidate), proxy);
  }

  Admitted withoutCandidate() {
    return new Admitted(stable, Optional.empty(), proxy);
  }
}
