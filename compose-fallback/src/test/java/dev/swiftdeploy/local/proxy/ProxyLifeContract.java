package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How every {@link Proxy} lives and dies. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
abstract class ProxyLifeContract extends ProxyFixture {
  ProxyLifeContract(ProxyKind kind) {
    super(kind);
  }

  @BeforeEach
  void start(@TempDir Path temporary) {
    openIn(temporary);
  }

  @AfterEach
  void stop() {
    stopServices();
    removed();
    threads.shutdownNow();
  }

  @Test
  void nothingIsThereAtFirst() {
    assertThat(proxy.observe()).isEqualTo(Proxy.Observed.NOTHING);
    proxy.remove();
    assertThat(directory).doesNotExist();
  }

  @Test
  void aTakenPortIsNamedWithItsHolder() throws Exception {
    try (ServerSocket holder = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> proxy.apply(allTo(stable)))
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("port " + holder.getLocalPort() + " is taken")
          .hasMessageContaining("java (pid " + ProcessHandle.current().pid() + ")");
      assertThat(proxy.observe()).isEqualTo(Proxy.Observed.NOTHING);
      assertThat(file()).doesNotExist();
    }
  }

  @Test
  void isFoundAgainAfterARestartOfTheDaemon() throws Exception {
    proxy.apply(config(10));
    Proxy.Observed before = proxy.observe();
    Object generation = generation();

    proxy = open(directory, CrashPoints.NONE);

    assertThat(proxy.observe()).isEqualTo(before);
    proxy.apply(config(10));
    assertThat(generation()).isEqualTo(generation);
    proxy.apply(config(100));
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("canary");
  }

  @Test
  void whatIsKilledIsStartedAgain() throws Exception {
    proxy.apply(allTo(stable));
    Proxy.Observed before = proxy.observe();

    ProcessHandle.of(process().pid()).orElseThrow().destroyForcibly();
    await().atMost(SOON).until(() -> !proxy.observe().running());
    assertThat(proxy.observe().config()).isEmpty();

    proxy.apply(allTo(stable));
    assertThat(proxy.observe()).isEqualTo(before);
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("stable");
  }

  @Test
  void killedWithAllItsChildrenItIsStartedAgain() throws Exception {
    proxy.apply(allTo(stable));

    process().signal(DetachedProcess.Signal.KILL);
    await().atMost(SOON).until(() -> !proxy.observe().running());

    proxy.apply(allTo(stable));
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("stable");
  }

  @Test
  void oneThatHangsIsReplaced() throws Exception {
    proxy.apply(allTo(stable));
    String group = Files.readString(directory.resolve(StateFolder.PID_FILE)).split(" ")[2];
    new ProcessBuilder("kill", "-STOP", "--", "-" + group).start().waitFor();
    assertThat(proxy.observe().running()).isFalse();

    proxy.apply(config(100));

    assertThat(proxy.observe().config()).contains(config(100));
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("canary");
  }

  @Test
  void aLostAdminSocketIsMended() throws Exception {
    proxy.apply(allTo(stable));
    try (Stream<Path> sockets = Files.list(adminSocket().getParent())) {
      for (Path socket : sockets.toList()) {
        Files.delete(socket);
      }
    }
    assertThat(proxy.observe().running()).isFalse();

    proxy.apply(config(100));

    assertThat(proxy.observe().config()).contains(config(100));
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("canary");
  }

  private Path adminSocket() throws IOException {
    return Path.of(Files.readString(directory.resolve("admin-socket")).strip());
  }

  @Test
  void itIsNoChildOfTheDaemonsTerminal() throws Exception {
    proxy.apply(allTo(stable));

    assertThat(session(process().pid())).isNotEqualTo(session(ProcessHandle.current().pid()));
  }

  private static String session(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];
  }

  @Test
  void removalDrains() throws Exception {
    proxy.apply(allTo(stable));
    Future<RawHttp.Response> slow = threads.submit(() -> RawHttp.get(port, "/held"));
    await().atMost(SOON).until(() -> stable.held.get() == 1);

    proxy.remove();
    await().atMost(SOON).until(() -> refuses(port));
    assertThat(proxy.observe().running()).isFalse();
    assertThat(proxy.observe()).isNotEqualTo(Proxy.Observed.NOTHING);
    proxy.remove();
    assertThat(slow).as("told twice, it drains all the same").isNotDone();
    stable.release();

    assertThat(slow.get(20, TimeUnit.SECONDS).text()).isEqualTo("stable");
    removed();
    proxy.apply(allTo(stable));
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("stable");
  }

  @Test
  void removalEndsAfterTheDrainTimeout() throws Exception {
    proxy.apply(with(allTo(stable), Duration.ofSeconds(30), Duration.ofMillis(500)));
    threads.submit(() -> RawHttp.get(port, "/held"));
    await().atMost(SOON).until(() -> stable.held.get() == 1);

    removed();

    assertThat(refuses(port)).isTrue();
  }

  @Test
  void aRemovalThatWasNotFinishedIsNoObstacle() throws Exception {
    proxy.apply(allTo(stable));
    threads.submit(() -> RawHttp.get(port, "/held"));
    await().atMost(SOON).until(() -> stable.held.get() == 1);
    proxy.remove(); // and the daemon dies: nobody waits for it
    await().atMost(SOON).until(() -> refuses(port));

    Proxy next = open(directory, CrashPoints.NONE);
    assertThat(next.observe().running()).isFalse();
    next.apply(config(100));
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("canary");
    stable.release();
  }

  @Test
  void aRemovalIsFinishedByAnotherDaemon() throws Exception {
    proxy.apply(allTo(stable));
    DetachedProcess process = process();
    threads.submit(() -> RawHttp.get(port, "/held"));
    await().atMost(SOON).until(() -> stable.held.get() == 1);
    proxy.remove();
    stable.release();

    proxy = open(directory, CrashPoints.NONE);
    await().atMost(SOON).until(() -> !process.running());
    assertThat(proxy.observe().detail())
        .contains("the proxy has ended, what it left is to be removed");
    removed();
    assertThat(file()).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(
      value = CrashPoint.class,
      names = {"PROXY_AFTER_WRITE", "PROXY_AFTER_SPAWN"})
  void aCrashDuringTheStartIsMended(CrashPoint point) throws IOException {
    Proxy crashing = open(directory, new CrashAt(point));
    assertThatThrownBy(() -> crashing.apply(allTo(stable))).isInstanceOf(Crash.class);

    proxy.apply(allTo(stable));

    assertThat(proxy.observe().config()).contains(allTo(stable));
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("stable");
  }

  @ParameterizedTest
  @EnumSource(
      value = CrashPoint.class,
      names = {"PROXY_AFTER_WRITE", "PROXY_AFTER_RELOAD"})
  void aCrashDuringAChangeIsMended(CrashPoint point) throws IOException {
    proxy.apply(allTo(stable));
    Proxy crashing = open(directory, new CrashAt(point));
    assertThatThrownBy(() -> crashing.apply(config(100))).isInstanceOf(Crash.class);
    assertThat(RawHttp.get(port, "/").status()).isEqualTo(200);

    proxy.apply(config(100));

    assertThat(proxy.observe().config()).contains(config(100));
    assertThat(RawHttp.get(port, "/").text()).isEqualTo("canary");
  }

  private record CrashAt(CrashPoint where) implements CrashPoints {
    @Override
    public void at(CrashPoint point) {
      if (point == where) {
        throw new Crash();
      }
    }
  }

  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }
}
