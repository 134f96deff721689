package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.host.Crash;
import dev.swiftdeploy.adapters.host.LocalHostFacts;
import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.ForeignOpaEngine;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicySource;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.host.OperatorLog;
import dev.swiftdeploy.kubernetes.host.OperatorOptions;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import dev.swiftdeploy.kubernetes.release.Registry;
import dev.swiftdeploy.kubernetes.release.RegistryReleaseResolver;
import io.fabric8.kubernetes.client.Config;
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

  /** As the command line has it. */
  record Wanted(
      Optional<String> context,
      List<String> namespaces,
      Path policies,
      boolean ownOpa,
      Optional<String> policyServer,
      Optional<Path> policyToken,
      Optional<Path> policyCa,
      Optional<InetSocketAddress> address,
      Optional<String> leaseNamespace,
      String leaseName,
      boolean json) {}

  /** Until it is told to end, or can't lead any more: an exit code. */
  static int run(Wanted wanted) throws InterruptedException {
    Config config = config(wanted);
    OperatorLog log = new OperatorLog(System.err, wanted.json());
    log.takeLibraries();
    PolicyArchive used = PolicyEngines.temporaryArchive();
    OperatorProcess process =
        new OperatorProcess(
            options(wanted, config),
            config,
            policy(wanted, used),
            wanted.policyServer().isPresent() ? Optional.empty() : Optional.of(used),
            new RegistryReleaseResolver(new Registry(), Clock.systemUTC(), REMEMBERED),
            new LocalHostFacts(Path.of("").toAbsolutePath()),
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
    try {
      process.start();
      if (process.await()) {
        end.join(); // it was told to end, and does
      }
    } catch (RuntimeException | IOException e) {
      log.warn("Failed", reason(e));
    }
    // At once: who can't lead any more must not go on writing, in whatever order.
    Runtime.getRuntime().halt(Exit.FAILED);
    return Exit.FAILED;
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

  private static Config config(Wanted wanted) {
    try {
      return ApiClients.config(wanted.context());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          Exit.USAGE,
          String.valueOf(e.getMessage()),
          "see which there are: kubectl config get-contexts");
    }
  }

  private static OperatorOptions options(Wanted wanted, Config config) {
    String own = config.getNamespace() == null ? "default" : config.getNamespace();
    return new OperatorOptions(
        Set.copyOf(wanted.namespaces()),
        wanted.leaseNamespace().orElse(own),
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

  private static PolicyEngine policy(Wanted wanted, PolicyArchive used) {
    if (wanted.policyServer().isPresent()) {
      return new ForeignOpaEngine(
          new PolicyServer(
                  wanted.policyServer().get(),
                  wanted.policyToken().map(Path::toString),
                  wanted.policyCa().map(Path::toString))
              .connection());
    }
    PolicySource.Options kept = PolicySource.Options.DEFAULTS.withArchive(used);
    return wanted.ownOpa()
        ? new OwnOpaEngine(
            wanted.policies(),
            PolicyEngines.temporaryProcesses(),
            OwnOpaEngine.Options.DEFAULTS.withSource(kept))
        : new EmbeddedPolicyEngine(wanted.policies(), PolicyEngines.embedded().withSource(kept));
  }
}
