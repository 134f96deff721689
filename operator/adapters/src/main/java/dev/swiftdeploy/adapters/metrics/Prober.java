package dev.swiftdeploy.adapters.metrics;

import dev.swiftdeploy.core.spec.HttpPath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProxySelector;
import java.util.Optional;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.Response;
import okio.Buffer;

/**
 * Sends a request to one instance, so that it has something to count. What comes back is its own
 * affair: evidence is what it counts. Only what doesn't come back at all it can't count. No more
 * are under way to a slow instance than a few.
 */
final class Prober implements AutoCloseable {
  /** To all instances together. */
  private static final int AT_ONCE = 64;

  /** Of an answer; what is longer costs the connection. */
  private static final long BODY_READ = 64 << 10;

  private final Http http;
  private final int inFlight;

  Prober(MetricsThreads threads, Limits limits, Optional<ProxySelector> way) {
    this.http = new Http(threads.probes(), threads.connections(), limits.probe(), AT_ONCE, way);
    this.inFlight = limits.probesInFlight();
  }

  /**
   * Sends a probe, unless too many are under way.
   *
   * @param owner by whom it can be cancelled
   * @param unanswered is told, on another thread, if there is no whole answer in time; a connection
   *     that is refused or broken off tells nothing: that shows in the instance's health
   * @return whether it was sent
   */
  boolean probe(Object owner, Target target, String address, HttpPath path, Runnable unanswered) {
    Optional<HttpUrl> url = Target.url(address, path.value());
    if (url.isEmpty() || target.probing.get() >= inFlight || http.full()) {
      return false;
    }
    target.probing.incrementAndGet();
    http.get(
        owner,
        url.get(),
        "X-SwiftDeploy-Probe",
        "1",
        new Callback() {
          @Override
          public void onResponse(Call done, Response response) {
            try (response) {
              Buffer scrap = new Buffer();
              while (response.body().source().read(scrap, BODY_READ) >= 0) {
                if (scrap.size() >= BODY_READ) {
                  done.cancel();
                }
              }
            } catch (IOException e) {
              late(e);
            } finally {
              target.probing.decrementAndGet();
            }
          }

          @Override
          public void onFailure(Call done, IOException e) {
            late(e);
            target.probing.decrementAndGet();
          }

          private void late(IOException e) {
            if (e instanceof InterruptedIOException) {
              unanswered.run();
            }
          }
        });
    return true;
  }

  void cancel(Object owner) {
    http.cancel(owner);
  }

  @Override
  public void close() {
    http.close();
  }
}
