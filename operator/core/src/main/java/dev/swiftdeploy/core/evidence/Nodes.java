package dev.swiftdeploy.core.evidence;

import java.util.List;
import java.util.Optional;

/**
 * The nodes of a cluster that a resource's pods run on; before there are pods, those that take
 * some.
 *
 * @param known empty: nodes are not looked at, or may not be
 */
public record Nodes(Optional<List<Node>> known) implements Machines {
  /** Nothing is known of any node. */
  public static final Nodes UNKNOWN = new Nodes(Optional.empty());

  public Nodes {
    known = known.map(List::copyOf);
  }
}
