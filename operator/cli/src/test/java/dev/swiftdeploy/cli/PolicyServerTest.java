package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Unavailability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A manifest alone makes no server a judge. */
class PolicyServerTest {
  private static final String URL = "http://127.0.0.1:1";
  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void ofAnAccount() {
    file = PolicyServer.file(Map.of("XDG_CONFIG_HOME", folder.resolve("config").toString()));
  }

  private AcceptedOpaEngine engine() {
    return new AcceptedOpaEngine(URL, () -> PolicyServer.accepted(file, URL));
  }

  private Unavailability asked() {
    try (AcceptedOpaEngine engine = engine()) {
      return ((Answer.NoAnswer) engine.evaluate("d-1", JsonNodeFactory.instance.objectNode()))
          .unavailability();
    }
  }

  @Test
  void itIsAskedOnceItIsAcceptedAndNoOtherIs() throws IOException {
    Unavailability before = asked();
    assertThat(before.kind()).isEqualTo(Unavailability.Kind.NO_POLICY);
    assertThat(before.nextStep()).contains("--accept-policy-server " + URL);

    PolicyServer other = new PolicyServer("http://127.0.0.1:2", Optional.empty(), Optional.empty());
    other.accept(file);
    assertThat(asked().kind()).isEqualTo(Unavailability.Kind.NO_POLICY);

    PolicyServer accepted = new PolicyServer(URL, Optional.of("/x/token"), Optional.of("/x/ca"));
    accepted.accept(file);
    assertThat(PolicyServer.accepted(file, URL)).contains(accepted);
    new PolicyServer(URL, Optional.empty(), Optional.empty()).accept(file);
    assertThat(asked().kind()).isEqualTo(Unavailability.Kind.UNREACHABLE);
    assertThat(PolicyServer.accepted(file, other.url())).contains(other);
  }

  @Test
  void anEngineThatRunsTakesAnAcceptanceAndItsEnd() throws IOException {
    try (AcceptedOpaEngine engine = engine()) {
      assertThat(engine.revision().problem().orElseThrow()).contains("nobody accepted");
      assertThat(engine.revision().verified()).isFalse();
      new PolicyServer(URL, Optional.empty(), Optional.empty()).accept(file);
      Answer answer = engine.evaluate("d-1", JsonNodeFactory.instance.objectNode());
      assertThat(((Answer.NoAnswer) answer).unavailability().kind())
          .isEqualTo(Unavailability.Kind.UNREACHABLE);
      Files.delete(file);
      assertThat(engine.revision().problem().orElseThrow()).contains("nobody accepted");
    }
  }

  @Test
  void itIsTheAccountsAndNobodyElsesToAccept() throws IOException {
    assertThat(file).isEqualTo(folder.resolve("config/swiftdeploy/policy-servers.json"));
    assertThat(PolicyServer.file(Map.of()))
        .isEqualTo(
            Path.of(System.getProperty("user.home"), ".config/swiftdeploy/policy-servers.json"));
    new PolicyServer(URL, Optional.empty(), Optional.empty()).accept(file);
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    assertThat(asked().kind()).isEqualTo(Unavailability.Kind.NO_POLICY);

    // what a repository could carry beside its manifest accepts nothing
    Path beside = Files.createDirectories(folder.resolve(".swiftdeploy/manifest"));
    Files.copy(file, beside.resolve("policy-server.json"));
    Files.delete(file);
    assertThat(asked().kind()).isEqualTo(Unavailability.Kind.NO_POLICY);
  }

  @Test
  void aTokenWithoutAServerIsAUsageError() {
    for (String command : new String[] {"run", "deploy"}) {
      assertThat(Ran.in(folder, "init").exit()).isIn(Exit.DONE, Exit.FAILED);
      Ran token = Ran.in(folder, command, "--policy-server-token", "token");
      assertThat(token.exit()).isEqualTo(Exit.USAGE);
      assertThat(token.err()).contains("--accept-policy-server URL");
      Ran odd = Ran.in(folder, command, "--accept-policy-server", "file:///etc/passwd");
      assertThat(odd.exit()).isEqualTo(Exit.USAGE);
      assertThat(odd.err()).contains("is not the URL of an OPA server");
      Ran missing =
          Ran.in(folder, command, "--accept-policy-server", URL, "--policy-server-token", "gone");
      assertThat(missing.exit()).isEqualTo(Exit.USAGE);
      assertThat(missing.err()).contains("gone can't be read");
    }
  }
}
