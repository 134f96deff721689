package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.platform.PlatformRestartContract;
import dev.swiftdeploy.core.platform.PlatformWorld;
import dev.swiftdeploy.core.spec.Port;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ProcessPlatformContractTest extends PlatformRestartContract {
  @TempDir Path temp;

  @Override
  protected PlatformWorld newWorld() throws IOException {
    return new ProcessWorld(temp, "demo", new InMemoryProxy(), Port.of(28080));
  }
}
