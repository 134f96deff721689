package dev.swiftdeploy.local.proxy.embedded;

import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.release.Workload;
import io.undertow.server.HttpServerExchange;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** A configuration that was taken, and the requests that came in under it. */
final class Generation {
  private static final String CANDIDATE = "canary";

  private record Share(int upTo, Target target) {}

  private final int number;
  private final String digest;
  private final ProxyConfig config;
  private final List<Share> shares = new ArrayList<>();
  private final Optional<Target> candidate;
  private final Set<Flight> flights = ConcurrentHashMap.newKeySet();

  /**
   * @param number counts the configurations that this process took
   * @throws UnknownHostException if an endpoint has no address
   */
  Generation(int number, String digest, ProxyConfig config) throws UnknownHostException {
    this.number = number;
    this.digest = digest;
    this.config = config;
    Optional<Workload> preferred = config.candidate();
    Optional<Target> preferredTarget = Optional.empty();
    int sum = 0;
    for (Backend backend : config.serving()) {
      Target target = Target.of(config.endpointsOf(backend.workload()));
      sum += backend.weight();
      shares.add(new Share(sum, target));
      if (preferred.filter(backend.workload()::equals).isPresent()) {
        preferredTarget = Optional.of(target);
      }
    }
    this.candidate = preferredTarget;
  }

  int number() {
    return number;
  }

  String digest() {
    return digest;
  }

  ProxyConfig config() {
    return config;
  }

  Set<Flight> flights() {
    return flights;
  }

  /** Where a request goes: by its header where one is named, else by chance and weight. */
  Target choose(HttpServerExchange exchange) {
    return candidate.filter(target -> asksForCandidate(exchange)).orElseGet(this::byWeight);
  }

  private boolean asksForCandidate(HttpServerExchange exchange) {
    return config
        .settings()
        .canaryHeader()
        .map(header -> exchange.getRequestHeaders().getFirst(header.value()))
        .filter(CANDIDATE::equalsIgnoreCase)
        .isPresent();
  }

  private Target byWeight() {
    int percent = ThreadLocalRandom.current().nextInt(100);
    for (Share share : shares) {
      if (percent < share.upTo()) {
        return share.target();
      }
    }
    throw new IllegalStateException("the weights of a route add up to 100");
  }
}
