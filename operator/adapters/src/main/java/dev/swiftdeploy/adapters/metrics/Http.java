package dev.swiftdeploy.adapters.metrics;

import java.net.Proxy;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;

/**
 * The client for one kind of request: to an instance, by HTTP/1.1, through no proxy but one that is
 * named, never sent on to elsewhere, and over in bounded time.
 */
final class Http implements AutoCloseable {
  private final OkHttpClient client;
  private final int atOnce;

  /**
   * For such requests.
   *
   * @param threads that it runs on
   * @param connections where they are kept
   * @param within a request is over, however slowly its answer arrives
   * @param atOnce requests under way
   * @param way an HTTP proxy that leads to the instances; none: directly
   */
  Http(
      ExecutorService threads,
      ConnectionPool connections,
      Duration within,
      int atOnce,
      Optional<ProxySelector> way) {
    this.atOnce = atOnce;
    Dispatcher dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequests(atOnce);
    dispatcher.setMaxRequestsPerHost(atOnce);
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectionPool(connections)
            .protocols(List.of(Protocol.HTTP_1_1))
            // Without TLS it need not hold all authorities of the JVM: 100 kB for each client.
            .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
            .proxy(way.isPresent() ? null : Proxy.NO_PROXY)
            .followRedirects(false)
            .followSslRedirects(false)
            .callTimeout(within)
            .connectTimeout(within)
            .readTimeout(within)
            .writeTimeout(within);
    way.ifPresent(builder::proxySelector);
    this.client = builder.build();
  }

  /** Begins a GET. */
  void get(Object owner, HttpUrl url, String header, String value, Callback then) {
    Request request =
        new Request.Builder()
            .url(url)
            .header(header, value)
            .header("User-Agent", "SwiftDeploy")
            .tag(owner)
            .build();
    client.newCall(request).enqueue(then);
  }

  /** Whether one more request would have to wait for others. */
  boolean full() {
    return client.dispatcher().runningCallsCount() + client.dispatcher().queuedCallsCount()
        >= atOnce;
  }

  /** Ends at once what is under way for that owner, the tag of its requests. */
  void cancel(Object owner) {
    Stream.concat(
            client.dispatcher().queuedCalls().stream(), client.dispatcher().runningCalls().stream())
        .filter(call -> call.request().tag() == owner)
        .forEach(Call::cancel);
  }

  @Override
  public void close() {
    client.dispatcher().cancelAll();
  }
}
