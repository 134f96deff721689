package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** An operator that is a process of its own: {@code NAMESPACE IDENTITY LEASE_SECONDS POLICIES}. */
final class OperatorMain {
  private OperatorMain() {}

  public static void main(String[] args) throws InterruptedException {
    OperatorProcess process =
        Operators.start(
            args[0],
            new EmbeddedPolicyEngine(Path.of(args[3]), EmbeddedPolicyEngine.Options.DEFAULTS),
            ApiClients.config(Optional.empty()),
            args[1],
            Duration.ofSeconds(Long.parseLong(args[2])),
            CrashPoints.NONE);
    Runtime.getRuntime().halt(process.await() ? 0 : 1);
  }
}
