package dev.swiftdeploy.kubernetes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.adapters.manifest.ManifestReader;
import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.kubernetes.Cluster;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What kubectl and a real API server make of the resources. */
class CrdsOnCluster {
  private static final Path MANIFEST = Path.of("../../manifest.yaml");
  private static Cluster cluster;

  @BeforeAll
  static void connect() {
    cluster = new Cluster();
    for (String kind : List.of("sd", "tr")) { // discovery takes a moment
      await(kind)
          .atMost(Duration.ofMinutes(5))
          .until(() -> cluster.kubectl("explain", kind).exit() == 0);
    }
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  private static String resource(String name, String services, String rest) {
    return """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: %s}
        spec:
          services: {%s}
        %s"""
        .formatted(name, services, rest.isEmpty() ? "" : rest.indent(2));
  }

  @Test
  void theManifestOfAMachineIsTakenAndComesBackAsItWas() throws Exception {
    Cluster.Ran applied = cluster.kubectl("apply", "-f", MANIFEST.toString());
    assertThat(applied.output()).contains("swiftdeploy.swiftdeploy.dev/demo created");

    assertThat(cluster.kubectl("diff", "-f", MANIFEST.toString()).output())
        .as("nothing differs after an apply")
        .isEmpty();
    SwiftDeployResource there =
        Serialization.unmarshal(
            cluster.kubectl("get", "sd", "demo", "-o", "yaml").output(), SwiftDeployResource.class);
    there.getMetadata().getAnnotations().clear();
    assertThat(((ManifestResult.Manifest) ResourceReader.read(there)).resources())
        .isEqualTo(
            ((ManifestResult.Manifest)
                    ManifestReader.read(Files.readAllBytes(MANIFEST), "manifest.yaml", "demo"))
                .resources());
    assertThat(cluster.kubectl("apply", "-f", MANIFEST.toString()).output()).contains("unchanged");
    assertThat(cluster.kubectl("get", "all", "-o", "name").output())
        .as("category all")
        .contains("swiftdeploy.swiftdeploy.dev/demo");
  }

  static Stream<Arguments> bad() {
    String good = "image: \"app:1.0\"";
    return Stream.of(
        of("", "", "spec.services.image: Required value"),
        of(
            "image: \"App:1\"",
            "",
            "spec.services.image: Invalid value: \"string\": \"App:1\" is not an image reference such as"
                + " registry.example.com/team/app:1.2.3"),
        of(
            "image: \"app:_x\"",
            "",
            "spec.services.version: Invalid value: \"object\": version is missing, and the image's"
                + " tag is no version: write version: \"1.0.0\""),
        of(
            good + ", version: \"a b\"",
            "",
            "spec.services.version: Invalid value: \"string\": \"a b\" is not"
                + " a version: letters, digits, and . _ + - between them, at most 63 characters"),
        of(good + ", port: 0", "", "spec.services.port: Invalid value: 0"),
        of(good + ", port: \"80\"", "", "spec.services.port: Invalid value: \"string\""),
        of(good + ", replicas: 101", "", "spec.services.replicas: Invalid value: 101"),
        of(
            good + ", mode: blue",
            "",
            "spec.services.mode: Unsupported value: \"blue\": supported"
                + " values: \"canary\", \"stable\""),
        of(good + ", restartPolicy: never", "", "spec.services.restartPolicy: Unsupported value"),
        of(good + ", command: [\" \"]", "", "a command starts with the program's name"),
        of(
            good + ", env: [{name: MODE, value: x}]",
            "",
            "spec.services.env[0].name: Invalid value: \"string\": MODE is set by SwiftDeploy, from"
                + " services.mode"),
        of(
            good + ", env: [{name: 1A, value: x}]",
            "",
            "is not an environment variable name: letters, digits and _, not starting with a"
                + " digit"),
        of(
            good + ", env: [{name: A, value: x}, {name: A, value: z}]",
            "",
            "spec.services.env[1]: Duplicate value"),
        of(good + ", resources: {cpu: lots}", "", "is not an amount of cpu such as 500m or 2"),
        of(
            good + ", resources: {memory: 1X}",
            "",
            "is not an amount of memory such as 256Mi or 1Gi"),
        of(
            good + ", health: {path: //a}",
            "",
            "spec.services.health.path: Invalid value: \"string\": \"//a\" is not a URL path: / followed by letters, digits and . _ ~ - /, no .. or // in it"),
        of(
            good + ", health: {interval: 0s}",
            "",
            "spec.services.health.interval: Invalid value: \"string\": \"0s\" is not a duration of more than"
                + " 0s and at most a day: write 500ms, 30s, 1m30s or 2h"),
        of(
            good,
            "nginx: {drainTimeout: 25h}",
            "spec.nginx.drainTimeout: Invalid value: \"string\": \"25h\" is not a duration of at most a day"),
        of(
            good,
            "nginx: {contact: \"a;b\"}",
            "spec.nginx.contact: Invalid value: \"string\": \"a;b\" is not" + " a contact"),
        of(
            good,
            "canary: {steps: [{weight: 50}, {weight: 10}]}",
            "weights must rise from step to step: let each step's weight be above the one before"),
        of(
            good,
            "canary: {steps: [{weight: 10}, {weight: 10}]}",
            "weights must rise from step to step"),
        of(good, "canary: {steps: [{hold: 1s}]}", "spec.canary.steps[0].weight: Required value"),
        of(
            good,
            "canary: {analysis: {window: 2s}}",
            "spec.canary.analysis.window: Invalid value: \"object\": the window is shorter than the"
                + " interval between two reviews: write a window at least as long as the"
                + " interval"),
        of(good, "canary: {header: X_Y}", "is not a header name: letters, digits and -"),
        of(
            good,
            "canary: {probe: {requestsPerSecond: 0}}",
            "spec.canary.probe.requestsPerSecond: Invalid value: 0"),
        of(good, "policy: {url: \"ftp://x\"}", "is not the URL of an OPA server such as"),
        of(good, "policy: {directory: ../x}", "is not a folder below the manifest's"),
        of(
            good,
            "policy: {thresholds: {maxErrorRate: 2}}",
            "spec.policy.thresholds.maxErrorRate: Invalid value: 2"),
        of(good, "nginz: {}", "unknown field \"spec.nginz\""),
        of(good + ", imaje: x", "", "unknown field \"spec.services.imaje\""));
  }

  private static Arguments of(String services, String rest, String message) {
    return Arguments.of(services, rest, message);
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aBadManifestIsRefusedWithItsFieldAndTheFix(String services, String rest, String message) {
    String text = resource("bad", services, rest);

    Cluster.Ran ran = cluster.kubectlWith(text, "apply", "-f", "-");

    assertThat(ran.exit()).as(ran.output()).isNotZero();
    assertThat(ran.output()).contains(message);
    assertThat(
            ManifestReader.read(text.getBytes(StandardCharsets.UTF_8), "manifest.yaml", "bad")
                .problems())
        .as("a machine says so too")
        .isNotEmpty();
  }

  @Test
  void aNameThatIsNoneIsRefused() {
    Cluster.Ran ran =
        cluster.kubectlWith(resource("a.b", "image: \"app:1.0\"", ""), "apply", "-f", "-");

    assertThat(ran.output()).contains("metadata.name is not a DNS-1123 name");
  }

  @Test
  void explainReadsAsDocumentation() {
    assertThat(cluster.kubectl("explain", "swiftdeploys").output())
        .contains("no release of it ships without a")
        .contains("What should run, and how its releases are delivered");
    assertThat(cluster.kubectl("explain", "sd.spec.services.mode").output())
        .contains("Where this release should end up. stable: it is taken all the way")
        .containsSubsequence("ENUM:", "canary", "stable");
    assertThat(cluster.kubectl("explain", "sd.spec.canary.steps.weight").output())
        .contains("share of the traffic in percent, 1 to 100");
    String all = cluster.kubectl("explain", "sd", "--recursive").output();
    assertThat(all).doesNotContain("<no description>").contains("requestsPerSecond");
    assertThat(cluster.kubectl("explain", "tr.spec.line").output()).contains("one line of JSON");
  }

  @Test
  void getTellsTheStory() {
    cluster.kubectlWith(
        resource("shop", "image: \"shop:1.1.0\", version: \"1.1.0\"", ""), "apply", "-f", "-");
    Cluster.Ran patched =
        cluster.kubectl(
            "patch",
            "sd",
            "shop",
            "--subresource=status",
            "--type=merge",
            "-p",
            """
            {"status": {"observedGeneration": 1, "version": "1.1.0", "weight": 10, "step": "1/3",
              "verdict": "Denied", "conditions": [{"type": "Ready", "status": "False",
              "reason": "PromoteBlocked", "observedGeneration": 1,
              "message": "BLOCKED: Latency too high: p99 812 ms, at most 500 ms"}]}}""");
    assertThat(patched.exit()).as(patched.output()).isZero();

    String get = cluster.kubectl("get", "sd", "shop").output();
    assertThat(words(get, 0))
        .containsExactly("NAME", "READY", "MODE", "VERSION", "WEIGHT", "VERDICT", "REASON", "AGE");
    assertThat(words(get, 1).subList(0, 7))
        .containsExactly("shop", "False", "stable", "1.1.0", "10", "Denied", "PromoteBlocked");
    assertThat(cluster.kubectl("get", "sd", "shop", "-o", "wide").output())
        .contains("IMAGE", "STEP", "MESSAGE")
        .contains("shop:1.1.0   1/3    BLOCKED: Latency too high: p99 812 ms, at most 500 ms");
    assertThat(cluster.kubectl("describe", "sd", "shop").output())
        .contains("BLOCKED: Latency too high: p99 812 ms, at most 500 ms");
    assertThat(
            cluster
                .kubectl("wait", "sd/shop", "--for=condition=Ready=False", "--timeout=5s")
                .output())
        .contains("condition met");
  }

  private static List<String> words(String table, int line) {
    return List.of(table.lines().toList().get(line).trim().split(" +"));
  }

  /** kstatus takes a resource without a status for ready, and so would Helm, who waits for that. */
  @Test
  void whatNoOperatorHasLookedAtIsNotTakenForReady() {
    apply("one", resource("fresh", "image: \"app:1.0\"", ""));

    assertThat(
            cluster
                .kubectl("get", "sd", "fresh", "-o", "jsonpath={.status.observedGeneration}")
                .output())
        .isEqualTo("-1");
  }

  @Test
  void twoOwnersKeepWhatTheyApplied() {
    String image = "image: \"app:1.0\"";
    apply("one", resource("two", image + ", env: [{name: A, value: a}]", ""));
    Cluster.Ran second =
        apply("other", resource("two", image + ", env: [{name: B, value: b}]", "paused: true"));
    assertThat(second.exit()).as(second.output()).isZero();

    assertThat(env("two")).isEqualTo("A=a B=b ");

    apply("one", resource("two", image, ""));
    assertThat(env("two")).as("the first owner takes its own back").isEqualTo("B=b ");
    Cluster.Ran conflict = apply("one", resource("two", "image: \"app:2.0\"", ""));
    assertThat(conflict.output()).contains("conflict with \"other\": .spec.services.image");
  }

  private static Cluster.Ran apply(String owner, String text) {
    return cluster.kubectlWith(
        text, "apply", "--server-side", "--field-manager=" + owner, "-f", "-");
  }

  private static String env(String name) {
    return cluster
        .kubectl(
            "get", "sd", name, "-o", "jsonpath={range .spec.services.env[*]}{.name}={.value} {end}")
        .output();
  }

  @Test
  void aRecordIsWrittenOnce() {
    String record =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: Transition
        metadata: {name: %s}
        spec: {resource: demo, uid: u1, seq: 7, type: decision, time: "2026-01-02T03:04:05Z",
          kind: deploy, to: 3f2a9c01b7de, verdict: Allowed, line: "%s"}
        """;
    String name = "u1-0000000007";
    assertThat(create(record.formatted(name, "{}"))).contains("created");
    assertThat(create(record.formatted(name, "{}"))).contains("AlreadyExists");
    assertThat(cluster.kubectlWith(record.formatted(name, "{1}"), "replace", "-f", "-").output())
        .contains("a record of the audit chain is written once: leave spec as it is");
    for (String wrong :
        List.of("u1-0000000008", "u1-7", "u1-00000000007", "u2-0000000007", "u1-7-0000000007")) {
      assertThat(create(record.formatted(wrong, "{}")))
          .contains(
              "metadata.name is not that of the record: name it <spec.uid>-<spec.seq>, the number"
                  + " with ten digits");
    }

    String get = cluster.kubectl("get", "tr", name).output();
    assertThat(words(get, 0))
        .containsExactly(
            "NAME", "RESOURCE", "SEQ", "TYPE", "KIND", "TO", "VERDICT", "OUTCOME", "AGE");
    assertThat(words(get, 1).subList(0, 7))
        .containsExactly(name, "demo", "7", "decision", "deploy", "3f2a9c01b7de", "Allowed");
  }

  private static String create(String object) {
    return cluster.kubectlWith(object, "create", "-f", "-").output();
  }
}
