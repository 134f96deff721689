package dev.swiftdeploy.local.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ManifestLockTest {
  private static final ManifestLock.Holder ADA =
      new ManifestLock.Holder(4711, Instant.parse("2026-01-02T03:04:05Z"), "ada", true, "0.1.0");
  private static final int TAKES = 300;
  private static final int LOOKS = 30_000;

  @TempDir private Path folder;
  private Workspace workspace;
  private final List<Process> lookers = new ArrayList<>();

  /** Another process that looks who holds the lock, again and again, until it is ended. */
  static final class Looker {
    private Looker() {}

    public static void main(String[] arguments) {
      Workspace workspace = new Workspace(Path.of(arguments[0]));
      boolean began = false;
      while (true) {
        boolean held = ManifestLock.holder(workspace).isPresent();
        if (!began) {
          System.out.println(held ? "held" : "free");
          began = true;
        }
      }
    }
  }

  @BeforeEach
  void aWorkspace() throws IOException {
    workspace = new Workspace(folder.resolve("manifest.yaml"));
    workspace.create();
  }

  @AfterEach
  void endLookers() throws InterruptedException {
    lookers.forEach(Process::destroyForcibly);
    for (Process looker : lookers) {
      looker.waitFor();
    }
  }

  /** Looks in another process from now on; what it sees first. */
  private String look() throws IOException {
    Process looker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Looker.class.getName(),
                workspace.manifest().toString())
            .redirectError(new File("/dev/null"))
            .start();
    lookers.add(looker);
    BufferedReader said = looker.inputReader(StandardCharsets.UTF_8);
    return String.valueOf(said.readLine());
  }

  @Test
  void anotherProcessSeesTheHolderWhileItHolds() throws IOException {
    try (ManifestLock held = ManifestLock.take(workspace, ADA).orElseThrow()) {
      assertThat(look()).isEqualTo("held");
      assertThat(ManifestLock.holder(workspace)).contains(ADA);
      assertThat(ManifestLock.take(workspace, ADA)).isEmpty();
      assertThat(look()).as("after a look of its own").isEqualTo("held");
      assertThat(held).isNotNull();
    }
    assertThat(look()).isEqualTo("free");
    assertThat(ManifestLock.holder(workspace)).isEmpty();
  }

  /** A deploy looks for its daemon twenty times a second, while that daemon takes the lock. */
  @Test
  void whoLooksKeepsNobodyFromTheLock() throws IOException {
    ManifestLock.take(workspace, ADA)
        .orElseThrow()
        .close(); // so that there is something to look at
    assertThat(look()).isEqualTo("free");
    for (int i = 0; i < TAKES; i++) {
      try (ManifestLock held = ManifestLock.take(workspace, ADA).orElseThrow()) {
        assertThat(held).isNotNull();
      }
    }
  }

  /** Two commands look while nobody holds it: the one is no daemon to the other. */
  @Test
  void whoLooksIsNotTakenForTheHolder() throws IOException {
    ManifestLock.take(workspace, ADA).orElseThrow().close();
    assertThat(look()).isEqualTo("free");
    for (int i = 0; i < LOOKS; i++) {
      assertThat(ManifestLock.holder(workspace)).isEmpty();
    }
  }
}
