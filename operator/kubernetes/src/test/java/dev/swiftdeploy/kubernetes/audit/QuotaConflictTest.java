package dev.swiftdeploy.kubernetes.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.policy.KubernetesPolicyArchive;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several create at once in a namespace with a quota. Where the API server's tries to count one of
 * them all come too late, it answers with the code of a conflict; nothing is there then.
 */
class QuotaConflictTest {
  private static final ResourceName SHOP = ResourceName.of("shop");
  private static final String CONFLICT =
      """
      {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict", "code": 409,
       "message": "Operation cannot be fulfilled on resourcequotas \\"all\\": the object has been modified"}
      """;

  @TempDir Path folder;
  private final AtomicInteger created = new AtomicInteger();
  private HttpServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(Config.empty())
                    .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                    .build())
            .build();
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  /** Nothing is there, and only the second creation is taken. */
  private void answer(HttpExchange exchange) throws IOException {
    byte[] asked = exchange.getRequestBody().readAllBytes();
    if (exchange.getRequestMethod().equals("GET")) {
      say(exchange, 200, "{\"kind\": \"TransitionList\", \"items\": []}");
    } else if (created.incrementAndGet() == 1) {
      say(exchange, 409, CONFLICT);
    } else {
      say(exchange, 201, new String(asked, StandardCharsets.UTF_8));
    }
  }

  private static void say(HttpExchange exchange, int code, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Test
  void isNoOtherWriterAndNoDamageOfTheChain() {
    KubernetesAuditLog log = new KubernetesAuditLog(client, "shop", SHOP, "u1", Clock.systemUTC());

    assertThatThrownBy(() -> log.append(Optional.of(SHOP), new Entry.Stopped("kim")))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("did not take the record")
        .hasMessageContaining("resourcequotas");

    assertThat(log.damage()).isEmpty();
    assertThat(log.append(Optional.of(SHOP), new Entry.Stopped("kim")).seq()).isEqualTo(1);
  }

  @Test
  void keepsNoPolicyUponWhichARecordMayRest() throws IOException {
    PolicyArchive used = new PolicyArchive(folder);
    PolicyBundle policy =
        ((PolicyBundle.Good) PolicyBundle.read(Path.of("../../policies"))).bundle();
    used.keep(policy);
    KubernetesPolicyArchive archive = new KubernetesPolicyArchive(client);

    assertThatThrownBy(() -> archive.keep("shop", policy.digest(), used))
        .isInstanceOf(AuditException.class);
    archive.keep("shop", policy.digest(), used);
    archive.keep("shop", policy.digest(), used);

    assertThat(created).as("it is kept once it was taken").hasValue(2);
  }
}
