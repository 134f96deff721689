package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.adapters.metrics.MetricsThreads;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.operator.Around;
import dev.swiftdeploy.kubernetes.operator.SwiftDeployReconciler;
import dev.swiftdeploy.kubernetes.platform.NodeFacts;
import dev.swiftdeploy.kubernetes.policy.KubernetesPolicyArchive;
import dev.swiftdeploy.kubernetes.policy.LastPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One operator: watches, takes part in the election of a leader, reconciles while it leads, and
 * serves its health. It ends when it is told to, or when it can't lead any more.
 */
public final class OperatorProcess implements AutoCloseable {
  private static final Duration BEAT = Duration.ofMillis(200);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration LONGEST_END = Duration.ofSeconds(8);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
  private static final double RETRY_GROWTH = 2;

  private final OperatorOptions options;
  private final OperatorLog log;
  private final PolicyEngine policy;
  private final OperatorMetrics metrics = new OperatorMetrics();
  private final Fence fence;
  private final KubernetesClient client;
  private final MetricsThreads scrapes = new MetricsThreads();
  private final SwiftDeployReconciler reconciler;
  private final Operator operator;
  private final Optional<KubeletStats> kubelets;
  private final ScheduledExecutorService heart = daemon("operator-heart");
  private final ScheduledExecutorService reports = daemon("operator-policy");
  private final PolicyReports policyReports;
  private final LastPolicy last;
  private final Health health;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean stopping = new AtomicBoolean();
  private volatile boolean lost;
  private @Nullable OperatorServer server;
  private @Nullable Future<?> beating;
  private @Nullable Future<?> looking;

  /**
   * Prepares; nothing is asked yet.
   *
   * @param policy who judges; closed with it
   * @param used where it keeps every policy it uses; empty where that is not known
   * @param crashPoints told what is passed
   */
  public OperatorProcess(
      OperatorOptions options,
      Config config,
      PolicyEngine policy,
      Optional<PolicyArchive> used,
      ReleaseResolver resolver,
      CrashPoints crashPoints,
      OperatorLog log) {
    this.options = options;
    this.log = log;
    this.policy = new SharedRevision(new MeasuredPolicyEngine(policy, metrics), System::nanoTime);
    this.fence = new Fence(options.lease(), System::nanoTime);
    ApiRequests requests = new ApiRequests(fence, metrics, crashPoints);
    this.client = ApiClients.open(config, requests);
    this.kubelets =
        options.kubelets().map(trust -> KubeletStats.open(trust, config, Clock.systemUTC(), log));
    KubernetesPolicyArchive archive = new KubernetesPolicyArchive(client);
    this.last = new LastPolicy(client, options.leaseNamespace(), options.leaseName());
    this.reconciler =
        new SwiftDeployReconciler(
            new Around(
                client,
                this.policy,
                resolver,
                options.nodes(),
                kubelets.<NodeFacts.Stats>map(asked -> asked).orElse(NodeFacts.Stats.NONE),
                Clock.systemUTC(),
                scrapes,
                crashPoints,
                (namespace, digest) ->
                    used.ifPresent(
                        policies -> {
                          archive.keep(namespace, digest, policies);
                          keepLast(digest, policies);
                        }),
                audit -> new MeasuredAuditLog(audit, metrics),
                log::event),
            metrics::loops);
    this.operator = new Operator(this::configure);
    this.policyReports = new PolicyReports(this.policy, metrics, log);
    this.health = new Health(operator, this.policy, fence, requests);
  }

  /** For the next operator; without it this one decides as well. */
  private void keepLast(String digest, PolicyArchive used) {
    if (last.is(digest)) {
      return;
    }
    try {
      used.read(digest).ifPresent(last::keep);
    } catch (KubernetesClientException e) {
      log.warn(
          "PolicyNotKept", "an operator that starts anew can't go on with it: " + e.getMessage());
    }
  }

