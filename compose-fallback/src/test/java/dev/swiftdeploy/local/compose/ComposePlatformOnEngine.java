package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.platform.PlatformContract;
import dev.swiftdeploy.core.platform.PlatformWorld;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Containers of a real engine, behind a real nginx in one. */
class ComposePlatformOnEngine extends PlatformContract {
  @TempDir Path temp;

  @Override
  protected PlatformWorld newWorld() throws IOException {
    return new ComposeWorld(temp, "demo");
  }
}
