package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.FakeKubelet;
import dev.swiftdeploy.kubernetes.FakeService;
import dev.swiftdeploy.kubernetes.audit.KubernetesAuditLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two operators, each a process of its own: the leader is stopped, woken, and killed. */
class OperatorFailoverOnCluster {
  private static final int LEASE_SECONDS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private Cluster cluster;
  private FakeKubelet kubelet;
  private FakeService service;
  private final List<Process> processes = new ArrayList<>();

  @BeforeEach
  void start() {
    cluster = new Cluster();
    service = new FakeService();
    kubelet = new FakeKubelet(cluster.client(), cluster.namespace(), number -> "127.0.0.1");
  }

  @AfterEach
  void stop() {
    processes.forEach(Process::destroyForcibly);
    kubelet.close();
    service.close();
    cluster.close();
  }

  private Process operator(String identity) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                OperatorMain.class.getName(),
                cluster.namespace(),
                identity,
                String.valueOf(LEASE_SECONDS),
                "../../policies")
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(Path.of("target/" + identity + ".log").toFile()))
            .start();
    processes.add(process);
    return process;
  }

  private static void signal(Process process, String signal) throws Exception {
    int exit =
        new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
    assertThat(exit).isZero();
  }

  private String kubectl(String... arguments) {
    return cluster.kubectl(arguments).output();
  }

  private void declare(String version) {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: shop}
        spec:
          services: {image: "shop@sha256:%s", version: "%s", port: %d}
          canary:
            steps: [{weight: 20, hold: 4s}, {weight: 60}]
            analysis: {interval: 1s, window: 5s}
        """
            .formatted("a1".repeat(32), version, service.port());
    Cluster.Ran ran = cluster.kubectlWith(text, "apply", "-f", "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
  }

  private void awaitStatus(String path, String value) {
    await(path + " = " + value)
        .atMost(PATIENCE)
        .until(() -> kubectl("get", "sd", "shop", "-o", "jsonpath=" + path).equals(value));
  }

  private void awaitServing(String version) {
    awaitStatus(
        "{.status.stable.version}{.status.candidate.version}"
            + "{.status.conditions[?(@.type==\"Ready\")].status}"
            + "{.status.conditions[?(@.type==\"Reconciling\")].status}",
        version + "TrueFalse");
  }

  private void awaitLeader(String identity) {
    await(identity + " leads")
        .atMost(PATIENCE)
        .until(
            () ->
                kubectl("get", "lease", "-o", "jsonpath={.items[0].spec.holderIdentity}")
                    .equals(identity));
  }

  /** All that an operator writes, by version, but for events. */
  private String written() {
    return kubectl(
        "get",
        "sd,tr,deploy,svc,cm,netpol,controllerrevisions",
        "-o",
        "jsonpath={range .items[*]}{.kind}/{.metadata.name}@{.metadata.resourceVersion} {end}");
  }

  private List<AuditRecord> chain() {
    KubernetesAuditLog log =
        new KubernetesAuditLog(
            cluster.client(),
            cluster.namespace(),
            ResourceName.of("shop"),
            kubectl("get", "sd", "shop", "-o", "jsonpath={.metadata.uid}"),
            Clock.systemUTC());
    assertThat(log.damage()).isEmpty();
    return log.records();
  }

  private long enacted(List<AuditRecord> chain) {
    return chain.stream()
        .filter(r -> r.entry() instanceof Entry.Decided d && d.enact())
        .filter(r -> ((Entry.Decided) r.entry()).verdict().word().equals("allowed"))
        .count();
  }

  @Test
  void aLeaderThatIsStoppedAndWokenOrKilledLeavesOneRollout() throws Exception {
    Process first = operator("first");
    awaitLeader("first");
    declare("1.0.0");
    awaitServing("1.0.0");
    Process second = operator("second");

    declare("2.0.0");
    awaitStatus("{.status.candidate.version}", "2.0.0");
    signal(first, "STOP");
    awaitLeader("second");
    awaitServing("2.0.0");

    String before = written();
    signal(first, "CONT");
    assertThat(first.waitFor(30, TimeUnit.SECONDS)).as("who can't lead any more ends").isTrue();
    assertThat(first.exitValue()).isEqualTo(1);
    assertThat(written()).as("and has changed nothing").isEqualTo(before);

    operator("third");
    declare("3.0.0");
    awaitStatus("{.status.candidate.version}", "3.0.0");
    second.destroyForcibly();
    awaitLeader("third");
    awaitServing("3.0.0");

    List<AuditRecord> chain = chain();
    assertThat(enacted(chain)).as("a deploy, and twice canary, advance, promote").isEqualTo(7);
    assertThat(chain.stream().filter(r -> r.entry() instanceof Entry.Applied)).hasSize(7);
  }
}
