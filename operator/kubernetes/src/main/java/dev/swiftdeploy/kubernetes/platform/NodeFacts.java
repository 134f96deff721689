package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.core.evidence.HostFacts;
import dev.swiftdeploy.core.evidence.NodeStats;
import dev.swiftdeploy.core.evidence.Nodes;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that a resource's pods run on: their conditions, and what they have left. Before there
 * are pods: of those that take new ones, since they would run on one of them; where none takes any,
 * of all, which tells why.
 */
public final class NodeFacts implements HostFacts {
  private static final Set<String> KEEPS_OUT = Set.of("NoSchedule", "NoExecute");

  /** Port: what nodes have left, by their names; nothing of those that were not asked. */
  public interface Stats {
    /** Nobody is asked. */
    Stats NONE = nodes -> Map.of();

    Map<String, NodeStats> of(List<Node> nodes);
  }

  private final Supplier<Optional<List<Node>>> nodes;
  private final Stats stats;
  private final KnownObjects known;
  private final KubernetesSite site;

  /**
   * @param nodes all of the cluster, from what watches have shown; empty: they are not watched
   */
  public NodeFacts(
      Supplier<Optional<List<Node>>> nodes, Stats stats, KnownObjects known, KubernetesSite site) {
    this.nodes = nodes;
    this.stats = stats;
    this.known = known;
    this.site = site;
  }

  @Override
  public Nodes read() {
    return nodes.get().map(all -> new Nodes(Optional.of(concerned(all)))).orElse(Nodes.UNKNOWN);
  }

  private List<dev.swiftdeploy.core.evidence.Node> concerned(List<Node> all) {
    Map<String, Node> byName = new TreeMap<>();
    all.forEach(node -> byName.put(node.getMetadata().getName(), node));
    Set<String> names = running();
    if (names.isEmpty()) {
      byName.values().stream()
          .filter(NodeFacts::takesPods)
          .forEach(node -> names.add(node.getMetadata().getName()));
    }
    if (names.isEmpty()) {
      names.addAll(byName.keySet());
    }
    Map<String, NodeStats> left =
        stats.of(names.stream().map(byName::get).filter(Objects::nonNull).toList());
    List<dev.swiftdeploy.core.evidence.Node> found = new ArrayList<>();
    for (String name : names) {
      found.add(
          new dev.swiftdeploy.core.evidence.Node(
              name, conditions(byName.get(name)), left.getOrDefault(name, NodeStats.UNASKED)));
    }
    return found;
  }

  private Set<String> running() {
    Set<String> names = new TreeSet<>();
    known.of(Pod.class, site).stream()
        .filter(pod -> !PodInstance.ended(pod))
        .map(pod -> pod.getSpec().getNodeName())
        .filter(name -> name != null && !name.isEmpty())
        .forEach(names::add);
    return names;
  }

  private static boolean takesPods(Node node) {
    return !Boolean.TRUE.equals(node.getSpec().getUnschedulable())
        && node.getSpec().getTaints().stream()
            .noneMatch(taint -> KEEPS_OUT.contains(taint.getEffect()));
  }

  private static SortedMap<String, String> conditions(@Nullable Node node) {
    SortedMap<String, String> conditions = new TreeMap<>();
    if (node != null && node.getStatus() != null) {
      for (NodeCondition condition : node.getStatus().getConditions()) {
        conditions.put(condition.getType(), condition.getStatus());
      }
    }
    return conditions;
  }
}
