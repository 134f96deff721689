package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.host.OperatorLog;
import dev.swiftdeploy.kubernetes.host.OperatorOptions;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import dev.swiftdeploy.kubernetes.release.Registry;
import dev.swiftdeploy.kubernetes.release.RegistryReleaseResolver;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Operators in the test's own process, with a real client. */
public final class Operators {
  private Operators() {}

  /** One that has started, for the resources of one namespace. */
  public static OperatorProcess start(String namespace, PolicyEngine policy) {
    return start(namespace, policy, ApiClients.config(Optional.empty()));
  }

  /** The same, as whoever that configuration says. */
  public static OperatorProcess start(String namespace, PolicyEngine policy, Config config) {
    return start(
        options(namespace, false, identity(), OperatorOptions.LEASE_DURATION),
        policy,
        Optional.empty(),
        config,
        CrashPoints.NONE);
  }

  /** One that keeps what it decides with, as the installed one does. */
  public static OperatorProcess keeping(
      String namespace,
      PolicyEngine policy,
      PolicyArchive used,
      Config config,
      String identity,
      Duration lease,
      CrashPoints crashPoints) {
    return start(
        options(namespace, false, identity, lease), policy, Optional.of(used), config, crashPoints);
  }

  /** One that reads the conditions of nodes, too. */
  static OperatorProcess watchingNodes(String namespace, PolicyEngine policy) {
    return start(
        options(namespace, true, identity(), OperatorOptions.LEASE_DURATION),
        policy,
        Optional.empty(),
        ApiClients.config(Optional.empty()),
        CrashPoints.NONE);
  }

  static String identity() {
    return "test-" + UUID.randomUUID();
  }

  private static OperatorOptions options(
      String namespace, boolean nodes, String identity, Duration lease) {
    return new OperatorOptions(
        Set.of(namespace),
        nodes,
        Optional.empty(),
        namespace,
        OperatorOptions.LEASE,
        identity,
        lease,
        Optional.of(new InetSocketAddress("127.0.0.1", 0)),
        OperatorOptions.THREADS);
  }

  private static OperatorProcess start(
      OperatorOptions options,
      PolicyEngine policy,
      Optional<PolicyArchive> used,
      Config config,
      CrashPoints crashPoints) {
    OperatorProcess process =
        new OperatorProcess(
            options,
            config,
            policy,
            used,
            new RegistryReleaseResolver(new Registry(), Clock.systemUTC(), Duration.ofMinutes(1)),
            crashPoints,
            new OperatorLog(System.err, false));
    try {
      process.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return process;
  }
}
