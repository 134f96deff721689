package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.FakeKubelet;
import dev.swiftdeploy.kubernetes.FakeService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands against a real control plane, each a process of its own, beside the real operator,
 * another one. Pods are made ready, and answer, by fakes.
 */
class CommandsOnCluster {
  private static final Path POLICIES = Path.of("../../policies");
  private static final Path VERIFIER = Path.of("../../docs/verify_chain.py");
  private static final String PROMOTED = "known good";

  @TempDir private Path folder;
  private Path policies;
  private Cluster cluster;
  private FakeKubelet kubelet;
  private FakeService service;
  private Process operator;

  @BeforeEach
  void start() throws IOException {
    cluster = new Cluster();
    service = new FakeService();
    kubelet = new FakeKubelet(cluster.client(), cluster.namespace(), number -> "127.0.0.1");
    policies = folder.resolve("policies");
    copyPolicies();
    threshold("min_disk_free_gb", 0); // this machine is not what is judged here
    threshold("max_load_per_cpu", 10_000);
    threshold("max_memory_used_percent", 100);
    operator = startOperator();
  }

  @AfterEach
  void stop() {
    operator.destroyForcibly();
    kubelet.close();
    service.close();
    cluster.close();
  }

  private void copyPolicies() throws IOException {
    try (Stream<Path> files = Files.walk(POLICIES)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = policies.resolve(POLICIES.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  private void threshold(String name, int value) throws IOException {
    Path data = policies.resolve("data.json");
    JsonNode json = Json.MAPPER.readTree(data.toFile());
    ((ObjectNode) json.at("/swiftdeploy/thresholds")).put(name, value);
    Files.writeString(data, Json.MAPPER.writeValueAsString(json));
  }

  private static List<String> java(String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
    command.addAll(List.of(words));
    return command;
  }

  private Process startOperator() throws IOException {
    return new ProcessBuilder(
            java(
                "operator",
                "--namespace",
                cluster.namespace(),
                "--lease-namespace",
                cluster.namespace(),
                "--metrics-address",
                "none",
                "--policies",
                policies.toString(),
                "--log",
                "text"))
        .redirectErrorStream(true)
        .redirectOutput(Path.of("target/commands-operator.log").toFile())
        .start();
  }

  /** Runs {@code swiftdeploy … --namespace} the test's own. */
  private Ran swiftdeploy(String... words) throws Exception {
    return swiftdeploy(Map.of(), words);
  }

  private Ran swiftdeploy(Map<String, String> environment, String... words) throws Exception {
    List<String> command = java(words);
    command.addAll(List.of("--namespace", cluster.namespace()));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(180, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it does not end: " + command + Files.readString(err));
    }
    return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private void declare(String version) {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: checkout}
        spec:
          services: {image: "shop@sha256:%s", version: "%s", port: %d}
          canary:
            steps: [{weight: 20, hold: 3s}, {weight: 60, hold: 600s}]
            analysis: {interval: 1s, window: 5s}
        """
            .formatted("a1".repeat(32), version, service.port());
    Cluster.Ran ran = cluster.kubectlWith(text, "apply", "-f", "-");
    assertThat(ran.exit()).as(ran.output()).isZero();
  }

  private String kubectl(String... arguments) {
    Cluster.Ran ran = cluster.kubectl(arguments);
    assertThat(ran.exit()).as(ran.output()).isZero();
    return ran.output();
  }

  private void deploy() {
    declare("1.0.0");
    awaitThat(
        "1.0.0",
        "4Converged",
        "get",
        "sd",
        "checkout",
        "-o",
        "jsonpath={.status.chain.seq}{.status.conditions[?(@.type==\"Ready\")].reason}");
  }

  private void awaitThat(String what, String said, String... kubectl) {
    await(what)
        .atMost(Duration.ofSeconds(180))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> cluster.kubectl(kubectl).output().contains(said));
  }

  @Test
  void aReleaseIsLookedAtPromotedExplainedRolledBackAndProven() throws Exception {
    deploy();

    Ran status = swiftdeploy("status");
    assertThat(status.exit()).as(status.toString()).isZero();
    assertThat(status.out())
        .startsWith("checkout  READY  Converged\n")
        .contains("stable      1.0.0 (", "ready       1 of 1", "/0 healthy  127.0.0.1:")
        .contains("ADMITTED    deploy", ", applied  d-")
        .contains("cluster: context local, namespace " + cluster.namespace());
    JsonNode json = Json.MAPPER.readTree(swiftdeploy("status", "checkout", "-o", "json").out());
    assertThat(json.at("/resources/0/stable/version").asText()).isEqualTo("1.0.0");
    assertThat(json.at("/resources/0/stable/actual_weight").asInt()).isEqualTo(100);
    assertThat(json.at("/resources/0/conditions/0/status").asText()).isEqualTo("TRUE");

    declare("2.0.0");
    awaitThat(
        "policy's answer to a promotion",
        "promoteAllowed",
        "get",
        "tr",
        "-o",
        "jsonpath={range .items[*]}{.spec.kind}{.spec.verdict} {end}");
    Ran promoted = swiftdeploy("promote", "stable", "--now", "--reason", PROMOTED);
    assertThat(promoted.exit()).as(promoted.toString()).isZero();
    assertThat(promoted.err()).contains("READY  checkout  2.0.0 (");

    Ran back = swiftdeploy("rollback", "checkout", "--reason", "it is slow");
    assertThat(back.exit()).as(back.toString()).isZero();
    assertThat(back.err()).contains("rolled back: 1.0.0 (");
    assertThat(swiftdeploy("rollback").exit()).as("nothing before that").isEqualTo(Exit.USAGE);
    Ran refused = swiftdeploy("promote", "stable");
    assertThat(refused.exit()).isEqualTo(Exit.BLOCKED);
    assertThat(refused.err()).contains("is refused", "kubectl annotate sd checkout");

    Ran explained = swiftdeploy("explain");
    assertThat(explained.out()).startsWith("ADMITTED: rollback").contains("outcome     applied");
    assertThat(swiftdeploy("audit", "--output", "-").out())
        .startsWith("# Audit report")
        .contains(PROMOTED);
    assertThat(swiftdeploy("replay").out()).startsWith("REPLAYED");
    aDifferentAnswerIsNamed();
    theExportVerifies();
  }

  /** A record that the archived policy would not have made. */
  private void aDifferentAnswerIsNamed() throws Exception {
    threshold("max_p99_ms", 1);
    Ran flips = swiftdeploy("what-if", "--policies", policies.toString(), "-o", "json");

    assertThat(flips.exit()).isEqualTo(Exit.FAILED);
    JsonNode flip = Json.MAPPER.readTree(flips.out()).at("/flips/0");
    assertThat(flip.path("resource").asText()).isEqualTo("checkout");
    assertThat(flip.path("seq").asLong()).isPositive();
  }

  private void theExportVerifies() throws Exception {
    // The status may be a few records behind: its head is in the chain.
    String[] end =
        kubectl("get", "sd", "checkout", "-o", "jsonpath={.status.chain.seq}:{.status.chain.head}")
            .split(":");
    String seq = end[0];
    String head = end[1];
    Path file = folder.resolve("checkout.jsonl");
    Ran exported = swiftdeploy("audit", "export", "--output", file.toString());
    assertThat(exported.exit()).as(exported.toString()).isZero();
    Process python =
        new ProcessBuilder(
                "python3", VERIFIER.toString(), "--head", seq + ":" + head, file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).startsWith("OK ");
    assertThat(python.waitFor()).isZero();
    assertThat(swiftdeploy("audit", "verify", "checkout", "--head", seq + ":" + head).exit())
        .isZero();
    assertThat(swiftdeploy("audit", "verify", "--head", "1:" + head).err())
        .contains("its record 1 is not the one that the given head knows");
  }

  @Test
  void whatPolicyStopsEndsWithItsExitCodeAndWhatIsMissingIsNamed() throws Exception {
    deploy();
    threshold("max_p99_ms", 1);
    threshold("max_failed_reviews", 100_000); // it stays, to be explained
    declare("2.0.0");

    Ran blocked = swiftdeploy("promote", "stable");
    assertThat(blocked.exit()).as(blocked.toString()).isEqualTo(Exit.BLOCKED);
    assertThat(blocked.err()).contains("BLOCKED: Latency too high: p99");
    Ran explained = swiftdeploy("explain", "--resource", "checkout");
    assertThat(explained.out())
        .contains("rule canary/latency_too_high: Latency too high", "threshold 1\n");

    Ran none = swiftdeploy("status", "nosuch");
    assertThat(none.exit()).isEqualTo(Exit.USAGE);
    assertThat(none.err())
        .startsWith(
            "swiftdeploy: there is no SwiftDeploy nosuch in namespace " + cluster.namespace());
    assertThat(swiftdeploy("status", "--context", "nosuch").err())
        .startsWith("swiftdeploy: the kubeconfig has no context nosuch\n");
    assertThat(swiftdeploy(Map.of("KUBECONFIG", "/nosuch"), "status").err())
        .startsWith("swiftdeploy: there is no kubeconfig: /nosuch is not there\n");
    assertThat(swiftdeploy(Map.of("KUBECONFIG", kubeconfig("127.0.0.1:1", "")), "status").err())
        .startsWith("swiftdeploy: the API server https://127.0.0.1:1/ does not answer: ");
    kubectl("create", "serviceaccount", "nobody");
    String token = kubectl("create", "token", "nobody").strip();
    assertThat(swiftdeploy(Map.of("KUBECONFIG", kubeconfig("", token)), "audit", "verify").err())
        .startsWith(
            "swiftdeploy: you may not list swiftdeploys.swiftdeploy.dev in namespace "
                + cluster.namespace());
  }

  /** The cluster's own, with another server or token. */
  private String kubeconfig(String server, String token) throws IOException {
    String text = Files.readString(Path.of(System.getenv("KUBECONFIG")));
    if (!server.isEmpty()) {
      text = text.replaceAll("https://[0-9.:]+", "https://" + server);
    }
    if (!token.isEmpty()) {
      text = text.replaceAll("token: \"[^\"]*\"", "token: \"" + token + "\"");
    }
    Path file = folder.resolve("kubeconfig-" + token.length()); // a colon would part two files
    Files.writeString(file, text);
    return file.toString();
  }

  @Test
  void whatAnAdministratorDoesToTheChainIsFoundAndNamed() throws Exception {
    deploy();
    assertThat(swiftdeploy("audit", "verify").err()).startsWith("VERIFIED  checkout  4 records");
    operator.destroy();
    assertThat(operator.waitFor(180, TimeUnit.SECONDS)).as("it sees nothing of this").isTrue();
    String uid = kubectl("get", "sd", "checkout", "-o", "jsonpath={.metadata.uid}");
    List<String> names = kubectl("get", "tr", "-o", "name").lines().toList();

    forge(uid, names.get(3));
    damaged("forged: kubectl-create wrote record 5, and not the operator");
    kubectl("delete", "tr", uid + "-0000000005");

    kubectl("label", names.get(2), "swiftdeploy.dev/uid-");
    damaged("the operator does not see it");
    kubectl("label", names.get(2), "swiftdeploy.dev/uid=" + uid);
    assertThat(swiftdeploy("audit", "verify").exit()).isZero();

    pastTheRules(
        () ->
            kubectl(
                "patch",
                names.get(2),
                "--type=merge",
                "-p",
                "{\"spec\":{\"verdict\":\"Denied\"}}"));
    damaged("edited: spec.verdict is Denied, and its record says Allowed");

    kubectl("delete", names.get(3));
    kubectl("delete", names.get(2));
    damaged("records 3 to 4 are gone, and the status knows record 4");
    Ran json = swiftdeploy("audit", "verify", "-o", "json");
    assertThat(Json.MAPPER.readTree(json.out()).at("/chains/0/damage/kind").asText())
        .isEqualTo("truncated");

    kubectl("delete", names.get(0));
    damaged(uid + "-0000000002: record 1 is missing");
    aPersonTakesNote();
  }

  /** Transitions stand still before, not after, and the damage goes on to be named. */
  private void aPersonTakesNote() throws Exception {
    operator = startOperator();
    await("the operator to find it")
        .atMost(Duration.ofSeconds(180))
        .until(
            () ->
                kubectl("get", "sd", "checkout", "-o", "jsonpath={.status.conditions}")
                    .contains("\"AuditDamaged\""));
    assertThat(swiftdeploy("status").out()).contains("AuditDamaged");

    Ran noted = swiftdeploy("audit", "acknowledge", "--reason", "deleted by mistake");

    assertThat(noted.exit()).as(noted.toString()).isZero();
    // The record that had admitted what runs is lost: it runs on, and a person decides about it.
    await("the operator to go on")
        .atMost(Duration.ofSeconds(180))
        .until(
            () ->
                kubectl("get", "sd", "checkout", "-o", "jsonpath={.status.conditions}")
                    .contains("\"StateLost\""));
    assertThat(kubectl("get", "deploy", "-o", "name")).contains("checkout-stable-");
    damaged("record 1 is missing");
    assertThat(kubectl("get", "tr")).contains("acknowledged");
  }

  private void damaged(String message) throws Exception {
    Ran verified = swiftdeploy("audit", "verify");
    assertThat(verified.exit()).as(verified.toString()).isEqualTo(Exit.FAILED);
    assertThat(verified.err()).startsWith("DAMAGED  checkout, transition ").contains(message);
  }

  /** A record that follows the last one as it should, with every right hash. */
  private void forge(String uid, String last) throws Exception {
    String line = kubectl("get", last, "-o", "jsonpath={.spec.line}");
    String hash = Json.MAPPER.readTree(line).path("hash").asText();
    String covered =
        "{\"seq\":5,\"ts\":\""
            + java.time.Instant.now().truncatedTo(java.time.temporal.ChronoUnit.MILLIS)
            + "\",\"type\":\"stopped\",\"resource\":\"checkout\",\"by\":\"mallory\",\"prev\":\""
            + hash
            + "\"";
    ObjectNode object = Json.MAPPER.createObjectNode();
    object.put("apiVersion", "swiftdeploy.dev/v1alpha1").put("kind", "Transition");
    object
        .putObject("metadata")
        .put("name", uid + "-0000000005")
        .putObject("labels")
        .put("swiftdeploy.dev/uid", uid)
        .put("swiftdeploy.dev/resource", "checkout");
    object
        .putObject("spec")
        .put("resource", "checkout")
        .put("uid", uid)
        .put("seq", 5)
        .put("type", "stopped")
        .put("time", Json.MAPPER.readTree(covered + "}").path("ts").asText())
        .put(
            "line",
            covered
                + ",\"hash\":\""
                + dev.swiftdeploy.core.release.Digests.sha256(covered)
                + "\"}");
    Cluster.Ran made = cluster.kubectlWith(object.toString(), "create", "-f", "-");
    assertThat(made.exit()).as(made.output()).isZero();
  }

  /** While the CRD's rules are not in force. */
  private void pastTheRules(Runnable edit) {
    String crd = "transitions.swiftdeploy.dev";
    String rules = "/spec/versions/0/schema/openAPIV3Schema";
    String validations = "/x-kubernetes-validations";
    String patch =
        "[{\"op\":\"remove\",\"path\":\"%s%s\"},{\"op\":\"remove\",\"path\":\"%s/properties/spec%s\"}]"
            .formatted(rules, validations, rules, validations);
    kubectl("patch", "crd", crd, "--type=json", "-p", patch);
    try {
      await("the rules to go")
          .atMost(Duration.ofSeconds(180))
          .ignoreExceptions()
          .untilAsserted(edit::run);
    } catch (AssertionError e) {
      throw new AssertionError("it can't be edited", e);
    } finally {
      kubectl(
          "apply",
          "--server-side",
          "--force-conflicts",
          "-f",
          Path.of("../../crds/" + crd + ".yaml").toString());
    }
  }
}