  private static ScheduledExecutorService daemon(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** The constructor is the only way to say that a lost lease is this process's own matter. */
  @SuppressWarnings("deprecation")
  private void configure(ConfigurationServiceOverrider configuration) {
    configuration
        .withKubernetesClient(client)
        .withMetrics(metrics)
        .withConcurrentReconciliationThreads(options.threads())
        .withReconciliationTerminationTimeout(LONGEST_END)
        .withCloseClientOnStop(false)
        .withLeaderElectionConfiguration(
            new LeaderElectionConfiguration(
                options.leaseName(),
                options.leaseNamespace(),
                options.lease(),
                options.renewDeadline(),
                options.renewal(),
                options.identity(),
                new LeaderCallbacks(this::leads, this::leadsNoMore, this::leader),
                false));
  }

  private void configure(ControllerConfigurationOverrider<SwiftDeployResource> c) {
    c.withGenerationAware(false)
        .withOnUpdateFilter(SwiftDeployReconciler::calls)
        .withRetry(
            new GenericRetry()
                .setInitialInterval(FIRST_RETRY.toMillis())
                .setMaxInterval(LONGEST_RETRY.toMillis())
                .setIntervalMultiplier(RETRY_GROWTH)
                .setMaxAttempts(-1));
    if (!options.namespaces().isEmpty()) {
      c.settingNamespaces(options.namespaces());
    }
  }

  /**
   * Starts: returns when the watches have shown what is there.
   *
   * @throws IOException if the address can't be listened on
   * @throws PlatformException if the cluster has not the resources that are watched
   * @throws RuntimeException if the API server can't be asked, or refuses what is needed
   */
  public void start() throws IOException {
    beating = heart.scheduleWithFixedDelay(this::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
    looking =
        reports.scheduleWithFixedDelay(
            policyReports::look, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
    if (options.address().isPresent()) {
      server = new OperatorServer(options.address().get(), health, metrics);
      log.say("Serving", "health and metrics at port " + server.port());
    }
    requireKind(SwiftDeployResource.class);
    requireKind(TransitionResource.class);
    operator.register(reconciler, this::configure);
    operator.start();
    log.say(
        "Started",
        options.identity()
            + " watches "
            + (options.namespaces().isEmpty()
                ? "all namespaces"
                : "the namespaces " + String.join(", ", options.namespaces())));
  }

  /** A watch of what is not there tells it in a hundred lines. */
  private void requireKind(Class<? extends HasMetadata> kind) {
    ListOptions one = new ListOptionsBuilder().withLimit(1L).build();
    try {
      if (options.namespaces().isEmpty()) {
        client.resources(kind).inAnyNamespace().list(one);
      } else {
        client.resources(kind).inNamespace(options.namespaces().iterator().next()).list(one);
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
      throw new PlatformException(
          "the cluster "
              + client.getMasterUrl()
              + " has no "
              + HasMetadata.getFullResourceName(kind),
          "kubectl apply --server-side -f crds",
          e);
    }
  }

  private void beat() {
    if (!fence.open()) {
      leadsNoMore();
    }
  }

  private void leads() {
    metrics.leads(true);
    log.say("Leading", options.identity() + " leads");
  }

  private void leader(String who) {
    if (who.isBlank()) {
      log.say("Waiting", "nobody leads: the lease was given back");
    } else if (!who.equals(options.identity())) {
      log.say("Waiting", who + " leads");
    }
  }

  /** Nothing is written from here on: somebody else may lead. */
  private void leadsNoMore() {
    metrics.leads(false);
    if (!stopping.get() && ended.getCount() > 0) {
      fence.close();
      lost = true;
      log.warn(
          "LeaseLost", "the lease is lost, or could not be renewed in time: this process ends");
      ended.countDown();
    }
  }

  /**
   * Waits for its end.
   *
   * @return false: it can't lead any more
   */
  public boolean await() throws InterruptedException {
    ended.await();
    return !lost;
  }

  /** Its metrics, for tests and benches. */
  public OperatorMetrics metrics() {
    return metrics;
  }

  /** Where health and metrics are served; empty where they aren't. */
  public Optional<Integer> port() {
    return Optional.ofNullable(server).map(OperatorServer::port);
  }

  /** Ends in order: what is being reconciled is finished, and the lease is given back. */
  @Override
  public void close() {
    if (!stopping.compareAndSet(false, true)) {
      return;
    }
    try {
      operator.stop();
    } catch (RuntimeException e) {
      log.warn("StopFailed", String.valueOf(e.getMessage()));
    }
    reconciler.close();
    scrapes.close();
    kubelets.ifPresent(KubeletStats::close);
    fence.retire();
    giveBack();
    if (beating != null) {
      beating.cancel(true);
    }
    if (looking != null) {
      looking.cancel(true);
    }
    heart.shutdownNow();
    reports.shutdownNow();
    if (server != null) {
      server.close();
    }
    policy.close();
    client.close();
    ended.countDown();
  }

  /** So that the next one need not wait until it runs out. */
  private void giveBack() {
    try {
      @Nullable Lease lease =
          client.leases().inNamespace(options.leaseNamespace()).withName(options.leaseName()).get();
      if (lease != null && options.identity().equals(lease.getSpec().getHolderIdentity())) {
        lease.getSpec().setHolderIdentity("");
        lease.getSpec().setLeaseDurationSeconds(1);
        client.resource(lease).update();
      }
    } catch (KubernetesClientException e) {
      log.warn("LeaseKept", "the lease runs out by itself: " + e.getMessage());
    }
  }
}
