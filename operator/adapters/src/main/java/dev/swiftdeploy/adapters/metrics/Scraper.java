package dev.swiftdeploy.adapters.metrics;

import dev.swiftdeploy.core.evidence.Exposition;
import dev.swiftdeploy.core.evidence.FailedScrape;
import dev.swiftdeploy.core.evidence.Scrape;
import dev.swiftdeploy.core.evidence.ScrapeResult;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;

/** Scrapes one instance, in bounded time and memory. What goes wrong is a {@link FailedScrape}. */
final class Scraper implements AutoCloseable {
  static final String PATH = "/metrics";

  /** Scrapes under way: each may hold a body and its text. */
  private static final int AT_ONCE = 16;

  private static final long CHUNK = 64 << 10;

  private final Http http;
  private final Duration within;
  private final long bodyMax;

  Scraper(MetricsThreads threads, Limits limits, Optional<ProxySelector> way) {
    this.http = new Http(threads.scrapes(), threads.connections(), limits.scrape(), AT_ONCE, way);
    this.within = limits.scrape();
    this.bodyMax = limits.body();
  }

  /**
   * Begins a scrape.
   *
   * @param owner by whom it can be cancelled
   * @param at now; what the instance tells is of this time or after
   * @param then is given the result exactly once, on another thread or this one
   */
  void scrape(
      Object owner,
      String address,
      Instant at,
      Set<String> uncounted,
      Consumer<ScrapeResult> then) {
    Optional<HttpUrl> url = Target.url(address, PATH);
    if (url.isEmpty()) {
      then.accept(new FailedScrape(at, "its address is not host:port"));
      return;
    }
    http.get(
        owner,
        url.get(),
        "Accept",
        "text/plain;version=0.0.4",
        new Callback() {
          @Override
          public void onResponse(Call done, Response response) {
            then.accept(read(done, response, at, uncounted));
          }

          @Override
          public void onFailure(Call done, IOException e) {
            then.accept(failed(at, e));
          }
        });
  }

  private ScrapeResult read(Call call, Response response, Instant at, Set<String> uncounted) {
    try (response) {
      if (response.code() != 200) {
        call.cancel();
        return new FailedScrape(at, "GET " + PATH + ": " + response.code());
      }
      Optional<String> text = text(response.body().source());
      if (text.isEmpty()) {
        call.cancel(); // else what is left of it would be read for a while, to keep the connection
        return new FailedScrape(at, "more than " + (bodyMax >> 20) + " MB");
      }
      if (!text.get().endsWith("\n") && !endIsProven(response)) {
        return new FailedScrape(at, "it ends in the middle of a line");
      }
      return Scrape.of(at, Exposition.parse(text.get(), Scrape.METRICS), uncounted);
    } catch (IOException e) {
      return failed(at, e);
    } catch (RuntimeException e) {
      return new FailedScrape(at, "not understood: " + e.getClass().getSimpleName());
    }
  }

  /** All of it, decompressed; empty if it is too much. */
  private Optional<String> text(BufferedSource source) throws IOException {
    Buffer body = new Buffer();
    while (source.read(body, CHUNK) >= 0) {
      if (body.size() > bodyMax) {
        return Optional.empty();
      }
    }
    return Optional.of(body.readString(StandardCharsets.UTF_8));
  }

  /** Else the body ends where the connection does, and a number may have lost its last digits. */
  private static boolean endIsProven(Response response) {
    Response network = response.networkResponse();
    Headers headers = network == null ? response.headers() : network.headers();
    return headers.get("Content-Length") != null
        || headers.get("Transfer-Encoding") != null
        || headers.get("Content-Encoding") != null;
  }

  private FailedScrape failed(Instant at, IOException e) {
    String why =
        e instanceof InterruptedIOException
            ? "no whole answer within " + within.toMillis() + " ms"
            : e instanceof ConnectException ? "no connection" : "the answer broke off";
    return new FailedScrape(at, why);
  }

  void cancel(Object owner) {
    http.cancel(owner);
  }

  @Override
  public void close() {
    http.close();
  }
}
