package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.Backend;
import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.platform.Route;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy whose admin socket answers now and then only, for want of a processor. */
class BusyEmbeddedProxyTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", System.getenv("PATH"));

  @TempDir Path directory;

  @Test
  void oneThatAnsweredIsNotKilledForTheNextAnswer() throws Exception {
    Path pidFile = directory.resolve(StateFolder.PID_FILE);
    DetachedProcess process =
        DetachedProcess.start(
            List.of("sleep", "60"), ENVIRONMENT, directory, directory.resolve("log"), pidFile);
    try (ServerSocketChannel admin = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      admin.bind(UnixDomainSocketAddress.of(new SocketFolder(directory, ENVIRONMENT).next()));
      Thread answering = new Thread(() -> answer(admin));
      answering.setDaemon(true);
      answering.start();

      new EmbeddedProxy(directory, ListenAddress.LOOPBACK, ENVIRONMENT, CrashPoints.NONE)
          .apply(config());

      assertThat(process.running()).as("it still runs").isTrue();
    } finally {
      // where it was killed, another one stands in its place
      DetachedProcess.find(pidFile).orElse(process).signal(DetachedProcess.Signal.KILL);
      new SocketFolder(directory, ENVIRONMENT).clear();
    }
  }

  /** The first question about its status, and an order; no other question in time. */
  private static void answer(ServerSocketChannel admin) {
    boolean answered = false;
    while (admin.isOpen()) {
      try (SocketChannel asking = admin.accept()) {
        ByteBuffer order = ByteBuffer.allocate(64);
        asking.read(order);
        boolean status = new String(order.array(), StandardCharsets.UTF_8).startsWith("status");
        if (status && answered) {
          TimeUnit.MILLISECONDS.sleep(1500);
        }
        answered |= status;
        String said = status ? "{\"digest\":\"other\",\"draining\":0,\"stopping\":false}" : "ok";
        asking.write(StandardCharsets.UTF_8.encode(said));
      } catch (IOException e) {
        continue; // who asked waits no longer, or the test is over
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static ProxyConfig config() {
    ProxySettings settings =
        new ProxySettings(
            "demo",
            Spec.Defaults.NGINX_IMAGE,
            Port.of(ProxyFixture.freePort()),
            Spec.Defaults.PROXY_TIMEOUT,
            Spec.Defaults.DRAIN_TIMEOUT,
            Optional.empty(),
            Optional.empty(),
            Spec.Defaults.NETWORK);
    return new ProxyConfig(
        new Route(settings, List.of(new Backend(ProxyFixture.STABLE, 100, 1))),
        new TreeMap<>(
            Map.of(ProxyFixture.STABLE, List.of(new Endpoint("127.0.0.1", Port.of(3000))))));
  }
}
