package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.core.evidence.NodeStats;
import dev.swiftdeploy.kubernetes.platform.NodeFacts;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Asks kubelets what their nodes have left: {@code GET /stats/summary}, at the node's internal
 * address, with the operator's own token, for which it needs the right {@code get nodes/stats}
 * (Kubernetes 1.33 and later; before, {@code nodes/proxy}).
 *
 * <p>Only when a review asks, and each at most once in 15 s, whoever asks: also one that failed. No
 * review is held up for longer than 2 s in all; what comes later is the next one's. Of an answer 4
 * MB are read at most. What can't be had is empty, with the reason, which is logged when it
 * changes. Thread-safe.
 */
final class KubeletStats implements NodeFacts.Stats, AutoCloseable {
  private static final Duration KEPT = Duration.ofSeconds(15);
  private static final Duration WITHIN = Duration.ofSeconds(2);
  private static final long BODY_MAX = 4 << 20;
  private static final int AT_ONCE = 32;

  private final OkHttpClient client;
  private final Duration within;
  private final String late;
  private final Supplier<Optional<String>> token;
  private final Clock clock;
  private final OperatorLog log;
  private final Map<String, Asked> asked = new ConcurrentHashMap<>();
  private final Map<String, String> problems = new ConcurrentHashMap<>();

  /** A question, and the answer once it is there. */
  private record Asked(Instant at, CompletableFuture<NodeStats> answer) {}

  private KubeletStats(
      OkHttpClient client,
      Duration within,
      Supplier<Optional<String>> token,
      Clock clock,
      OperatorLog log) {
    this.client = client;
    this.within = within;
    this.late = "its kubelet gave no whole answer within " + within.toMillis() + " ms";
    this.token = token;
    this.clock = clock;
    this.log = log;
  }

  /**
   * With the account of a client.
   *
   * @throws IllegalArgumentException if the authority can't be read
   */
  static KubeletStats open(KubeletTrust trust, Config config, Clock clock, OperatorLog log) {
    return open(trust, config, WITHIN, clock, log);
  }

  /**
   * The same.
   *
   * @param within a review waits for it
   */
  static KubeletStats open(
      KubeletTrust trust, Config config, Duration within, Clock clock, OperatorLog log) {
    OkHttpClient.Builder client =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .proxy(Proxy.NO_PROXY)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .callTimeout(within)
            .connectTimeout(within)
            .readTimeout(within);
    trust.into(client, config);
    OkHttpClient opened = client.build();
    opened.dispatcher().setMaxRequests(AT_ONCE);
    return new KubeletStats(opened, within, () -> token(config), clock, log);
  }

  /** In a pod it is exchanged from time to time. A kubeconfig's is of that cluster alone. */
  private static Optional<String> token(Config config) {
    Path own = Path.of(Config.KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH);
    if (config.getCurrentContext() == null && Files.isReadable(own)) {
      try {
        return Optional.of(Files.readString(own).strip());
      } catch (IOException e) {
        return Optional.empty();
      }
    }
    return Optional.ofNullable(config.getOauthToken())
        .or(() -> Optional.ofNullable(config.getAutoOAuthToken()));
  }

  @Override
  public Map<String, NodeStats> of(List<Node> nodes) {
    Instant now = clock.instant();
    asked.values().removeIf(a -> old(a, now) && a.answer().isDone());
    Map<String, CompletableFuture<NodeStats>> answers = new HashMap<>();
    for (Node node : nodes) {
      String name = node.getMetadata().getName();
      answers.put(name, asked.computeIfAbsent(name, any -> new Asked(now, ask(node))).answer());
    }
    long end = System.nanoTime() + within.toNanos();
    Map<String, NodeStats> read = new HashMap<>();
    answers.forEach((name, answer) -> read.put(name, told(name, await(answer, end))));
    return read;
  }

  private static boolean old(Asked asked, Instant now) {
    return !now.isBefore(asked.at().plus(KEPT));
  }

  private NodeStats await(CompletableFuture<NodeStats> answer, long end) {
    try {
      return answer.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return NodeStats.failed(late);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return NodeStats.failed("the operator ends");
    } catch (ExecutionException e) {
      return NodeStats.failed("not understood: " + e.getCause());
    }
  }

