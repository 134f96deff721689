package dev.swiftdeploy.adapters.policy;

import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyEngineContract;
import java.nio.file.Path;

class EmbeddedPolicyEngineContractTest extends PolicyEngineContract {
  @Override
  protected PolicyEngine open(Path policies) {
    return new EmbeddedPolicyEngine(policies, TestEngines.OPTIONS);
  }

  @Override
  protected void close(PolicyEngine engine) {
    ((EmbeddedPolicyEngine) engine).close();
  }
}
