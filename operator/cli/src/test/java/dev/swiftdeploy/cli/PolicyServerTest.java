package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A manifest alone makes no server a judge. */
class PolicyServerTest {
  private static final String URL = "http://127.0.0.1:1";
  @TempDir Path folder;

  private Unavailability asked(Workspace workspace) {
    try (AcceptedOpaEngine engine =
        new AcceptedOpaEngine(URL, () -> PolicyServer.accepted(workspace))) {
      return ((Answer.NoAnswer) engine.evaluate("d-1", JsonNodeFactory.instance.objectNode()))
          .unavailability();
    }
  }

  @Test
  void itIsAskedOnceItIsAcceptedAndNoOtherIs() throws IOException {
    Workspace workspace = new Workspace(folder.resolve("manifest.yaml"));
    Unavailability before = asked(workspace);
    assertThat(before.kind()).isEqualTo(Unavailability.Kind.NO_POLICY);
    assertThat(before.nextStep()).contains("--accept-policy-server " + URL);

    new PolicyServer("http://127.0.0.1:2", Optional.empty(), Optional.empty()).accept(workspace);
    assertThat(asked(workspace).kind()).isEqualTo(Unavailability.Kind.NO_POLICY);

    PolicyServer accepted = new PolicyServer(URL, Optional.of("/x/token"), Optional.of("/x/ca"));
    accepted.accept(workspace);
    assertThat(PolicyServer.accepted(workspace)).contains(accepted);
    new PolicyServer(URL, Optional.empty(), Optional.empty()).accept(workspace);
    assertThat(asked(workspace).kind()).isEqualTo(Unavailability.Kind.UNREACHABLE);
  }

  @Test
  void anEngineThatRunsTakesAnAcceptanceAndItsEnd() throws IOException {
    Workspace workspace = new Workspace(folder.resolve("manifest.yaml"));
    try (AcceptedOpaEngine engine =
        new AcceptedOpaEngine(URL, () -> PolicyServer.accepted(workspace))) {
      assertThat(engine.revision().problem().orElseThrow()).contains("nobody accepted");
      assertThat(engine.revision().verified()).isFalse();
      new PolicyServer(URL, Optional.empty(), Optional.empty()).accept(workspace);
      Answer answer = engine.evaluate("d-1", JsonNodeFactory.instance.objectNode());
      assertThat(((Answer.NoAnswer) answer).unavailability().kind())
          .isEqualTo(Unavailability.Kind.UNREACHABLE);
      Files.delete(workspace.state().resolve("policy-server.json"));
      assertThat(engine.revision().problem().orElseThrow()).contains("nobody accepted");
    }
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
