package dev.swiftdeploy.adapters.policy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.core.spec.Durations;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An OPA that somebody else starts beside this process, such as a sidecar in its pod: it fetches
 * its bundle from here (openpolicyagent.org/docs/management-bundles) again and again, and so
 * decides with the policy that it is given, as an OPA of our own does. It is one server, whatever
 * the policy; starting it again when it ends is its keeper's.
 *
 * <p>OPA names the bundle that it uses, by its ETag, when it asks whether there is a newer one:
 * that tells that it took a policy. One that it does not take is withdrawn, and the one before is
 * offered again, so that an OPA that starts anew finds it.
 */
public final class OpaSidecar implements OpaHost {
  /** Where OPA asks for its bundle, below the address. */
  public static final String PATH = "/bundle.tar.gz";

  private static final int NOT_MODIFIED = 304;

  private final OpaConnection opa;
  private final Duration patience;
  private final HttpServer bundles;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "swiftdeploy-opa-bundles");
            made.setDaemon(true);
            return made;
          });
  private volatile @Nullable Offer offer;
  private volatile boolean fetched;

  /** A bundle that OPA may fetch; {@code taken} opens when it says that it uses it. */
  private record Offer(String revision, OpaBundle bundle, CountDownLatch taken) {
    String etag() {
      return "\"" + revision + "\"";
    }
  }

  /**
   * Offers bundles from now on.
   *
   * @param opa how it is asked for decisions
   * @param address where it fetches bundles: on loopback, or whoever reaches it can read policies
   * @param patience how long it may take to use a bundle; it asks for one every few seconds
   * @throws IOException if the address can't be listened on
   */
  public OpaSidecar(OpaConnection opa, InetSocketAddress address, Duration patience)
      throws IOException {
    this.opa = opa;
    this.patience = patience;
    this.bundles = HttpServer.create(address, 0);
    bundles.setExecutor(thread);
    bundles.createContext(PATH, this::answer);
    bundles.start();
  }

  /** Where bundles are fetched. */
  public int port() {
    return bundles.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Offer now = offer;
      if (now == null) {
        exchange.sendResponseHeaders(404, -1); // it asks again
        return;
      }
      exchange.getResponseHeaders().set("ETag", now.etag());
      if (now.etag().equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
        exchange.sendResponseHeaders(NOT_MODIFIED, -1);
        now.taken().countDown();
        return;
      }
      fetched = true;
      exchange.getResponseHeaders().set("Content-Type", "application/gzip");
      byte[] tarGz = now.bundle().tarGz();
      exchange.sendResponseHeaders(200, tarGz.length);
      exchange.getResponseBody().write(tarGz);
    }
  }

  @Override
  public Server serve(String revision, OpaBundle bundle) throws IOException {
    Offer before = offer;
    Offer now =
        before != null && before.revision().equals(revision)
            ? before
            : new Offer(revision, bundle, new CountDownLatch(1));
    fetched = false;
    offer = now;
    if (taken(now)) {
      return new Beside(opa);
    }
    if (before != null && !before.equals(now)) {
      offer = before;
    }
    throw new IOException(
        fetched
            ? "the OPA at " + opa.url() + " does not take the policy: its log tells why"
            : "the OPA at "
                + opa.url()
                + " has not asked for its policy for "
                + Durations.format(patience)
                + ": see whether it runs, and that its bundle is http://"
                + bundles.getAddress().getHostString()
                + ":"
                + port()
                + PATH);
  }

  private boolean taken(Offer now) throws IOException {
    try {
      return now.taken().await(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopped while OPA was waited for", e);
    }
  }

  /** Its keeper looks whether it lives. */
  @Override
  public void end(String revision) {}

  /** It is one. */
  @Override
  public void keepOnly(String revision) {}

  @Override
  public void close() {
    bundles.stop(0);
    thread.shutdownNow();
  }

  /** Whether it runs is seen when it is asked. */
  private record Beside(OpaConnection connection) implements Server {
    @Override
    public boolean running() {
      return true;
    }

    @Override
    public OptionalInt exitCode() {
      return OptionalInt.empty();
    }

    @Override
    public String lastWords() {
      return "";
    }
  }
}
