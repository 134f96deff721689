package dev.swiftdeploy.local.compose;

import java.io.IOException;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/** Asks an nginx which configuration it runs. */
final class Digests {
  private static final Duration ANSWER = Duration.ofSeconds(1);
  private static final int LENGTH = 64;

  private final OkHttpClient client;

  Digests(ProxySelector way) {
    this.client =
        new OkHttpClient.Builder()
            .connectionPool(new ConnectionPool(0, 1, java.util.concurrent.TimeUnit.SECONDS))
            .protocols(List.of(Protocol.HTTP_1_1))
            .proxySelector(way)
            .followRedirects(false)
            .retryOnConnectionFailure(false)
            .callTimeout(ANSWER)
            .build();
  }

  /** The digest that is told there; empty where nobody answers as an nginx of ours does. */
  Optional<String> of(String address) {
    Request request =
        new Request.Builder()
            .url("http://" + address + "/")
            .header("User-Agent", "SwiftDeploy")
            .header("Connection", "close")
            .build();
    try (Response response = client.newCall(request).execute()) {
      String text = response.peekBody(LENGTH + 1L).string();
      return response.code() == 200 ? Optional.of(text) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
