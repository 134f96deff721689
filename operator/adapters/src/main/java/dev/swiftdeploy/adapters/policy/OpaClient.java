package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.tls.Authorities;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import dev.swiftdeploy.core.spec.Durations;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Asks one OPA server for {@code data.swiftdeploy.admission.decision} by its REST API, with strict
 * built-in errors and provenance. Directly, never redirected, each question on a connection of its
 * own; only a connection that could not be made is tried again, with the same input, so with the
 * same decision id. Thread-safe.
 */
final class OpaClient implements AutoCloseable {
  /** Bytes. */
  private static final int LARGEST_ANSWER = 1 << 20;

  /** Bytes; the same as the embedded engine takes. */
  private static final int LARGEST_INPUT = 1 << 20;

  private static final int TRIES = 3;
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);
  private static final MediaType JSON = MediaType.get("application/json");

  /** What a question gave. */
  sealed interface Outcome permits Said, Failed {}

  /**
   * A document.
   *
   * @param result not yet judged to be a decision
   * @param revisions of the bundles that the server decides with, by their names there
   */
  record Said(JsonNode result, SortedMap<String, String> revisions) implements Outcome {}

  /** None. */
  record Failed(Unavailability unavailability) implements Outcome {}

  private final OpaConnection connection;
  private final HttpUrl decision;
  private final @Nullable OkHttpClient client;
  private final @Nullable Unavailability unusable;

  OpaClient(OpaConnection connection) {
    this(connection, EventListener.NONE);
  }

  /**
   * The same.
   *
   * @param listener hears of each try to connect
   */
  OpaClient(OpaConnection connection, EventListener listener) {
    this.connection = connection;
    HttpUrl base = HttpUrl.get(connection.url());
    this.decision =
        base.newBuilder()
            .addPathSegments("v1/data/" + PolicyBundle.ENTRYPOINT)
            .addQueryParameter("provenance", "true")
            .addQueryParameter("strict-builtin-errors", "true")
            .build();
    @Nullable OkHttpClient made = null;
    @Nullable Unavailability problem = null;
    try {
      made = client(connection, listener);
    } catch (IOException e) {
      problem =
          new Unavailability(
              Kind.UNREACHABLE,
              "the certificates of the policy server can't be read: " + PolicyBundle.reason(e),
              "name a readable PEM file with the certificate of its authority");
    }
    this.client = made;
    this.unusable = problem;
  }

  private static OkHttpClient client(OpaConnection connection, EventListener listener)
      throws IOException {
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .eventListener(listener)
            .connectionPool(new ConnectionPool(0, 1, TimeUnit.MILLISECONDS))
            .protocols(List.of(Protocol.HTTP_1_1))
            .proxy(Proxy.NO_PROXY)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .connectTimeout(connection.deadline())
            .readTimeout(connection.deadline())
            .writeTimeout(connection.deadline());
    if (connection.caFile().isPresent()) {
      Authorities authorities = Authorities.only(connection.caFile().get());
      builder.sslSocketFactory(authorities.sockets(), authorities.trust());
    }
    return builder.build();
  }

  /** Asks; takes no longer than the deadline. */
  Outcome ask(ObjectNode input) {
    byte[] json;
    try {
      json = StrictJson.validated(input);
    } catch (JsonProcessingException e) {
      return badInput("is not JSON that policy takes: " + e.getOriginalMessage());
    }
    if (json.length > LARGEST_INPUT) {
      return badInput("is larger than " + (LARGEST_INPUT >> 20) + " MiB");
    }
    if (client == null) {
      return new Failed(Objects.requireNonNull(unusable));
    }
    Request.Builder request =
        new Request.Builder()
            .url(decision)
            .header("User-Agent", "SwiftDeploy")
            .header("Connection", "close")
            .post(RequestBody.create(question(json), JSON));
    if (connection.tokenFile().isPresent()) {
      try {
        request.header("Authorization", "Bearer " + token());
      } catch (IOException | IllegalArgumentException e) {
        return failed(
            Kind.UNAUTHORIZED,
            "the token for the policy server can't be used: " + why(e),
            "write the token, one line, into " + connection.tokenFile().get());
      }
    }
    return ask(client, request.build());
  }

  private static byte[] question(byte[] input) {
    byte[] before = "{\"input\":".getBytes(StandardCharsets.UTF_8);
    byte[] whole = Arrays.copyOf(before, before.length + input.length + 1);
    System.arraycopy(input, 0, whole, before.length, input.length);
    whole[whole.length - 1] = '}';
    return whole;
  }

  private Outcome ask(OkHttpClient client, Request request) {
    long deadline = System.nanoTime() + connection.deadline().toNanos();
    for (int tries = 1; ; tries++) {
      Call call = client.newCall(request);
      call.timeout().timeout(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      try (Response response = call.execute()) {
        return OpaReply.read(response.code(), text(response), server());
      } catch (ConnectException e) {
        if (tries == TRIES || System.nanoTime() + BETWEEN_TRIES.toNanos() > deadline) {
          return unreachable(e);
        }
        LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
      } catch (IOException e) {
        return failed(e);
      }
    }
  }

  private static byte[] text(Response response) throws IOException {
    BufferedSource source = response.body().source();
    Buffer taken = new Buffer();
    while (taken.size() <= LARGEST_ANSWER) {
      if (source.read(taken, LARGEST_ANSWER + 1L - taken.size()) == -1) {
        return taken.readByteArray();
      }
    }
    throw new TooLarge();
  }

  private Failed failed(IOException e) {
    if (e instanceof TooLarge) {
      return failed(
          Kind.MALFORMED,
          server() + " answered with more than " + (LARGEST_ANSWER >> 20) + " MiB",
          "make the decision smaller: 100 violations are the most that is taken");
    }
    if (e instanceof InterruptedIOException || e instanceof SocketTimeoutException) {
      return failed(
          Kind.TIMEOUT,
          server() + " gave no whole answer within " + Durations.format(connection.deadline()),
          "look whether it runs and is not overloaded: GET " + connection.url() + "/health");
    }
    if (e instanceof SSLException) {
      return failed(
          Kind.UNREACHABLE,
          server() + " is not believed: " + why(e),
          "name the certificate of its authority, or mend the server's own");
    }
    return unreachable(e);
  }

  private Failed unreachable(IOException e) {
    String what =
        e instanceof ConnectException || e instanceof NoRouteToHostException
            ? " can't be reached: "
            : e instanceof UnknownHostException ? " has an unknown host: " : " broke off: ";
    return failed(Kind.UNREACHABLE, server() + what + why(e), "start it, or correct its URL");
  }

  private String server() {
    return "the policy server " + connection.url();
  }

  private String token() throws IOException {
    String token = Files.readString(connection.tokenFile().orElseThrow()).strip();
    if (token.isEmpty()) {
      throw new IOException("it is empty");
    }
    if (!decision.isHttps() && !InetAddress.getByName(decision.host()).isLoopbackAddress()) {
      throw new IOException("it would travel unencrypted: use https");
    }
    return token;
  }

  private static String why(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String line = message.lines().findFirst().orElse("").strip();
    return line.length() > 200 ? line.substring(0, 200) + "…" : line;
  }

  private static Failed badInput(String what) {
    return failed(
        Kind.INPUT_WARNING,
        "the input " + what,
        "report this with the record: SwiftDeploy builds the input");
  }

  private static Failed failed(Kind kind, String message, String nextStep) {
    return new Failed(new Unavailability(kind, message, nextStep));
  }

  @Override
  public void close() {
    if (client != null) {
      client.dispatcher().cancelAll();
      client.connectionPool().evictAll();
    }
  }

  private static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
