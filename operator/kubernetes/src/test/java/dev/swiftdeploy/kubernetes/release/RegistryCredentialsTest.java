package dev.swiftdeploy.kubernetes.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.core.spec.ImageReference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries that show nothing to strangers. */
class RegistryCredentialsTest {
  private static final String DIGEST = "sha256:" + "0a".repeat(32);
  private static final String ANN =
      "Basic " + Base64.getEncoder().encodeToString("ann:s3cret".getBytes(StandardCharsets.UTF_8));

  /** A machine may be short of time; nothing here is to be late. */
  private static final Duration PATIENT = Duration.ofMinutes(1);

  @TempDir Path folder;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v2/basic/", e -> manifest(e, "Basic realm=\"r\"", ANN));
    server.createContext(
        "/v2/token/",
        e ->
            manifest(e, "Bearer realm=\"http://" + host() + "/token\",service=\"r\"", "Bearer t1"));
    server.createContext(
        "/token",
        e -> {
          boolean ann = ANN.equals(e.getRequestHeaders().getFirst("Authorization"));
          byte[] body = "{\"token\":\"t1\"}".getBytes(StandardCharsets.UTF_8);
          e.sendResponseHeaders(ann ? 200 : 401, ann ? body.length : -1);
          if (ann) {
            e.getResponseBody().write(body);
          }
          e.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void manifest(HttpExchange exchange, String challenge, String wanted)
      throws IOException {
    if (wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      exchange.getResponseHeaders().add("Docker-Content-Digest", DIGEST);
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
      exchange.sendResponseHeaders(401, -1);
    }
    exchange.close();
  }

  private String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private Registry.Answer ask(String image, Optional<RegistryCredentials> credentials)
      throws IOException {
    return new Registry(credentials, PATIENT).digest(ImageReference.of(host() + "/" + image));
  }

  private RegistryCredentials of(String json) throws IOException {
    return new RegistryCredentials(Files.writeString(folder.resolve("config.json"), json));
  }

  private RegistryCredentials ann() throws IOException {
    return of("{\"auths\":{\"" + host() + "\":{\"username\":\"ann\",\"password\":\"s3cret\"}}}");
  }

  @Test
  void aRegistryThatAsksForAPasswordGetsIt() throws IOException {
    assertThat(ask("basic/app:1", Optional.of(ann())).digest()).contains(DIGEST);
  }

  @Test
  void aTokenIsAskedForWithThePassword() throws IOException {
    assertThat(ask("token/app:1", Optional.of(ann())).digest()).contains(DIGEST);
  }

  @Test
  void withoutCredentialsTheProblemNamesTheOption() throws IOException {
    assertThat(ask("basic/app:1", Optional.empty()).problem())
        .isEqualTo(host() + " shows it to no stranger: name credentials, --registry-credentials");
  }

  @Test
  void refusedCredentialsAreToldFromNone() throws IOException {
    RegistryCredentials wrong =
        of("{\"auths\":{\"" + host() + "\":{\"username\":\"ann\",\"password\":\"guess\"}}}");

    assertThat(ask("basic/app:1", Optional.of(wrong)).problem())
        .isEqualTo(host() + " does not show it to the account of --registry-credentials");
  }

  @Test
  void aFileThatIsNoneIsToldWithoutItsText() throws IOException {
    assertThat(ask("basic/app:1", Optional.of(of("ann:s3cret"))).problem())
        .contains("config.json", "it is not JSON", ".dockerconfigjson")
        .doesNotContain("s3cret");
  }

  @Test
  void itIsReadForEachQuestion() throws IOException {
    RegistryCredentials credentials = of("{\"auths\":{}}");
    assertThat(ask("basic/app:1", Optional.of(credentials)).digest()).isEmpty();
    ann();

    assertThat(ask("basic/app:1", Optional.of(credentials)).digest()).contains(DIGEST);
  }

  @Test
  void theLongestKeyThatFitsCounts() throws IOException {
    RegistryCredentials credentials =
        of(
            "{\"auths\":{\"https://r.example.com/v2/\":{\"auth\":\"aG9zdA==\"},"
                + "\"r.example.com/team\":{\"auth\":\"dGVhbQ==\"},"
                + "\"https://index.docker.io/v1/\":{\"auth\":\"aHVi\"}}}");

    assertThat(credentials.basic("r.example.com", "other/app")).contains("Basic aG9zdA==");
    assertThat(credentials.basic("r.example.com", "team/app")).contains("Basic dGVhbQ==");
    assertThat(credentials.basic("r.example.com", "teams/app")).contains("Basic aG9zdA==");
    assertThat(credentials.basic("registry-1.docker.io", "library/nginx")).contains("Basic aHVi");
    assertThat(credentials.basic("r.example.com.evil.net", "team/app")).isEmpty();
  }

  @Test
  void whatCantBeAHeaderIsNotSent() throws IOException {
    RegistryCredentials credentials = of("{\"auths\":{\"r.io\":{\"auth\":\"a\\nb\"}}}");

    assertThatThrownBy(() -> credentials.basic("r.io", "a")).hasMessageContaining("not base64");
  }
}
