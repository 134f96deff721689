package dev.swiftdeploy.app;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * What {@code GET /metrics} tells. Requests that SwiftDeploy sends as probes are kept apart from
 * those of users, in series of their own: a reader that knows nothing of probes sees only users.
 *
 * <p>Labels are bounded: the path is a {@link Route}'s, the method is a known one or {@code other}.
 */
final class Metrics {

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

  /** Upper bounds in seconds. Policies and other readers rely on 0.5 being one of them. */
  private static final double[] BUCKETS = {
    .005, .01, .025, .05, .1, .2, .3, .4, .5, .75, 1, 2, 3, 5, 10, 30, 60
  };

  private final CollectorRegistry registry = new CollectorRegistry();
  private final Series users = new Series("http", "requests of users");
  private final Series probes = new Series("http_probe", "requests of SwiftDeploy's own probe");

  /** A counter and a histogram over the same requests. */
  private final class Series {
    private final Counter requests;
    private final Histogram durations;

    Series(String prefix, String what) {
      requests =
          Counter.build(prefix + "_requests_total", "Answered " + what + ".")
              .labelNames("method", "path", "status_code")
              .register(registry);
      durations =
          Histogram.build(
                  prefix + "_request_duration_seconds", "Time to the answer to " + what + ".")
              .labelNames("method", "path")
              .buckets(BUCKETS)
              .register(registry);
      // The main series start at zero rather than at their first request, which would be no
      // increase.
      for (String status : new String[] {"200", "500"}) {
        requests.labels("GET", Route.HOME.label(), status);
      }
      durations.labels("GET", Route.HOME.label());
    }

    void count(String method, String path, int status, Duration took) {
      requests.labels(method, path, Integer.toString(status)).inc();
      durations.labels(method, path).observe(took.toNanos() / 1e9);
    }
  }

  Metrics(DoubleSupplier uptimeSeconds, DoubleSupplier mode, DoubleSupplier chaos) {
    gauge("app_uptime_seconds", "Seconds since the service started.", uptimeSeconds);
    gauge("app_mode", "Mode of this workload: 0 stable, 1 canary.", mode);
    gauge("chaos_active", "Chaos ordered: 0 none, 1 slow, 2 error.", chaos);
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    Gauge gauge = Gauge.build(name, help).register(registry);
    gauge.setChild(
        new Gauge.Child() {
          @Override
          public double get() {
            return value.getAsDouble();
          }
        });
  }

  /** Counts an answered request. */
  void count(Request request, int status, Duration took) {
    String method = METHODS.contains(request.method()) ? request.method() : "other";
    (request.probe() ? probes : users).count(method, request.route().label(), status, took);
  }

  /** All series: OpenMetrics if the header {@code Accept} asks for it, else Prometheus text. */
  Reply scrape(String accept) {
    String contentType = TextFormat.chooseContentType(accept);
    StringWriter text = new StringWriter();
    try {
      TextFormat.writeFormat(contentType, text, registry.metricFamilySamples());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // a StringWriter takes everything
    }
    return new Reply(200, contentType, "", text.toString());
  }
}
