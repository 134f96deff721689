package dev.swiftdeploy.cli;

import dev.swiftdeploy.local.daemon.Workspace;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a command is about: a manifest of this machine, or a namespace of a cluster. */
final class PlaceOption {
  @Mixin private ManifestOption manifest = new ManifestOption();
  @Mixin private ContextOption context = new ContextOption();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "In a cluster, this namespace. Default: the context's")
  private @Nullable String namespace;

  /** Whether it is about a cluster: a context or a namespace is named. */
  boolean cluster() {
    boolean cluster = namespace != null || context.context().isPresent();
    if (cluster && manifest.given()) {
      throw new CommandFailure(
          Exit.USAGE,
          "-f names a manifest of this machine, --namespace and --context a cluster",
          "name one of both");
    }
    return cluster;
  }

  Optional<String> context() {
    return context.context();
  }

  Optional<String> namespace() {
    return Optional.ofNullable(namespace);
  }

  Workspace workspace() {
    return manifest.workspace();
  }

  /**
   * On a machine a chain has no part that could be named.
   *
   * @param named what names one, where it is given
   */
  void requireWholeChain(@Nullable String... named) {
    if (!cluster() && Stream.of(named).anyMatch(Objects::nonNull)) {
      throw new CommandFailure(
          Exit.USAGE,
          "on this machine a chain is of the whole manifest, and of no single resource",
          "leave the resource out, or name a cluster's --namespace");
    }
  }

  /** The resource that is named with an option. */
  @Nullable String resource() {
    return manifest.resource();
  }

  /** The resource that is named with an option, or else without one. */
  Optional<String> resource(@Nullable String parameter) {
    if (parameter != null && manifest.resource() != null) {
      throw new CommandFailure(
          Exit.USAGE,
          "two resources are named: " + parameter + " and " + manifest.resource(),
          "name one");
    }
    return Optional.ofNullable(parameter == null ? manifest.resource() : parameter);
  }
}
