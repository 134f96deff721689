package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.nio.file.Path;
import java.util.Map;

/** Against a real nginx: that of SWIFTDEPLOY_NGINX, else the one on the PATH; none is a failure. */
class NginxProxyIT extends ProxyContract {
  @Override
  Proxy open(Path directory, CrashPoints crashPoints) {
    String nginx = System.getenv().getOrDefault("SWIFTDEPLOY_NGINX", "nginx");
    return new NginxProxy(
        Path.of(nginx),
        directory,
        ListenAddress.LOOPBACK,
        Map.of("PATH", System.getenv("PATH")),
        crashPoints);
  }

  /** Every reload replaces the workers. */
  @Override
  Object generation(Path directory) {
    return new NginxMaster(DetachedProcess.find(directory.resolve("process")).orElseThrow())
        .serving();
  }

  @Override
  Path file(Path directory) {
    return directory.resolve("nginx.conf");
  }
}
