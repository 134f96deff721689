package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operator's own metrics, by the conventions of Prometheus: seconds, and totals that grow. */
public final class OperatorMetrics implements Metrics {
  private final CollectorRegistry registry = new CollectorRegistry();

  private final Counter decisions =
      Counter.build(
              "swiftdeploy_decisions_total",
              "Answers of policy on record; reason is the first violation")
          .labelNames("transition", "verdict", "reason", "enact")
          .register(registry);

  private final Counter transitions =
      Counter.build("swiftdeploy_transitions_total", "Transitions that ended")
          .labelNames("transition", "outcome")
          .register(registry);

  private final Counter repairs =
      Counter.build("swiftdeploy_repairs_total", "Repairs on record").register(registry);

  private final Histogram evaluation =
      Histogram.build("swiftdeploy_decision_seconds", "Time in which policy answered")
          .buckets(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5)
          .register(registry);

  private final Histogram append =
      Histogram.build("swiftdeploy_audit_append_seconds", "Time until a record was durable")
          .buckets(.0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)
          .register(registry);

  private final Counter appendFailures =
      Counter.build("swiftdeploy_audit_append_failures_total", "Records that were not taken")
          .register(registry);

  private final Histogram reconciliation =
      Histogram.build("swiftdeploy_reconcile_seconds", "Time of a reconciliation")
          .buckets(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)
          .register(registry);

  private final Counter reconciliationFailures =
      Counter.build(
              "swiftdeploy_reconcile_failures_total", "Reconciliations that ended in an error")
          .register(registry);

  private final Gauge queue =
      Gauge.build("swiftdeploy_queue", "Resources that wait for a thread").register(registry);

  private final Gauge leader =
      Gauge.build("swiftdeploy_leader", "1 while this process leads").register(registry);

  private final Counter requests =
      Counter.build("swiftdeploy_api_requests_total", "Requests to the API server")
          .labelNames("verb", "resource", "code")
          .register(registry);

  private final Gauge resources =
      Gauge.build("swiftdeploy_resources", "Resources whose loop this process runs")
          .register(registry);

  private final Gauge policy =
      Gauge.build("swiftdeploy_policy_info", "1 for the policy that decides")
          .labelNames("engine", "digest")
          .register(registry);

  private final Gauge policyRefused =
      Gauge.build(
              "swiftdeploy_policy_refused",
              "1 while the policies that are there can't be used and others decide, or none")
          .register(registry);

  private final Gauge started =
      Gauge.build("process_start_time_seconds", "When this process began, since the epoch")
          .register(registry);

  private final Gauge heap = Gauge.build("jvm_memory_used_bytes", "Heap in use").register(registry);

  public OperatorMetrics() {
    started.set(java.lang.management.ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
  }

  /** A record was appended in so many seconds. */
  void recorded(Entry entry, double seconds) {
    append.observe(seconds);
    if (entry instanceof Entry.Decided decided) {
      decisions
          .labels(
              decided.transition().kind().word(),
              decided.verdict().word(),
              reason(decided),
              String.valueOf(decided.enact()))
          .inc();
    } else if (entry instanceof Entry.Repaired) {
      repairs.inc();
    }
  }

  private static String reason(Entry.Decided decided) {
    if (decided.verdict() == Verdict.UNAVAILABLE) {
      return decided.unavailable().map(u -> u.kind().reason()).orElse("");
    }
    List<Violation> blocking = decided.decision().map(d -> d.blocking()).orElse(List.of());
    return decided.verdict() == Verdict.ALLOWED || blocking.isEmpty()
        ? ""
        : blocking.get(0).policy() + "/" + blocking.get(0).code();
  }

  void ended(String transition, String outcome) {
    transitions.labels(transition, outcome).inc();
  }

  void appendFailed() {
    appendFailures.inc();
  }

  void evaluated(double seconds) {
    evaluation.observe(seconds);
  }

  void apiRequest(String verb, String resource, String code) {
    requests.labels(verb, resource, code).inc();
  }

  void leads(boolean does) {
    leader.set(does ? 1 : 0);
  }

  /** This policy decides from now on; an empty digest: none. */
  void decides(String engine, String digest) {
    policy.clear();
    if (!digest.isEmpty()) {
      policy.labels(engine, digest).set(1);
    }
  }

  void refusesPolicy(boolean does) {
    policyRefused.set(does ? 1 : 0);
  }

  /** So many loops run. */
  void loops(int number) {
    resources.set(number);
  }

  // what JOSDK tells

  @Override
  public void reconciliationSubmitted(
      HasMetadata resource, @Nullable RetryInfo retry, Map<String, Object> metadata) {
    queue.inc();
  }

  @Override
  public void reconciliationStarted(HasMetadata resource, Map<String, Object> metadata) {
    queue.dec();
  }

  @Override
  public void reconciliationFailed(
      HasMetadata resource,
      @Nullable RetryInfo retry,
      Exception exception,
      Map<String, Object> metadata) {
    reconciliationFailures.inc();
  }

  @Override
  public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
    Histogram.Timer timer = reconciliation.startTimer();
    try {
      return execution.execute();
    } finally {
      timer.observeDuration();
    }
  }

  /** In Prometheus's text format 0.0.4. */
  public String text() {
    heap.set((double) (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()));
    StringWriter out = new StringWriter();
    try {
      TextFormat.write004(out, registry.metricFamilySamples());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  /** The sum of a counter's samples whose labels hold all that is given; for tests and benches. */
  public double sum(String counter, Map<String, String> labels) {
    double sum = 0;
    for (io.prometheus.client.Collector.MetricFamilySamples family :
        java.util.Collections.list(registry.metricFamilySamples())) {
      for (io.prometheus.client.Collector.MetricFamilySamples.Sample sample : family.samples) {
        if (sample.name.equals(counter)
            && labels.entrySet().stream()
                .allMatch(
                    l -> {
                      int at = sample.labelNames.indexOf(l.getKey());
                      return at >= 0 && sample.labelValues.get(at).equals(l.getValue());
                    })) {
          sum += sample.value;
        }
      }
    }
    return sum;
  }
}
