package dev.swiftdeploy.local.compose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.adapters.policy.OpaBundle;
import dev.swiftdeploy.adapters.policy.OpaHost;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.local.proxy.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OPA in a container of a real engine: the port that generated files tell of is the one it has. */
class OpaContainersOnEngine {
  @TempDir Path temp;
  private ComposeWorld world;
  private OpaContainers containers;
  private PolicyBundle policy;
  private Path kept;
  private int before;

  /** What {@code init} leaves, with another port than the one that is tried first. */
  @BeforeEach
  void declared() throws IOException {
    world = new ComposeWorld(temp, "demo");
    containers = new OpaContainers(world.files);
    policy = ((PolicyBundle.Good) PolicyBundle.read(Path.of("../policies"))).bundle();
    String name = containers.prepareIfMissing(policy.digest(), OpaBundle.of(policy)).firstKey();
    kept = world.site.opa().resolve(name).resolve("port");
    before = FreePort.from(23000, Set.of()).orElseThrow();
    Files.writeString(kept, before + "\n");
  }

  @AfterEach
  void end() {
    containers.close();
    world.close();
  }

  private OpaHost.Server serve() throws IOException {
    return containers.serve(policy.digest(), OpaBundle.of(policy));
  }

  private int port() {
    List<Container> all = world.engine.containers(world.site.project());
    assertThat(all).hasSize(1);
    return all.get(0).ports().get(ComposeSite.OPA_PORT + "/tcp");
  }

  @Test
  void itHasThePortThatWasDeclaredAlsoWhenItIsMadeAnew() throws IOException {
    assertThat(serve().running()).isTrue();
    assertThat(port()).isEqualTo(before);

    world.engine.remove(world.engine.containers(world.site.project()).get(0));
    serve();

    assertThat(port()).isEqualTo(before);
    assertThat(containers.prepareIfMissing(policy.digest(), OpaBundle.of(policy)).values())
        .containsExactly(before);
  }

  @Test
  void itHasThatPortAlsoAfterAStartThatFailed() throws IOException {
    serve();

    containers.keepOnly(""); // as is said where it gave no answer in time, and none else serves
    assertThat(world.engine.containers(world.site.project())).isEmpty();
    serve();

    assertThat(port()).isEqualTo(before);
    containers.close();
    assertThat(kept).doesNotExist();
  }

  @Test
  void itHasAnotherOneWhereThatIsTakenOrLost() throws IOException {
    try (ServerSocket taken = new ServerSocket(before, 1, InetAddress.getLoopbackAddress())) {
      serve();
      assertThat(port()).isNotEqualTo(taken.getLocalPort());
    }
    world.engine.remove(world.engine.containers(world.site.project()).get(0));
    Files.writeString(kept, "not a port");

    serve();

    assertThat(Files.readString(kept)).isEqualTo(Integer.toString(port()));
  }
}
