package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.core.loop.CrashPoints;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Others take a lease over by the time that is written in it; so long its holder may write. */
class LeaseWritesTest {
  private static final Duration LEASE = Duration.ofMinutes(10);

  private final Fence fence = new Fence(LEASE, System::nanoTime);
  private final OkHttpClient client =
      new OkHttpClient.Builder()
          .addInterceptor(new ApiRequests(fence, new OperatorMetrics(), CrashPoints.NONE))
          .build();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Request.Builder lease() {
    return new Request.Builder()
        .url(
            "http://127.0.0.1:"
                + server.getAddress().getPort()
                + "/apis/coordination.k8s.io/v1/namespaces/a/leases/b");
  }

  private void ask(Request request) throws IOException {
    client.newCall(request).execute().close();
  }

  /** As who elects does: the time is taken first, then the lease is read, then written. */
  private void renew(Instant time) throws IOException {
    ask(lease().get().build());
    String body =
        "{\"spec\":{\"holderIdentity\":\"one\",\"renewTime\":\""
            + time
            + "\",\"leaseDurationSeconds\":600}}";
    ask(lease().put(RequestBody.create(body, MediaType.get("application/json"))).build());
  }

  @Test
  void whatIsWrittenAtOnceHoldsForTheWholeLease() throws IOException {
    renew(Instant.now());
    assertThat(fence.leads()).isTrue();
  }

  /** Reading it took long, was given up and tried once more: who elects notices nothing of that. */
  @Test
  void whatWasMeantLongAgoHoldsNoLongerThanOthersWait() throws IOException {
    renew(Instant.now().minus(LEASE));
    assertThat(fence.leads()).isFalse();
    assertThat(fence.open()).as("somebody else may have it").isFalse();
  }
}
