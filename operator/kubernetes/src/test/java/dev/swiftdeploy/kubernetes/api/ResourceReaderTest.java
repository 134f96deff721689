package dev.swiftdeploy.kubernetes.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.adapters.manifest.ManifestReader;
import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.core.spec.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the API server holds is read as the manifest that was applied. */
class ResourceReaderTest {
  private static final String FULL =
      """
      apiVersion: swiftdeploy.dev/v1alpha1
      kind: SwiftDeploy
      metadata:
        name: shop
        labels: {team: checkout, app.kubernetes.io/part-of: shop}
      spec:
        services:
          image: registry.example.com:5000/team/shop:1.2.3
          command: [java, "-Dx=é €", -jar, "a b.jar"]
          port: 3001
          mode: canary
          version: "1.10"
          replicas: 3
          env:
            - {name: GREETING, value: "\\"hi\\"\\n{} \\\\ 💡 # no: comment"}
            - {name: EMPTY, value: ""}
          resources: {cpu: 500m, memory: 256Mi}
          health: {path: /ready, interval: 500ms, deadline: 2m}
          restartPolicy: "no"
        nginx: {image: "nginx:1.29", port: 80, proxyTimeout: 5s, drainTimeout: 0s, contact: a@b.c}
        network: {name: net, driverType: bridge}
        canary:
          steps: [{weight: 10, hold: 15s}, {weight: 100}]
          analysis: {interval: 2s, window: 1m30s}
          probe: {path: /x, requestsPerSecond: 0.1}
          header: X-Canary
        policy:
          engine: opa
          url: http://127.0.0.1:8181
          directory: my policies
          thresholds: {maxErrorRate: 0.000000001, minDiskFreeGb: 100000000000}
        paused: true
      """;

  @Test
  void everyValueIsReadAsFromTheFile() {
    assertReadAlike(FULL);
  }

  @Test
  void theManifestAtTheRootIsReadAsFromTheFile() throws Exception {
    assertReadAlike(Files.readString(Path.of("../../manifest.yaml")));
  }

  @Test
  void whatTheSchemaLetsThroughIsStillChecked() {
    SwiftDeployResource resource =
        Serialization.unmarshal(
            FULL.replace("value: \"\"", "value: \"a\\0b\""), SwiftDeployResource.class);

    ManifestResult result = ResourceReader.read(resource);

    assertThat(result).isInstanceOf(ManifestResult.Invalid.class);
    assertThat(result.problems().toString()).contains("spec.services.env[1].value");
  }

  private static void assertReadAlike(String text) {
    SwiftDeployResource resource = Serialization.unmarshal(text, SwiftDeployResource.class);

    assertThat(only(ResourceReader.read(resource)))
        .isEqualTo(only(ManifestReader.read(text.getBytes(StandardCharsets.UTF_8), "m.yaml", "x")));
  }

  private static Resource only(ManifestResult result) {
    assertThat(result).as(result.problems().toString()).isInstanceOf(ManifestResult.Manifest.class);
    return ((ManifestResult.Manifest) result).resources().get(0);
  }
}
