package dev.swiftdeploy.local.process;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformRouteContract;
import dev.swiftdeploy.core.platform.PlatformWorld;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.local.proxy.EmbeddedProxy;
import dev.swiftdeploy.local.proxy.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** Processes behind a real embedded proxy. */
class ProcessPlatformEmbeddedIT extends PlatformRouteContract {
  @TempDir Path temp;

  @Override
  protected PlatformWorld newWorld() throws IOException {
    return new ProcessWorld(
        temp,
        "demo",
        new EmbeddedProxy(
            temp.resolve("proxy"), ListenAddress.LOOPBACK, System.getenv(), CrashPoints.NONE),
        Port.of(FreePort.from(28080, Set.of()).orElseThrow()));
  }
}