  /** Once for each reason, and once when it is over. */
  private NodeStats told(String node, NodeStats stats) {
    String problem = stats.problem().orElse("");
    @Nullable String before = problems.put(node, problem);
    if (!problem.isEmpty() && !problem.equals(before)) {
      log.warn("NodeStatsUnread", node + ": " + problem);
    } else if (problem.isEmpty() && before != null && !before.isEmpty()) {
      log.say("NodeStatsRead", node + ": what it has left is known again");
    }
    return stats;
  }

  private CompletableFuture<NodeStats> ask(Node node) {
    CompletableFuture<NodeStats> answer = new CompletableFuture<>();
    try {
      ask(node, answer);
    } catch (IllegalArgumentException e) {
      answer.complete(NodeStats.failed("its kubelet can't be asked: " + e.getMessage()));
    }
    return answer;
  }

  private void ask(Node node, CompletableFuture<NodeStats> answer) {
    Optional<HttpUrl> url = url(node);
    Optional<String> bearer = token.get();
    if (url.isEmpty() || bearer.isEmpty()) {
      answer.complete(
          NodeStats.failed(
              url.isEmpty()
                  ? "the cluster tells no address of its kubelet"
                  : "the operator has no token to show to its kubelet"));
      return;
    }
    Request request =
        new Request.Builder()
            .url(url.get())
            .header("Authorization", "Bearer " + bearer.get())
            .header("Accept", "application/json")
            .header("User-Agent", "SwiftDeploy")
            .build();
    client
        .newCall(request)
        .enqueue(
            new Callback() {
              @Override
              public void onResponse(Call call, Response response) {
                answer.complete(read(call, response, node));
              }

              @Override
              public void onFailure(Call call, IOException e) {
                answer.complete(NodeStats.failed(why(e)));
              }
            });
  }

  private static Optional<HttpUrl> url(Node node) {
    if (node.getStatus() == null
        || node.getStatus().getDaemonEndpoints() == null
        || node.getStatus().getDaemonEndpoints().getKubeletEndpoint() == null) {
      return Optional.empty();
    }
    int port = node.getStatus().getDaemonEndpoints().getKubeletEndpoint().getPort();
    return node.getStatus().getAddresses().stream()
        .filter(address -> "InternalIP".equals(address.getType()))
        .map(NodeAddress::getAddress)
        .findFirst()
        .map(
            host ->
                new HttpUrl.Builder()
                    .scheme("https")
                    .host(host)
                    .port(port)
                    .addPathSegments("stats/summary")
                    .build());
  }

  private NodeStats read(Call call, Response response, Node node) {
    try (response) {
      if (response.code() != 200) {
        return NodeStats.failed(refused(response.code()));
      }
      try (InputStream body = new Bounded(response.body().byteStream())) {
        return KubeletSummary.read(body, node);
      } finally {
        call.cancel(); // what is left of it is not read
      }
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      return NodeStats.failed("its kubelet's answer is no summary: " + e.getOriginalMessage());
    } catch (IOException e) {
      return NodeStats.failed(why(e));
    } catch (RuntimeException e) {
      return NodeStats.failed("its kubelet's answer is not understood: " + e);
    }
  }

  private static String refused(int code) {
    return switch (code) {
      case 401 -> "its kubelet does not take the operator's token (401)";
      case 403 ->
          "the operator may not read it (403): it needs the right to get nodes/stats, see"
              + " install/node-stats";
      default -> "its kubelet answers " + code;
    };
  }

  private String why(IOException e) {
    if (e instanceof InterruptedIOException) {
      return late;
    }
    if (e instanceof SSLException) {
      return "its kubelet's certificate is not believed ("
          + e.getMessage()
          + "): name its authority with --kubelet-certificate-authority";
    }
    return e instanceof ConnectException
        ? "no connection to its kubelet"
        : "its kubelet's answer: " + e.getMessage();
  }

  /** Reads so much, and no more. */
  private static final class Bounded extends java.io.FilterInputStream {
    private long left = BODY_MAX;

    private Bounded(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      return counted(super.read(), 1);
    }

    @Override
    public int read(byte[] into, int from, int most) throws IOException {
      int count = super.read(into, from, most);
      return counted(count, count);
    }

    private int counted(int result, int count) throws IOException {
      if (result >= 0) {
        left -= count;
      }
      if (left < 0) {
        throw new IOException("more than " + (BODY_MAX >> 20) + " MB before it tells of the node");
      }
      return result;
    }
  }

  @Override
  public void close() {
    client.dispatcher().cancelAll();
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
