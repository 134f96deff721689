package dev.swiftdeploy.core.evidence;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A service in memory that counts its requests and tells them as the sample service does
 * (simpleclient's way of writing), on a clock that the test gives. Thread-safe.
 */
public final class FakeService {
  private static final double[] BOUNDS = {.005, .01, .05, .1, .25, .5, 1, 2.5};

  private final Clock clock;
  private Instant born;
  private final Map<String, Long> requests = new TreeMap<>();
  private final Map<String, long[]> durations = new TreeMap<>();
  private int status = 200;
  private Duration takes = Duration.ofMillis(8);
  private boolean silent;
  private boolean ageless;
  private Optional<String> instead = Optional.empty();
  private int scrapes;
  private int probes;

  /** Born that long ago. */
  public FakeService(Clock clock, Duration age) {
    this.clock = clock;
    this.born = clock.instant().minus(age);
  }

  // ---- what a test makes it do ----

  /** Answers that many requests of people. */
  public synchronized void answer(int times, String path, int code, Duration took) {
    count("http", times, path, code, took);
  }

  /** From now on requests to it are answered so. */
  public synchronized void behave(int code, Duration took) {
    status = code;
    takes = took;
  }

  /** Begins anew, with all counters gone. */
  public synchronized void restart() {
    born = clock.instant();
    requests.clear();
    durations.clear();
  }

  /** Does not answer when asked for its metrics. */
  public synchronized void silent(boolean now) {
    silent = now;
  }

  /** Does not tell its uptime. */
  public synchronized void ageless() {
    ageless = true;
  }

  /** Tells this text as its metrics, whatever happened. */
  public synchronized void say(String text) {
    instead = Optional.of(text);
  }

  // ---- what others ask of it ----

  /** Answers a request: its status. */
  public synchronized int request(String path, boolean probe) {
    probes += probe ? 1 : 0;
    count(probe ? "http_probe" : "http", 1, path, status, takes);
    return status;
  }

  /** Its metrics; empty while it is silent. */
  public synchronized Optional<String> metrics() {
    scrapes++;
    return silent ? Optional.empty() : instead.or(() -> Optional.of(text()));
  }

  // ---- what a test looks at ----

  /** How often it was asked for its metrics. */
  public synchronized int scrapes() {
    return scrapes;
  }

  /** How many probes it has got. */
  public synchronized int probes() {
    return probes;
  }

  private void count(String prefix, int times, String path, int code, Duration took) {
    String labels = "method=\"GET\",path=\"" + path + "\",";
    requests.merge(
        prefix + "_requests_total{" + labels + "status_code=\"" + code + "\",}",
        (long) times,
        Long::sum);
    long[] counts =
        durations.computeIfAbsent(
            prefix + "_request_duration_seconds_bucket{" + labels,
            k -> new long[BOUNDS.length + 1]);
    for (int i = 0; i <= BOUNDS.length; i++) {
      counts[i] += i == BOUNDS.length || took.toNanos() / 1e9 <= BOUNDS[i] ? times : 0;
    }
  }

  private String text() {
    StringBuilder text = new StringBuilder("# HELP http_requests_total Answered.\n");
    requests.forEach((series, value) -> text.append(series + " " + value + ".0\n"));
    durations.forEach(
        (series, counts) -> {
          for (int i = 0; i < counts.length; i++) {
            String le = i == BOUNDS.length ? "+Inf" : Double.toString(BOUNDS[i]);
            text.append(series + "le=\"" + le + "\",} " + counts[i] + ".0\n");
          }
        });
    text.append("http_requests_created{path=\"/\",} 1.7E9\nchaos_active 0.0\n");
    if (!ageless) {
      double up = Duration.between(born, clock.instant()).toMillis() / 1000.0;
      text.append("app_uptime_seconds " + up + "\n");
    }
    return text.toString();
  }
}
