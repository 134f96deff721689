package dev.swiftdeploy.local.policy;

import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyEngineContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Against a real opa: that of SWIFTDEPLOY_OPA, else the one on the PATH; none is a failure. */
class OwnOpaEngineIT extends PolicyEngineContract {
  @Override
  protected PolicyEngine open(Path policies) {
    return new OwnOpaEngine(
        policies, new OpaProcesses(folder(), System.getenv()), OpaWorld.PATIENT);
  }

  private Path folder() {
    try {
      return Files.createTempDirectory(temporary, "opa");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected void close(PolicyEngine engine) {
    engine.close();
  }
}
