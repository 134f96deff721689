package dev.swiftdeploy.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.local.process.DetachedProcess.ProcStat;
import dev.swiftdeploy.local.process.DetachedProcess.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetachedProcessTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  @TempDir Path folder;
  private Path pidFile;
  private Path log;
  private final List<DetachedProcess> started = new ArrayList<>();

  @BeforeEach
  void names() {
    pidFile = folder.resolve("state/pid");
    log = folder.resolve("logs/out.log");
  }

  @AfterEach
  void nothingStays() throws IOException {
    for (DetachedProcess process : started) {
      process.signal(Signal.KILL);
      await().until(() -> !process.running());
    }
  }

  private DetachedProcess start(String... argv) throws IOException {
    return start(ENVIRONMENT, argv);
  }

  private DetachedProcess start(Map<String, String> environment, String... argv)
      throws IOException {
    DetachedProcess process =
        DetachedProcess.start(List.of(argv), environment, folder, log, pidFile);
    started.add(process);
    return process;
  }

  @Test
  void aStartedProcessIsFoundByItsPidFile() throws IOException {
    DetachedProcess process = start("sleep", "60");

    assertThat(DetachedProcess.find(pidFile)).map(DetachedProcess::pid).contains(process.pid());
    await()
        .until(
            () -> Files.readString(Path.of("/proc/" + process.pid() + "/comm")).equals("sleep\n"));
  }

  @Test
  void argumentsArriveAsTheyAreAndNoShellReadsThem() throws IOException {
    String hostile = "$(touch pwned); `x` \"'\n*";
    start("printf", "%s|", hostile, "", "-n");

    await().untilAsserted(() -> assertThat(log).hasContent(hostile + "||-n|"));
    assertThat(folder.resolve("pwned")).doesNotExist();
  }

  @Test
  void theEnvironmentIsWhatWasGivenAndNothingElse() throws IOException {
    start(Map.of("PATH", "/nowhere", "s", "1", "_sd_path", "2", "A", "x y"), "/usr/bin/env");

    await().until(() -> DetachedProcess.exitCode(pidFile).isPresent());
    assertThat(Files.readAllLines(log))
        .contains("PATH=/nowhere", "s=1", "A=x y")
        .allMatch(line -> line.matches("(PATH|s|_sd_path|A|PWD|OLDPWD|SHLVL|_)=.*"));
  }

  @Test
  void itHasASessionAndAGroupOfItsOwn() throws IOException {
    DetachedProcess process = start("sleep", "60");

    String mine = session(ProcessHandle.current().pid());
    assertThat(session(process.pid())).isNotEqualTo(mine);
    assertThat(ProcStat.of(process.pid()).orElseThrow().group())
        .isNotEqualTo(ProcStat.of(ProcessHandle.current().pid()).orElseThrow().group());
  }

  @Test
  void itOutlivesAStarterThatIsKilled() throws Exception {
    Process starter =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Starter.class.getName(),
                folder.toString(),
                log.toString(),
                pidFile.toString())
            .inheritIO()
            .start();
    await().until(() -> DetachedProcess.find(pidFile).isPresent());
    DetachedProcess process = DetachedProcess.find(pidFile).orElseThrow();
    started.add(process);
    starter.destroyForcibly().waitFor();

    process.signal(Signal.TERM);

    await().until(() -> !process.running());
    await().until(() -> DetachedProcess.exitCode(pidFile).equals(OptionalInt.of(128 + 15)));
  }

  /** Starts a process and stays. */
  static final class Starter {
    public static void main(String[] args) throws Exception {
      DetachedProcess.start(
          List.of("sleep", "60"),
          ENVIRONMENT,
          Path.of(args[0]),
          Path.of(args[1]),
          Path.of(args[2]));
      Thread.currentThread().join();
    }
  }

  @Test
  void theExitCodeIsKept() throws IOException {
    start("sh", "-c", "exit 7");

    await().until(() -> DetachedProcess.exitCode(pidFile).equals(OptionalInt.of(7)));
    assertThat(DetachedProcess.find(pidFile)).isEmpty();
  }

  @Test
  void aNewStartForgetsTheLastExitCode() throws IOException {
    start("true");
    await().until(() -> DetachedProcess.exitCode(pidFile).isPresent());

    start("sleep", "60");

    assertThat(DetachedProcess.exitCode(pidFile)).isEmpty();
  }

  @Test
  void aProgramThatIsNotThereExitsAndSaysSoInItsLog() throws IOException {
    start("/no/such/program");

    await().until(() -> DetachedProcess.exitCode(pidFile).equals(OptionalInt.of(127)));
    assertThat(log).content().contains("/no/such/program");
  }

  @Test
  void aLogThatCannotBeWrittenIsAnError() throws IOException {
    Files.createDirectories(log);

    assertThatThrownBy(() -> start("sleep", "60"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("sleep")
        .hasMessageContaining(log.toString());
    assertThat(pidFile).doesNotExist();
  }

  @Test
  void aProgramMayHandleTermAndItsCodeIsTheOneKept() throws IOException {
    DetachedProcess process =
        start("sh", "-c", "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    await().untilAsserted(() -> assertThat(log).content().contains("ready"));

    process.signal(Signal.TERM);

    await().until(() -> DetachedProcess.exitCode(pidFile).equals(OptionalInt.of(3)));
    assertThat(log).content().contains("bye");
  }

  @Test
  void killEndsTheWholeGroup() throws IOException {
    Path child = folder.resolve("child");
    DetachedProcess process =
        start("sh", "-c", "trap '' TERM; sleep 60 & echo $! >child; wait; sleep 60");
    await().until(() -> Files.exists(child) && !Files.readString(child).isBlank());
    long grandchild = Long.parseLong(Files.readString(child).trim());

    process.signal(Signal.KILL);

    await().until(() -> !process.running() && gone(grandchild));
    assertThat(DetachedProcess.exitCode(pidFile)).isEmpty();
  }

  @Test
  void whatAProgramLeavesBehindIsAskedToEnd() throws IOException {
    Path child = folder.resolve("child");
    start("sh", "-c", "sleep 60 & echo $! >child");

    await().until(() -> Files.exists(child) && !Files.readString(child).isBlank());
    long grandchild = Long.parseLong(Files.readString(child).trim());
    await().until(() -> gone(grandchild));
  }

  /** But for those that this very run was started with, which nobody can take back. */
  @Test
  void signalsAreNotIgnoredInTheProgram() throws IOException, InterruptedException {
    Process ordinary = new ProcessBuilder("sleep", "60").start();
    long inherited = ignored(ordinary.pid());
    ordinary.destroyForcibly().waitFor();
    DetachedProcess process = start("sleep", "60");

    long mask = ignored(process.pid()) & ~inherited;
    assertThat(mask & 0x7).as("HUP, INT, QUIT").isZero();
    assertThat(mask & (1L << 12)).as("PIPE").isZero();
    assertThat(mask & (1L << 14)).as("TERM").isZero();
  }

  private static long ignored(long pid) throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
            .filter(l -> l.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow();
    return Long.parseUnsignedLong(line.split("\\s+")[1], 16);
  }

  @Test
  void aReusedPidIsNeitherFoundNorSignalled() throws IOException {
    DetachedProcess process = start("sleep", "60");
    String[] words = Files.readString(pidFile).trim().split(" ");

    Path later = folder.resolve("later");
    Files.writeString(later, String.join(" ", words[0], "1" + words[1], words[2], words[3]) + "\n");
    Path rebooted = folder.resolve("rebooted");
    Files.writeString(rebooted, String.join(" ", words[0], words[1], words[2], "another") + "\n");

    assertThat(DetachedProcess.find(later)).isEmpty();
    assertThat(DetachedProcess.find(rebooted)).isEmpty();
    assertThat(process.running()).isTrue();
  }

  @Test
  void whereThereIsNoProcTheProcessMustHaveBegunWhenTheFileWasWritten() throws IOException {
    DetachedProcess process = start("sleep", "60");
    String group = Files.readString(pidFile).trim().split(" ")[2];
    Path elsewhere = folder.resolve("elsewhere");
    Files.writeString(elsewhere, process.pid() + " - " + group + " -\n");

    assertThat(DetachedProcess.find(elsewhere)).isPresent();
    Files.setLastModifiedTime(
        elsewhere,
        java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() - 60_000));
    assertThat(DetachedProcess.find(elsewhere)).isEmpty();
  }

  @Test
  void aZombieDoesNotRun() throws Exception {
    // a shell that never waits for its child keeps the zombie
    Process parent =
        new ProcessBuilder("sh", "-c", "sh -c 'echo $$; exec sleep 0.05' & exec sleep 60").start();
    try {
      long zombie = Long.parseLong(parent.inputReader().readLine());
      await().until(() -> ProcStat.of(zombie).map(ProcStat::dead).orElse(false));
      ProcStat stat = ProcStat.of(zombie).orElseThrow();
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
      Path file = folder.resolve("zombie");
      Files.writeString(file, zombie + " " + stat.start() + " - " + boot + "\n");

      assertThat(DetachedProcess.find(file)).isEmpty();
    } finally {
      parent.destroyForcibly().waitFor();
    }
  }

  @Test
  void aDamagedPidFileTellsOfNothing() throws IOException {
    for (String text : List.of("", "x", "1", "a b c d", "99999999999999999999 1 1 1", "\0\0")) {
      Path file = folder.resolve("damaged");
      Files.writeString(file, text);
      assertThat(DetachedProcess.find(file)).as(text).isEmpty();
    }
    assertThat(DetachedProcess.find(folder.resolve("absent"))).isEmpty();
  }

  @Test
  void aSecondStartOnALivePidFileIsRefused() throws IOException {
    start("sleep", "60");

    assertThatThrownBy(() -> start("sleep", "60")).isInstanceOf(IllegalStateException.class);
  }

  private static boolean gone(long pid) {
    return ProcStat.of(pid).map(ProcStat::dead).orElse(true);
  }

  private static String session(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];
  }
}
