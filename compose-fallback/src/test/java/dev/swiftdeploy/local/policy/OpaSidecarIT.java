package dev.swiftdeploy.local.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.swiftdeploy.adapters.policy.OpaBundle;
import dev.swiftdeploy.adapters.policy.OpaConnection;
import dev.swiftdeploy.adapters.policy.OpaProgram;
import dev.swiftdeploy.adapters.policy.OpaSidecar;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.core.admission.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real opa that somebody else starts, with the arguments that the installation gives it. */
class OpaSidecarIT {
  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private static final Duration IN_TIME = Duration.ofSeconds(30);

  @TempDir Path temporary;
  private final int port = freePort();
  private Path policies;
  private OpaSidecar sidecar;
  private Optional<OwnOpaEngine> engine = Optional.empty();
  private Process opa;

  @BeforeEach
  void open() throws IOException {
    policies = OpaWorld.copyOfPolicies(temporary.resolve("policies"));
    sidecar =
        new OpaSidecar(
            OpaConnection.to("http://127.0.0.1:" + port),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            PATIENCE);
    startOpa();
  }

  @AfterEach
  void close() throws InterruptedException {
    engine.ifPresentOrElse(OwnOpaEngine::close, sidecar::close);
    opa.destroyForcibly().waitFor();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void startOpa() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(OpaProgram.find(System.getenv()).path().toString());
    command.addAll(
        List.of(
            "run",
            "--server",
            "--disable-telemetry",
            "--addr=127.0.0.1:" + port,
            "--set=services.operator.url=http://127.0.0.1:" + sidecar.port(),
            "--set=bundles.swiftdeploy.service=operator",
            "--set=bundles.swiftdeploy.resource=bundle.tar.gz",
            "--set=bundles.swiftdeploy.polling.min_delay_seconds=1",
            "--set=bundles.swiftdeploy.polling.max_delay_seconds=2"));
    opa =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(temporary.resolve("opa.log").toFile())
            .start();
  }

  private OwnOpaEngine engine() {
    OwnOpaEngine made = new OwnOpaEngine(policies, sidecar, OwnOpaEngine.Options.DEFAULTS);
    engine = Optional.of(made);
    return made;
  }

  private String digest() {
    return ((PolicyBundle.Good) PolicyBundle.read(policies)).bundle().digest();
  }

  private static Answer ask(OwnOpaEngine engine) {
    return engine.evaluate("d-1", JsonNodeFactory.instance.objectNode());
  }

  private static String decidedBy(OwnOpaEngine engine) {
    return ask(engine) instanceof Answer.Document document ? document.policyDigest() : "";
  }

  @Test
  void it_decides_with_the_policy_that_it_was_given() {
    OwnOpaEngine engine = engine();

    assertThat(decidedBy(engine)).isEqualTo(digest());
    assertThat(engine.revision().verified()).isTrue();
  }

  @Test
  void changed_thresholds_are_taken_over_by_the_same_server() throws IOException {
    OwnOpaEngine engine = engine();
    assertThat(decidedBy(engine)).isEqualTo(digest());
    long pid = opa.pid();
    Path data = policies.resolve("data.json");
    Files.writeString(
        data, Files.readString(data).replace("\"max_p99_ms\": 500", "\"max_p99_ms\": 400"));

    await().atMost(IN_TIME).until(() -> decidedBy(engine), digest()::equals);
    assertThat(opa.isAlive()).isTrue();
    assertThat(opa.pid()).isEqualTo(pid);
  }

  @Test
  void killed_it_is_unavailable_and_started_again_it_fetches_its_policy_anew() throws Exception {
    OwnOpaEngine engine = engine();
    assertThat(decidedBy(engine)).isEqualTo(digest());
    opa.destroyForcibly().waitFor();
    assertThat(ask(engine)).isInstanceOf(Answer.NoAnswer.class);

    startOpa();
    await().atMost(IN_TIME).until(() -> decidedBy(engine), digest()::equals);
  }

  @Test
  void a_policy_that_opa_does_not_take_is_told_and_the_one_before_is_offered_again()
      throws Exception {
    PolicyBundle policy = ((PolicyBundle.Good) PolicyBundle.read(policies)).bundle();
    sidecar.serve(policy.digest(), OpaBundle.of(policy));

    assertThatThrownBy(
            () ->
                sidecar.serve("ff".repeat(32), OpaBundle.of(policy).with("broken.rego", "package")))
        .hasMessageContaining("does not take the policy: its log tells why");

    opa.destroyForcibly().waitFor();
    startOpa();
    OwnOpaEngine engine = engine();
    await().atMost(IN_TIME).until(() -> decidedBy(engine), policy.digest()::equals);
  }

  @Test
  void an_opa_that_is_not_there_is_told() throws Exception {
    opa.destroyForcibly().waitFor();
    PolicyBundle policy = ((PolicyBundle.Good) PolicyBundle.read(policies)).bundle();

    assertThatThrownBy(() -> sidecar.serve(policy.digest(), OpaBundle.of(policy)))
        .hasMessageContaining("has not asked for its policy for 8s")
        .hasMessageContaining("/bundle.tar.gz");
  }
}
