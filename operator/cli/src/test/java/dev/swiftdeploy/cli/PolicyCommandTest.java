package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said before opa is asked. */
class PolicyCommandTest {
  @TempDir Path folder;

  @Test
  void byItselfItIsNoCommand() {
    Ran ran = Ran.of("policy");
    assertThat(ran.exit()).isEqualTo(Exit.USAGE);
    assertThat(ran.err())
        .isEqualTo(
            "swiftdeploy: policy what? One of: check, test, build, config-map\n"
                + "See: swiftdeploy policy --help\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "test", "build", "config-map"})
  void aDirectoryThatIsNotThereIsAUsageError(String command) {
    Ran ran = Ran.of("policy", command, folder.resolve("gone").toString());
    assertThat(ran.exit()).isEqualTo(Exit.USAGE);
    assertThat(ran.err())
        .isEqualTo(
            "swiftdeploy: there is no directory "
                + folder.resolve("gone")
                + "\n  name the one with the policies\n");
    assertThat(ran.out()).isEmpty();
  }
}
