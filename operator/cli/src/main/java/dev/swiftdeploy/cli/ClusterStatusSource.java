package dev.swiftdeploy.cli;

import dev.swiftdeploy.kubernetes.client.ClusterWatch;
import dev.swiftdeploy.kubernetes.client.Statuses;
import dev.swiftdeploy.local.daemon.StatusFile;
import java.util.Optional;

/** A cluster's status. Only loaded where there is a client of Kubernetes. */
final class ClusterStatusSource implements StatusSource {
  private final Cluster cluster;
  private final ClusterWatch watch;

  private ClusterStatusSource(Cluster cluster, ClusterWatch watch) {
    this.cluster = cluster;
    this.watch = watch;
  }

  /**
   * Starts to follow.
   *
   * @param name of the resource; empty: all of the namespace
   */
  static StatusSource open(PlaceOption place, Optional<String> name) {
    Cluster cluster = Cluster.open(place);
    try {
      ClusterStatusSource source =
          new ClusterStatusSource(cluster, ClusterWatch.open(cluster.namespace(), name));
      Statuses first = source.watch.statuses();
      if (first.resources().isEmpty() && first.problems().isEmpty()) {
        throw cluster.none(name);
      }
      return source;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  @Override
  public Said now(boolean keep) {
    return latest();
  }

  @Override
  public Said latest() {
    Statuses all = watch.statuses();
    return new Said(
        new StatusFile.Document(0, all.problems(), all.resources()),
        "resource ",
        "cluster: "
            + cluster.label()
            + (watch.connected() ? "" : "; the API server does not answer"));
  }

  @Override
  public void close() {
    watch.close();
    cluster.close();
  }
}
