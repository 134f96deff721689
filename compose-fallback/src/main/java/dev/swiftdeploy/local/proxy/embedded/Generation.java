package dev.swiftdeploy.local.proxy.embedded;

import io.undertow.server.HttpServerExchange;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A configuration that was taken, and the requests that came in under it. */
final class Generation {
  private static final String CANDIDATE = "canary";

  private record Share(int upTo, Target target) {}

  private record Candidate(String header, Target target) {}

  private final int number;
  private final String digest;
  private final Directives directives;
  private final List<Share> shares = new ArrayList<>();
  private final Optional<Candidate> candidate;
  private final Set<Flight> flights = ConcurrentHashMap.newKeySet();

  /**
   * Looks up where the instances are.
   *
   * @param number counts the configurations that this process took
   * @throws UnknownHostException if one has no address
   */
  Generation(int number, String digest, Directives directives) throws UnknownHostException {
    this.number = number;
    this.digest = digest;
    this.directives = directives;
    @Nullable Candidate picked = null;
    int sum = 0;
    for (Directives.Share share : directives.shares()) {
      Target target = Target.of(share.instances());
      sum += share.percent();
      shares.add(new Share(sum, target));
      if (directives.candidate().filter(c -> c.workload().equals(share.workload())).isPresent()) {
        picked = new Candidate(directives.candidate().get().header(), target);
      }
    }
    this.candidate = Optional.ofNullable(picked);
  }

  int number() {
    return number;
  }

  String digest() {
    return digest;
  }

  Directives directives() {
    return directives;
  }

  Set<Flight> flights() {
    return flights;
  }

  /** Where a request goes: by its header where one is named, else by chance and weight. */
  Target choose(HttpServerExchange exchange) {
    return candidate
        .filter(c -> CANDIDATE.equalsIgnoreCase(exchange.getRequestHeaders().getFirst(c.header())))
        .map(Candidate::target)
        .orElseGet(this::byWeight);
  }

  private Target byWeight() {
    int percent = ThreadLocalRandom.current().nextInt(100);
    for (Share share : shares) {
      if (percent < share.upTo()) {
        return share.target();
      }
    }
    throw new IllegalStateException("the shares of a route add up to 100");
  }
}
