package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.audit.TransitionChain;
import dev.swiftdeploy.kubernetes.client.ClusterNamespace;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** The namespace that a command is about. Only loaded where there is a client of Kubernetes. */
final class Cluster implements AutoCloseable {
  /** Kept, or its level would be forgotten. */
  private static final Logger LIBRARIES = Logger.getLogger("");

  private final ClusterNamespace namespace;
  private final String options;

  private Cluster(ClusterNamespace namespace, String options) {
    this.namespace = namespace;
    this.options = options;
  }

  /** Opens a client; nothing is asked yet. */
  static Cluster open(PlaceOption place) {
    LIBRARIES.setLevel(Level.OFF); // what fails is told by the command, once
    String options =
        place.context().map(c -> " --context " + c).orElse("")
            + place.namespace().map(n -> " --namespace " + n).orElse("");
    try {
      return new Cluster(ClusterNamespace.open(place.context(), place.namespace()), options);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          Exit.USAGE,
          String.valueOf(e.getMessage()),
          "see which contexts there are: kubectl config get-contexts; another kubeconfig:"
              + " KUBECONFIG=FILE");
    }
  }

  ClusterNamespace namespace() {
    return namespace;
  }

  /** {@code context staging, namespace shop}. */
  String label() {
    return namespace.label();
  }

  /** How a person gives that command about this namespace. */
  String command(String words) {
    return "swiftdeploy " + words + options;
  }

  /** The resource that is meant. */
  SwiftDeployResource pick(Optional<String> name) {
    if (name.isPresent()) {
      return namespace.resource(name.get()).orElseThrow(() -> none(name));
    }
    List<SwiftDeployResource> all = namespace.resources();
    if (all.isEmpty()) {
      throw none(name);
    }
    if (all.size() > 1) {
      throw severalResources(
          all.stream()
              .map(r -> r.getMetadata().getName())
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    return all.get(0);
  }

  /** Why a resource isn't there. */
  CommandFailure none(Optional<String> name) {
    requireNamespace();
    return new CommandFailure(
        Exit.USAGE,
        name.map(n -> "there is no SwiftDeploy " + n + " in namespace " + namespace.name())
            .orElse("there is no SwiftDeploy in namespace " + namespace.name()),
        "see where there are some: kubectl get swiftdeploys --all-namespaces");
  }

  private void requireNamespace() {
    if (!namespace.there()) {
      throw new CommandFailure(
          Exit.USAGE,
          "there is no namespace " + namespace.name(),
          "see which there are: kubectl get namespaces");
    }
  }

  private CommandFailure severalResources(Set<String> names) {
    return new CommandFailure(
        Exit.USAGE,
        "namespace " + namespace.name() + " holds several resources: " + String.join(", ", names),
        "name one");
  }

  /**
   * Chains, at least one.
   *
   * @param name of the resource; empty: any
   * @param uid of the resource; empty: any
   * @param heads that have to be in it
   */
  List<TransitionChain> chains(
      Optional<String> name, Optional<String> uid, List<Damages.Known> heads) {
    List<TransitionChain> chains =
        namespace.chains(heads).stream()
            .filter(c -> name.isEmpty() || c.resource().equals(name.get()))
            .filter(c -> uid.isEmpty() || c.uid().equals(uid.get()))
            .toList();
    if (chains.isEmpty()) {
      requireNamespace();
      throw new CommandFailure(
          Exit.FAILED,
          "there is no audit chain"
              + name.map(n -> " of " + n).orElse("")
              + " in namespace "
              + namespace.name(),
          "it begins with the first decision; see: kubectl get swiftdeploys,transitions -n "
              + namespace.name());
    }
    return chains;
  }

  /** The one chain that is meant: of several of one name, that of the resource that is there. */
  TransitionChain chain(Optional<String> name, Optional<String> uid) {
    List<TransitionChain> chains = chains(name, uid, List.of());
    Set<String> names =
        chains.stream()
            .map(TransitionChain::resource)
            .collect(Collectors.toCollection(TreeSet::new));
    if (names.size() > 1) {
      throw severalResources(names);
    }
    Optional<String> present =
        chains.size() == 1
            ? Optional.empty()
            : namespace.resource(names.iterator().next()).map(r -> r.getMetadata().getUid());
    return chains.stream()
        .filter(c -> present.filter(c.uid()::equals).isPresent())
        .findFirst()
        .orElseGet(() -> chains.stream().max(Comparator.comparing(Cluster::last)).orElseThrow());
  }

  private static Instant last(TransitionChain chain) {
    return chain.last().orElse(Instant.MIN);
  }

  @Override
  public void close() {
    namespace.close();
  }
}
