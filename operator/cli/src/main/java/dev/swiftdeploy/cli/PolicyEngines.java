package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.OpaProgram;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicyBuilder;
import dev.swiftdeploy.adapters.policy.PolicySource;
import dev.swiftdeploy.adapters.policy.UnaskedPolicy;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.local.compose.OpaContainers;
import dev.swiftdeploy.local.daemon.Workspace;
import dev.swiftdeploy.local.policy.OpaProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The policy engine that a manifest asks for, as different commands need it. */
final class PolicyEngines {
  private PolicyEngines() {}

  /**
   * For the daemon, where there is a Docker engine: decides with an OPA in a container, whatever
   * engine the manifest names, unless it is a server elsewhere.
   */
  static PolicyEngine decidingInContainer(
      Workspace workspace, Resource resource, OpaContainers containers, Optional<String> last) {
    Spec.Policy policy = resource.spec().policy();
    if (policy.engine() == Spec.Engine.OPA && policy.url().isPresent()) {
      containers.close(); // of a time when the manifest named no other judge
      return accepted(policy.url().get());
    }
    PolicyArchive archive = new PolicyArchive(workspace.policies());
    return new OwnOpaEngine(
        directory(workspace, policy),
        containers,
        OwnOpaEngine.Options.DEFAULTS.withSource(source(archive, last).withArchive(archive)));
  }

  /**
   * For the daemon: decides, and keeps every policy it uses.
   *
   * @param last digest of the policy that decided last
   */
  static PolicyEngine deciding(Workspace workspace, Resource resource, Optional<String> last) {
    PolicyArchive archive = new PolicyArchive(workspace.policies());
    PolicySource.Options source = source(archive, last).withArchive(archive);
    OpaProcesses processes =
        new OpaProcesses(workspace.resource(resource.name()).resolve("opa"), System.getenv());
    if (!ownOpa(resource.spec().policy())) {
      processes.close(); // of a daemon that was killed, before the manifest named another judge
    }
    return engine(workspace, resource, source, () -> processes);
  }

  private static PolicySource.Options source(PolicyArchive archive, Optional<String> last) {
    return compiling().withLast(() -> last.flatMap(archive::read));
  }

  /** Rego that was changed is compiled where there is an opa. */
  static PolicySource.Options compiling() {
    return PolicySource.Options.DEFAULTS.withBuilder(PolicyEngines::builder);
  }

  /** Compiles policies where there is an opa; without one they have to be built elsewhere. */
  private static Optional<PolicyBuilder> builder() {
    try {
      return Optional.of(new PolicyBuilder(OpaProgram.find(System.getenv())));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean ownOpa(Spec.Policy policy) {
    return policy.engine() == Spec.Engine.OPA && policy.url().isEmpty();
  }

  /** For commands that ask and change nothing: an OPA of theirs, gone with them. */
  static PolicyEngine asking(Workspace workspace, Resource resource, Optional<String> last) {
    return engine(
        workspace,
        resource,
        source(new PolicyArchive(workspace.policies()), last),
        PolicyEngines::temporaryProcesses);
  }

  /** For commands that only look. */
  static PolicyEngine unasked(Workspace workspace, Resource resource, Optional<String> last) {
    Spec.Policy policy = resource.spec().policy();
    return policy.url().isPresent() && policy.engine() == Spec.Engine.OPA
        ? asking(workspace, resource, last)
        : new UnaskedPolicy(
            directory(workspace, policy),
            policy.engine() == Spec.Engine.OPA ? OwnOpaEngine.NAME : EmbeddedPolicyEngine.NAME,
            last.flatMap(new PolicyArchive(workspace.policies())::read));
  }

  private static PolicyEngine engine(
      Workspace workspace,
      Resource resource,
      PolicySource.Options source,
      Supplier<OpaProcesses> processes) {
    Spec.Policy policy = resource.spec().policy();
    Path directory = directory(workspace, policy);
    if (policy.engine() == Spec.Engine.EMBEDDED) {
      return new EmbeddedPolicyEngine(directory, embedded().withSource(source));
    }
    return policy.url().isPresent()
        ? accepted(policy.url().get())
        : new OwnOpaEngine(
            directory, processes.get(), OwnOpaEngine.Options.DEFAULTS.withSource(source));
  }

  private static AcceptedOpaEngine accepted(String url) {
    Path file = PolicyServer.file(System.getenv());
    return new AcceptedOpaEngine(url, () -> PolicyServer.accepted(file, url));
  }

  static OpaProcesses temporaryProcesses() {
    try {
      OpaProcesses processes =
          new OpaProcesses(Files.createTempDirectory("swiftdeploy-opa"), System.getenv());
      Runtime.getRuntime().addShutdownHook(new Thread(processes::close, "opa-end"));
      return processes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gone with this process. */
  static PolicyArchive temporaryArchive() {
    try {
      Path folder = Files.createTempDirectory("swiftdeploy-policies");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder), "policies-end"));
      return new PolicyArchive(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      return; // the system clears its temporary files
    }
  }

  static EmbeddedPolicyEngine.Options embedded() {
    return EmbeddedPolicyEngine.Options.DEFAULTS.withCache(userCache().resolve("policies"));
  }

  /** Where a manifest's policies are. */
  static Path directory(Workspace workspace, Spec.Policy policy) {
    return policy
        .directory()
        .map(d -> workspace.folder().resolve(d))
        .orElseGet(PolicyEngines::shipped);
  }

  /** The policies that come with SwiftDeploy. */
  static Path shipped() {
    @Nullable String home = System.getProperty("swiftdeploy.home");
    return Path.of(home == null ? "." : home).resolve("policies");
  }

  private static Path userCache() {
    @Nullable String xdg = System.getenv("XDG_CACHE_HOME");
    return xdg != null && !xdg.isEmpty()
        ? Path.of(xdg, "swiftdeploy")
        : Path.of(System.getProperty("user.home", "."), ".cache", "swiftdeploy");
  }
}
