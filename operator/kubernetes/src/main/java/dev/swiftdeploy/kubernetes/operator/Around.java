package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.adapters.metrics.MetricsThreads;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import dev.swiftdeploy.kubernetes.platform.NodeFacts;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * What all resources' loops share.
 *
 * @param policy who judges all resources; none of them chooses
 * @param nodes whether the cluster's nodes are watched, for which there has to be the right
 * @param scrapes the threads on which workloads are asked for their metrics
 * @param stats what is asked about nodes
 * @param crashPoints told what is passed
 * @param policies keeps the policy of a digest in a namespace, before a record names it
 * @param audited what stands around each audit log, to count and to time
 * @param log is told each event, too
 */
public record Around(
    KubernetesClient client,
    PolicyEngine policy,
    ReleaseResolver resolver,
    boolean nodes,
    NodeFacts.Stats stats,
    Clock clock,
    MetricsThreads scrapes,
    CrashPoints crashPoints,
    BiConsumer<String, String> policies,
    UnaryOperator<AuditLog> audited,
    BiConsumer<KubernetesSite, Event> log) {}
