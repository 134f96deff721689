package dev.swiftdeploy.kubernetes.host;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How an operator runs.
 *
 * @param namespaces whose resources it delivers; empty: all of the cluster
 * @param nodes whether it reads the conditions of nodes, for which it needs the right
 * @param kubelets how they are asked what nodes have left; empty: they aren't. Needs {@code nodes}
 * @param leaseNamespace where its lease is
 * @param leaseName of the lease that only the leader holds
 * @param identity that names this process in the lease
 * @param lease for how long it lasts unrenewed: so long nobody leads after a leader was killed
 * @param address where health and metrics are served; empty: nowhere
 * @param threads how many resources are reconciled at once
 */
public record OperatorOptions(
    Set<String> namespaces,
    boolean nodes,
    Optional<KubeletTrust> kubelets,
    String leaseNamespace,
    String leaseName,
    String identity,
    Duration lease,
    Optional<InetSocketAddress> address,
    int threads) {
  /** The usual lease's name. */
  public static final String LEASE = "swiftdeploy-operator";

  /** The usual duration of a lease. */
  public static final Duration LEASE_DURATION = Duration.ofSeconds(15);

  /** The usual number of threads: they wait for the API server most of the time. */
  public static final int THREADS = 16;

  public OperatorOptions {
    namespaces = Set.copyOf(namespaces);
  }

  /** A leader that could not renew for so long gives up. */
  Duration renewDeadline() {
    return lease.multipliedBy(2).dividedBy(3);
  }

  /** Between two renewals, each of which is two requests. */
  Duration renewal() {
    return lease.multipliedBy(4).dividedBy(15);
  }
}
