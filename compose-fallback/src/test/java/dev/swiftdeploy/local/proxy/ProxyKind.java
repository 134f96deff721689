package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What tests must know of each kind of proxy. */
enum ProxyKind {
  /** Against a real one: that of SWIFTDEPLOY_NGINX, else the one on the PATH; none is a failure. */
  NGINX("nginx.conf") {
    @Override
    Proxy open(Path directory, CrashPoints crashPoints) {
      String nginx = System.getenv().getOrDefault("SWIFTDEPLOY_NGINX", "nginx");
      return new NginxProxy(
          Path.of(nginx), directory, ListenAddress.LOOPBACK, ENVIRONMENT, crashPoints);
    }

    /** Every reload replaces the workers. */
    @Override
    Object generation(Path directory) {
      return new NginxMaster(process(directory)).serving();
    }
  },

  EMBEDDED("proxy.conf") {
    @Override
    Proxy open(Path directory, CrashPoints crashPoints) {
      return new EmbeddedProxy(directory, ListenAddress.LOOPBACK, ENVIRONMENT, crashPoints);
    }

    @Override
    Object generation(Path directory) {
      Path socket = new SocketFolder(directory, ENVIRONMENT).current().orElseThrow();
      String status = AdminSocket.ask(socket, "status\n", Duration.ofSeconds(5)).orElseThrow();
      return List.of(
          process(directory).pid(), status.replaceAll(".*\"generation\":(\\d+).*", "$1"));
    }
  };

  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", System.getenv("PATH"));

  private final String file;

  ProxyKind(String file) {
    this.file = file;
  }

  /** Another object for the same proxy, as after a restart of the daemon. */
  abstract Proxy open(Path directory, CrashPoints crashPoints);

  /** Changes whenever a configuration is taken or the proxy is started, and only then. */
  abstract Object generation(Path directory);

  /** The file that holds the configuration. */
  Path file(Path directory) {
    return directory.resolve(file);
  }

  static DetachedProcess process(Path directory) {
    return DetachedProcess.find(directory.resolve(StateFolder.PID_FILE)).orElseThrow();
  }
}
