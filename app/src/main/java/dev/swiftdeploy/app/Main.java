package dev.swiftdeploy.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Runs the sample service: {@code java -jar app.jar}, configured by the environment ({@code MODE},
 * {@code APP_VERSION}, {@code APP_PORT}, {@code APP_HOST}).
 *
 * <p>Start, stop and changes of chaos are told on stdout. SIGTERM and SIGINT stop it in order:
 * nothing new is accepted, and requests in flight have 30 s to be answered. Exit codes: 0 after
 * such a stop, 1 if it can't listen, 2 if the environment can't be used.
 */
public final class Main {

  private static final Duration GRACE = Duration.ofSeconds(30);

  private Main() {}

  /** Starts the service and returns; the server's threads keep the process alive. */
  public static void main(String[] args) {
    AppConfig config;
    try {
      config = AppConfig.from(System.getenv());
    } catch (AppConfig.InvalidEnvironmentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    Service service =
        new Service(
            config, Clock.systemUTC(), () -> ThreadLocalRandom.current().nextDouble(), Main::log);
    AppServer server;
    try {
      server = AppServer.start(config.address(), service);
    } catch (IOException e) {
      System.err.printf("can't listen on %s: %s%n", url(config.address()), e.getMessage());
      System.exit(1);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
    log(
        "started mode=%s version=%s url=%s"
            .formatted(config.mode().label(), config.version(), url(server.address())));
  }

  /**
   * The stop in order. It halts, since a JVM that a signal ended would else exit with 143, not 0.
   */
  private static void stop(AppServer server) {
    log("stopping");
    int cut = server.stop(GRACE);
    log(cut == 0 ? "stopped" : "stopped, %d requests cut off after %s".formatted(cut, GRACE));
    Runtime.getRuntime().halt(0);
  }

  private static String url(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "http://[%s]:%d" : "http://%s:%d")
        .formatted(host, address.getPort());
  }

  private static void log(String line) {
    System.out.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + line);
  }
}
