package dev.swiftdeploy.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jar as the process platform runs it: copied elsewhere, alone, under a real JVM, and
 * stopped by a signal.
 */
@Timeout(90)
class AppJarIT {

  private static final Pattern URL = Pattern.compile("started .* url=(http://\\S+)");

  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void copyTheJar() throws IOException {
    Files.copy(Path.of("target", "app.jar"), folder.resolve("app.jar"));
  }

  @AfterEach
  void killWhatIsLeft() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void theJarNeedsNothingBesideItAndEndsWith0OnSigterm() throws Exception {
    Process app = run(Map.of("APP_PORT", "0", "APP_VERSION", "1.2.3"));
    String url = url(app);

    assertThat(get(url + "/").body())
        .contains("\"mode\":\"stable\"")
        .contains("\"version\":\"1.2.3\"");
    assertThat(get(url + "/healthz").statusCode()).isEqualTo(200);
    assertThat(get(url + "/metrics").body()).contains("app_mode 0.0");

    app.destroy();
    assertThat(app.waitFor(20, SECONDS)).isTrue();
    assertThat(app.exitValue()).isZero();
    assertThat(out()).contains("stopping", "stopped");
    assertThat(err()).isEmpty();
  }

  @Test
  void aSlowRequestInFlightSurvivesSigterm() throws Exception {
    Process app = run(Map.of("APP_PORT", "0", "MODE", "canary"));
    String url = url(app);
    HttpRequest slow =
        HttpRequest.newBuilder(URI.create(url + "/chaos"))
            .POST(BodyPublishers.ofString("{\"mode\":\"slow\",\"duration\":4}"))
            .build();
    assertThat(client.send(slow, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), URI.create(url).getPort());
    try (Socket inFlight = new Socket(address.getAddress(), address.getPort())) {
      inFlight
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: app\r\nExpect: 100-continue\r\n\r\n".getBytes(UTF_8));
      // The interim answer tells that the request has arrived; the real one is held back.
      InputStream in = inFlight.getInputStream();
      assertThat(new String(in.readNBytes(12), UTF_8)).isEqualTo("HTTP/1.1 100");

      app.destroy();

      await().atMost(3, SECONDS).until(() -> refuses(address));
      assertThat(app.isAlive()).isTrue();
      assertThat(new String(in.readAllBytes(), UTF_8))
          .contains("HTTP/1.1 200", "\"mode\":\"canary\"");
    }
    assertThat(app.waitFor(20, SECONDS)).isTrue();
    assertThat(app.exitValue()).isZero();
  }

  @Test
  void aBadEnvironmentEndsWith2AndSaysWhy() throws Exception {
    Process app = run(Map.of("MODE", "blue", "APP_PORT", "http"));

    assertThat(app.waitFor(20, SECONDS)).isTrue();
    assertThat(app.exitValue()).isEqualTo(2);
    assertThat(err())
        .isEqualToNormalizingNewlines(
            """
            MODE must be stable or canary, not "blue"
            APP_PORT must be a number from 1 to 65535, or 0 for any free port, not "http"
            """);
    assertThat(out()).isEmpty();
  }

  @Test
  void aPortInUseEndsWith1AndSaysWhich() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process app = run(Map.of("APP_PORT", Integer.toString(taken.getLocalPort())));

      assertThat(app.waitFor(20, SECONDS)).isTrue();
      assertThat(app.exitValue()).isEqualTo(1);
      assertThat(err())
          .startsWith("can't listen on http://127.0.0.1:" + taken.getLocalPort() + ": ");
    }
  }

  private Process run(Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                "app.jar")
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder
        .environment()
        .keySet()
        .removeAll(List.of("MODE", "APP_VERSION", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    builder.environment().put("APP_HOST", "127.0.0.1");
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  /** The address that the start line names, once it is there. */
  private String url(Process app) {
    await().atMost(30, SECONDS).until(() -> !app.isAlive() || URL.matcher(out()).find());
    Matcher line = URL.matcher(out());
    assertThat(line.find()).as(() -> "a start line; stderr: " + err()).isTrue();
    return line.group(1);
  }

  private String out() {
    return read("out");
  }

  private String err() {
    return read("err");
  }

  private String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean refuses(InetSocketAddress address) throws IOException {
    try {
      new Socket(address.getAddress(), address.getPort()).close();
      return false;
    } catch (ConnectException refused) {
      return true;
    }
  }

  private HttpResponse<String> get(String url) throws Exception {
    return client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
  }
}
