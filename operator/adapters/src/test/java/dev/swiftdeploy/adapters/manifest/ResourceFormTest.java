package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ResourceFormTest {
  private static final String HEAD =
      """
      apiVersion: swiftdeploy.dev/v1alpha1
      kind: SwiftDeploy
      metadata: {name: demo}
      """;

  private static ManifestResult read(String text) {
    return ManifestReader.read(text.getBytes(StandardCharsets.UTF_8), "manifest.yaml", "folder");
  }

  private static String problems(String text) {
    return read(text).problems().stream().map(Problem::text).collect(Collectors.joining("\n"));
  }

  @Test
  void everythingThatCanBeSaid() {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata:
          name: demo
          namespace: shop
          labels: {team: checkout, example.com/tier: "1"}
          annotations: {note: "any {text} at all"}
        spec:
          services:
            image: registry.example.com:5000/shop/app:1.4.2
            command: [java, -jar, app/target/app.jar, "--greeting=hello, world"]
            port: 3001
            mode: canary
            version: "1.10"
            replicas: 3
            env: [{name: LOG_LEVEL, value: debug}, {name: EMPTY, value: ""}]
            resources: {cpu: 500m, memory: 256Mi}
            health: {path: /ready, interval: 2s, deadline: 1m30s}
            restartPolicy: on-failure
          nginx: {image: "nginx:1.28", port: 8081, proxyTimeout: 10s, drainTimeout: 0s, contact: ops@example.com}
          network: {name: shop-net, driverType: bridge}
          canary:
            steps: [{weight: 10, hold: 15s}, {weight: 50, hold: 1m}, {weight: 100}]
            analysis: {interval: 10s, window: 1m}
            probe: {path: /, requestsPerSecond: 0.5}
            header: X-SwiftDeploy-Mode
          policy:
            engine: opa
            url: http://127.0.0.1:8181
            directory: policies
            thresholds:
              minDiskFreeGb: 20
              maxLoadPerCpu: 1.50
              maxCpuLoad: 4
              maxMemoryUsedPercent: 80
              maxErrorRate: 0.001
              maxP99Ms: 250
              minRequests: 100
              maxFailedReviews: 3
          paused: true
        """;
    assertThat(Rendered.text(read(text)))
        .isEqualTo(
            """
            demo {example.com/tier=1, team=checkout}
              services registry.example.com:5000/shop/app:1.4.2 [java, -jar, app/target/app.jar, --greeting=hello, world] port 3001
                canary version 1.10 x3
                env {EMPTY=, LOG_LEVEL=debug} resources {cpu=500m, memory=256Mi}
                health /ready every 2s within 1m30s, restart on-failure
              nginx nginx:1.28 port 8081 proxy 10s drain 0s contact ops@example.com
              network shop-net bridge
              canary [10%/15s 50%/1m 100%/0s] every 10s over 1m probe / 0.5/s header X-SwiftDeploy-Mode
              policy OPA http://127.0.0.1:8181 policies {max_cpu_load=4, max_error_rate=0.001, max_failed_reviews=3, max_load_per_cpu=1.5, max_memory_used_percent=80, max_p99_ms=250, min_disk_free_gb=20, min_requests=100}
              paused true
            """);
  }

  @Test
  void theLeastThatMustBeSaid() {
    assertThat(Rendered.text(read(HEAD + "spec: {services: {image: 'demo:1.0.0'}}\n")))
        .isEqualTo(
            """
            demo {}
              services demo:1.0.0 [] port 3000
                stable version 1.0.0 x1
                env {} resources {}
                health /healthz every 1s within 1m, restart unless-stopped
              nginx nginx:1.28 port 8080 proxy 30s drain 30s contact -
              network swiftdeploy-net bridge
              canary [] every 5s over 30s probe - header -
              policy EMBEDDED - - {}
              paused false
            manifest.yaml:4:8: note: spec.services.version: is not given, and read from the image: 1.0.0
            """);
  }

  @Test
  void everyProblemIsToldWithItsPlaceAndFix() {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1
        kind: SwiftDeployment
        metadata:
          name: Demo
          labels: {"bad key": x, team: "not good"}
          finalisers: []
        spec:
          services:
            command: java -jar app.jar
            port: abc
            mode: blue
            version: "1.0; rm"
            replicas: many
            env:
              - {name: MODE, value: canary}
              - {name: 1ST, value: x}
              - {name: A, value: secret-1}
              - {name: A, value: secret-2}
              - {name: B, valueFrom: x}
            resources: {gpu: 1, memory: lots}
            health: {path: healthz, interval: 0s, deadline: 5}
            restart_policy: always
          nginx: {port: 22:22, proxyTimeout: -1s, replicas: 2}
          network: swiftdeploy-net
          canary:
            steps: [{weight: 10}, {weight: 10}]
            analysis: {interval: 1m, window: 30s}
            probe: {requestsPerSecond: 1e9}
            header: "X-Mode: canary\\r\\nEvil"
          policy: {engine: rego, directory: ../../etc, thresholds: {maxErrorRate: 5, maxP99ms: 1}}
          paused: yes
        """;
    assertThat(problems(text))
        .isEqualTo(
            """
            manifest.yaml:1:13: apiVersion: "swiftdeploy.dev/v1" is none that is read. Fix: write apiVersion: swiftdeploy.dev/v1alpha1
            manifest.yaml:2:7: kind: "SwiftDeployment" is none that is read. Fix: write kind: SwiftDeploy
            manifest.yaml:4:9: metadata.name: "Demo" is not a DNS-1123 name: lower-case letters, digits and -, at most 63, starting and ending with a letter or digit. Fix: write a name such as demo
            manifest.yaml:5:12: metadata.labels."bad key": "bad key" is not a label: letters, digits and . _ - , at most 63, after an optional DNS prefix and /. Fix: write one such as team
            manifest.yaml:5:32: metadata.labels.team: "not good" is not a label's value: letters, digits and . _ - , at most 63 characters. Fix: write a word, in quotes where in doubt
            manifest.yaml:6:3: metadata.finalisers: is not known. Fix: remove it; known here are name, labels, namespace, annotations
            manifest.yaml:8:3: spec.services.image: is missing. Fix: say what is to run, such as image: swiftdeploy-app:1.0.0
            manifest.yaml:9:14: spec.services.command: is a single value, not a list of words. Fix: write it as a list: command: [java, -jar, app/target/app.jar]
            manifest.yaml:10:11: spec.services.port: "abc" is not a port: 1 to 65535. Fix: write a number such as 8080
            manifest.yaml:11:11: spec.services.mode: "blue" is not a mode: stable or canary. Fix: write one of stable, canary
            manifest.yaml:12:14: spec.services.version: "1.0; rm" is not a version: letters, digits, and . _ + - between them, at most 63 characters. Fix: write it as in "1.0.0"
            manifest.yaml:13:15: spec.services.replicas: "many" is not a whole number. Fix: write 1 to 100
            manifest.yaml:15:16: spec.services.env[0].name: MODE is set by SwiftDeploy. Fix: remove it, and set spec.services.mode
            manifest.yaml:16:16: spec.services.env[1].name: "1ST" is not an environment variable name: letters, digits and _, not starting with a digit. Fix: write env: [{name: LOG_LEVEL, value: debug}]
            manifest.yaml:18:19: spec.services.env[3].value: A is given twice, first at 17:19. Fix: keep one of them
            manifest.yaml:19:9: spec.services.env[4].value: is missing. Fix: write env: [{name: LOG_LEVEL, value: debug}]
            manifest.yaml:19:19: spec.services.env[4].valueFrom: is not a key that is known here. Fix: write name and value
            manifest.yaml:20:22: spec.services.resources.gpu: "gpu" is not a resource: cpu or memory. Fix: write resources: {cpu: 500m, memory: 256Mi}
            manifest.yaml:20:33: spec.services.resources.memory: "lots" is not an amount of memory such as 256Mi or 1Gi. Fix: write resources: {cpu: 500m, memory: 256Mi}
            manifest.yaml:21:20: spec.services.health.path: "healthz" is not a URL path: / followed by letters, digits and . _ ~ - /, no .. or // in it. Fix: write a path such as /healthz
            manifest.yaml:21:39: spec.services.health.interval: must be more than 0s. Fix: write one such as 1s
            manifest.yaml:21:53: spec.services.health.deadline: "5" is not a duration: write 500ms, 30s, 1m30s or 2h. Fix: write it with its unit, such as 30s
            manifest.yaml:22:5: spec.services.restart_policy: is not known. Fix: did you mean restartPolicy?
            manifest.yaml:23:17: spec.nginx.port: "22:22" is not a port: 1 to 65535. Fix: write one port; services.port is where the service listens, nginx.port what is published
            manifest.yaml:23:38: spec.nginx.proxyTimeout: "-1s" is not a duration: write 500ms, 30s, 1m30s or 2h. Fix: write it with its unit, such as 30s
            manifest.yaml:23:43: spec.nginx.replicas: is not known. Fix: did you mean spec.services.replicas?
            manifest.yaml:24:12: spec.network: is a single value, not a mapping. Fix: write its keys below it, indented
            manifest.yaml:26:12: spec.canary.steps: weights must rise from step to step, and 10 follows 10. Fix: let each step's weight be above the one before
            manifest.yaml:27:38: spec.canary.analysis.window: the window is shorter than the interval between two reviews. Fix: write a window at least as long as the interval
            manifest.yaml:28:32: spec.canary.probe.requestsPerSecond: "1e9" is not a number such as 10 or 0.01. Fix: write a number such as 5
            manifest.yaml:29:13: spec.canary.header: "X-Mode: canary\\u000d\\u000aEvil" is not a header name: letters, digits and -. Fix: write one such as X-SwiftDeploy-Mode
            manifest.yaml:30:20: spec.policy.engine: "rego" is not an engine: embedded or opa. Fix: write one of embedded, opa
            manifest.yaml:30:37: spec.policy.directory: "../../etc" is not a folder below the manifest's: letters, digits, spaces and . _ + - between slashes, no .. in it. Fix: write one such as policies
            manifest.yaml:30:75: spec.policy.thresholds.maxErrorRate: 5 is out of range: a fraction, 0 to 1. Fix: write a number: a fraction, 0 to 1
            manifest.yaml:30:78: spec.policy.thresholds.maxP99ms: is not known. Fix: did you mean maxP99Ms?
            manifest.yaml:31:11: spec.paused: "yes" is not true or false. Fix: write true or false""");
  }

  @Test
  void keysThatTheServerAddsAreTakenForWhatTheyAre() {
    String text =
        """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata:
          name: demo
          uid: 0b5c
          resourceVersion: "17"
        spec: {services: {image: demo, version: "1"}}
        status: {conditions: []}
        """;
    assertThat(problems(text))
        .isEqualTo(
            """
            manifest.yaml:5:3: note: metadata.uid: is for the API server to say, and not used
            manifest.yaml:6:3: note: metadata.resourceVersion: is for the API server to say, and not used
            manifest.yaml:8:1: note: status: is for the API server to say, and not used""");
  }

  @Test
  void whatKubernetesWouldTakeOtherwiseIsSaid() {
    String text =
        HEAD
            + """
            spec:
              services:
                image: demo:1
                version: 1.10
                port: "3000"
                restartPolicy: no
                command: [serve, 8080, y]
                env: {SECRET: 0777, ON: on}
            """;
    assertThat(problems(text))
        .isEqualTo(
            """
            manifest.yaml:7:14: warning: spec.services.version: Kubernetes takes "1.10" for no text. Fix: write it in quotes
            manifest.yaml:8:11: warning: spec.services.port: Kubernetes takes "3000" in quotes for a text. Fix: remove the quotes
            manifest.yaml:9:20: warning: spec.services.restartPolicy: Kubernetes takes "no" for no text. Fix: write it in quotes
            manifest.yaml:10:22: warning: spec.services.command[1]: Kubernetes takes "8080" for no text. Fix: write it in quotes
            manifest.yaml:10:28: warning: spec.services.command[2]: Kubernetes takes "y" for no text. Fix: write it in quotes
            manifest.yaml:11:10: warning: spec.services.env: Kubernetes takes a list here, not a mapping. Fix: write env: [{name: LOG_LEVEL, value: debug}]
            manifest.yaml:11:19: warning: spec.services.env.SECRET: Kubernetes takes it for no text. Fix: write it in quotes
            manifest.yaml:11:29: warning: spec.services.env.ON: Kubernetes takes it for no text. Fix: write it in quotes""");
  }

  @Test
  void aKeyWithDotsIsNoPath() {
    assertThat(
            problems(
                HEAD
                    + "x.y: 1\nspec:\n  nginx.port: 80\n  services: {image: a, version: '1', a.b: 1}\n"))
        .isEqualTo(
            """
            manifest.yaml:4:1: "x.y": is not known. Fix: remove it; known here are apiVersion, kind, metadata, spec
            manifest.yaml:6:3: spec."nginx.port": is not known. Fix: write each key on a line of its own, indented below the one before
            manifest.yaml:7:38: spec.services."a.b": is not known. Fix: remove it; known here are image, command, port, mode, version, replicas, env, resources, health, restartPolicy""");
  }

  @Test
  void sectionsMustBeMappings() {
    assertThat(problems(HEAD + "spec: [services]\n"))
        .isEqualTo(
            """
            manifest.yaml:4:1: spec.services.image: is missing. Fix: say what is to run, such as image: swiftdeploy-app:1.0.0
            manifest.yaml:4:7: spec: is a list, not a mapping. Fix: write its keys below it, indented""");
    assertThat(problems(HEAD + "spec:\n  services: demo:1\n  nginx: [8080]\n  canary:\n"))
        .isEqualTo(
            """
            manifest.yaml:5:3: spec.services.image: is missing. Fix: say what is to run, such as image: swiftdeploy-app:1.0.0
            manifest.yaml:5:13: spec.services: is a single value, not a mapping. Fix: write its keys below it, indented
            manifest.yaml:6:10: spec.nginx: is a list, not a mapping. Fix: write its keys below it, indented""");
  }

  @Test
  void emptyValuesAreNoDefaults() {
    assertThat(
            problems(HEAD + "spec:\n  services:\n    image: demo:1\n    version: ~\n    mode:\n"))
        .isEqualTo(
            """
            manifest.yaml:7:14: spec.services.version: is empty. Fix: give it a value, or remove the line
            manifest.yaml:8:10: spec.services.mode: is empty. Fix: give it a value, or remove the line""");
  }
}
