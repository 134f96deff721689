package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.host.Crash;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.host.KubeletTrust;
import dev.swiftdeploy.kubernetes.host.OperatorLog;
import dev.swiftdeploy.kubernetes.host.OperatorOptions;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import dev.swiftdeploy.kubernetes.policy.LastPolicy;
import dev.swiftdeploy.kubernetes.release.Registry;
import dev.swiftdeploy.kubernetes.release.RegistryCredentials;
import dev.swiftdeploy.kubernetes.release.RegistryReleaseResolver;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Puts an operator together and runs it to its end. Only loaded where there is a client. */
final class ClusterOperator {
  private static final Duration REMEMBERED = Duration.ofMinutes(1);

  private ClusterOperator() {}

  /**
   * Whether kubelets are asked, and whom of them to believe.
   *
   * @param insecure everybody who says to be one
   */
  record Kubelets(boolean asked, Optional<Path> authority, boolean insecure) {}

  /** As the command line has it. */
  record Wanted(
      Optional<String> context,
      List<String> namespaces,
      boolean nodes,
      Kubelets kubelets,
      OperatorPolicyOptions.Judge judge,
      Optional<Path> registryCredentials,
      Optional<Path> registryCa,
      Optional<InetSocketAddress> address,
      Optional<String> leaseNamespace,
      String leaseName,
      boolean json) {}

  /** Until it is told to end, or can't lead any more: an exit code. */
  static int run(Wanted wanted) throws InterruptedException {
    Config config = config(wanted.context());
    OperatorLog log = new OperatorLog(System.err, wanted.json());
    log.takeLibraries();
    OperatorProcess process =
        new OperatorProcess(
            options(wanted, config),
            config,
            wanted.judge().engine(),
            wanted.judge().used(),
            new RegistryReleaseResolver(registry(wanted), Clock.systemUTC(), REMEMBERED),
            Crash.fromEnvironment(),
            log);
    Thread end =
        new Thread(
            () -> {
              log.say("Stopping", "what is being done is finished, then it ends");
              process.close();
              log.say("Stopped", "the services run on");
              Runtime.getRuntime().halt(Exit.DONE);
            },
            "operator-end");
    Runtime.getRuntime().addShutdownHook(end);
    String failure = "";
    try {
      process.start();
      if (process.await()) {
        end.join(); // it was told to end, and does
      }
    } catch (PlatformException e) {
      failure = e.getMessage() + ". Fix: " + e.fix();
    } catch (IOException e) {
      String address = wanted.address().map(a -> a.getHostString() + ":" + a.getPort()).orElse("");
      failure =
          address + ": " + reason(e) + ". Fix: name another --metrics-address HOST:PORT, or none";
    } catch (RuntimeException e) {
      failure = reason(e);
    }
    if (!failure.isEmpty()) {
      if (toldToEnd(end)) {
        end.join(); // that is why it can't start, and no failure
      }
      log.warn("Failed", failure);
    }
    // At once: who can't lead any more must not go on writing, in whatever order.
    Runtime.getRuntime().halt(Exit.FAILED);
    return Exit.FAILED;
  }

  /** Whether the JVM is ending, and with it that hook is at work. */
  private static boolean toldToEnd(Thread end) {
    try {
      Runtime.getRuntime().removeShutdownHook(end);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private static String reason(Exception e) {
    StringBuilder reason = new StringBuilder(String.valueOf(e.getMessage()));
    for (@Nullable Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null && reason.indexOf(cause.getMessage()) < 0) {
        reason.append(": ").append(cause.getMessage());
      }
    }
    return reason.toString();
  }

  /**
   * The policy that decided before this operator. What keeps it from being known is told, and there
   * is none.
   *
   * @param leaseNamespace empty: the context's
   */
  static Optional<PolicyBundle> lastPolicy(
      Optional<String> context, Optional<String> leaseNamespace, String leaseName, boolean json) {
    Config config = config(context);
    try (KubernetesClient client = ApiClients.open(config)) {
      return new LastPolicy(client, leaseNamespace.orElse(own(config)), leaseName).read();
    } catch (KubernetesClientException e) {
      new OperatorLog(System.err, json)
          .warn("LastPolicyUnknown", "the policy that decided last can't be had: " + reason(e));
      return Optional.empty();
    }
  }

  private static String own(Config config) {
    return config.getNamespace() == null ? "default" : config.getNamespace();
  }

  private static Config config(Optional<String> context) {
    try {
      return ApiClients.config(context);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          Exit.USAGE,
          String.valueOf(e.getMessage()),
          "see which there are: kubectl config get-contexts");
    }
  }

  private static Registry registry(Wanted wanted) {
    try {
      return new Registry(
          wanted.registryCredentials().map(RegistryCredentials::new), wanted.registryCa());
    } catch (IOException e) {
      throw new CommandFailure(
          Exit.USAGE, "--registry-ca: " + e.getMessage(), "name a PEM file of certificates");
    }
  }

  private static OperatorOptions options(Wanted wanted, Config config) {
    return new OperatorOptions(
        Set.copyOf(wanted.namespaces()),
        wanted.nodes(),
        wanted.kubelets().asked()
            ? Optional.of(
                new KubeletTrust(wanted.kubelets().authority(), wanted.kubelets().insecure()))
            : Optional.empty(),
        wanted.leaseNamespace().orElse(own(config)),
        wanted.leaseName(),
        identity(),
        OperatorOptions.LEASE_DURATION,
        wanted.address(),
        OperatorOptions.THREADS);
  }

  /** The pod's name, and what makes this one of several starts its own. */
  private static String identity() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "operator";
    }
    return host + "-" + UUID.randomUUID().toString().substring(0, 8);
  }
}
