package dev.swiftdeploy.app;

import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/** What the service answers. It knows no sockets and no threads, and never blocks. */
final class Service {

  /** The answer to one request, and how long it is to be held back. */
  record Answer(Duration delay, Reply reply) {}

  private final Mode mode;
  private final String version;
  private final Clock clock;
  private final DoubleSupplier dice;
  private final Consumer<String> log;
  private final long startedNanos = System.nanoTime();
  private final Metrics metrics;
  private volatile Chaos chaos = Chaos.NONE;

  /**
   * @param dice draws uniformly from 0 (inclusive) to 1 (exclusive); decides which requests fail
   * @param log takes one line for each change of chaos
   */
  Service(AppConfig config, Clock clock, DoubleSupplier dice, Consumer<String> log) {
    this.mode = config.mode();
    this.version = config.version();
    this.clock = clock;
    this.dice = dice;
    this.log = log;
    this.metrics = new Metrics(this::uptimeSeconds, mode::gauge, () -> chaos.gauge());
  }

  Mode mode() {
    return mode;
  }

  /**
   * Loads and runs once what answers are made with. Else the first request of each instance would
   * take some 150 ms of class loading, and be seen as latency of the release.
   */
  void warmUp() {
    for (Route route : new Route[] {Route.HOME, Route.HEALTH, Route.METRICS}) {
      reply(new Request(route, "GET", "", false, "", false));
    }
    ChaosOrder.parse("{\"mode\":\"recover\"}");
  }

  /** Counts a request that was answered. */
  void answered(Request request, int status, Duration took) {
    metrics.count(request, status, took);
  }

  /** Answers a request under the chaos of this moment. */
  Answer answer(Request request) {
    if (request.tooLarge()) {
      return new Answer(
          Duration.ZERO,
          Reply.problem(
              400, "bad request", "the body is larger than %d bytes".formatted(Wire.BODY_MAX)));
    }
    Chaos now = request.route().hurtByChaos() ? chaos : Chaos.NONE;
    if (now.fails(dice.getAsDouble())) {
      return new Answer(now.delay(), Reply.problem(500, "chaos", "chaos mode error is active"));
    }
    return new Answer(now.delay(), reply(request));
  }

  private Reply reply(Request request) {
    Route route = request.route();
    if (route != Route.OTHER && !route.allows(request.method())) {
      return Reply.problem(405, "method not allowed", "this path takes " + route.allow())
          .withAllow(route.allow());
    }
    return switch (route) {
      case HOME -> home();
      case HEALTH -> health();
      case METRICS -> metrics.scrape(request.accept());
      case CHAOS -> orderChaos(request.body());
      case OTHER ->
          Reply.problem(
              404, "not found", "the paths are /, /healthz, /metrics and, in canary mode, /chaos");
    };
  }

  private Reply home() {
    return Reply.json(
        200,
        Json.object()
            .put("message", "Hello from a service delivered by SwiftDeploy")
            .put("mode", mode.label())
            .put("version", version)
            .put("timestamp", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString()));
  }

  private Reply health() {
    return Reply.json(
        200, Json.object().put("status", "ok").put("uptime_seconds", uptimeSeconds()));
  }

  private Reply orderChaos(String body) {
    if (mode != Mode.CANARY) {
      return Reply.problem(
          403,
          "forbidden",
          "chaos is taken in canary mode only; this instance runs in stable mode");
    }
    ChaosOrder order = ChaosOrder.parse(body);
    if (order instanceof ChaosOrder.Accepted accepted) {
      chaos = accepted.chaos();
      String description = accepted.chaos().describe();
      log.accept("chaos " + description);
      return Reply.json(200, Json.object().put("status", "ok").put("chaos", description));
    }
    return Reply.problem(400, "bad request", ((ChaosOrder.Rejected) order).reason());
  }

  /**
   * To the millisecond. Counted by the monotonic clock, so a change of the wall clock is not seen.
   */
  private double uptimeSeconds() {
    return Duration.ofNanos(System.nanoTime() - startedNanos).toMillis() / 1000.0;
  }
}
