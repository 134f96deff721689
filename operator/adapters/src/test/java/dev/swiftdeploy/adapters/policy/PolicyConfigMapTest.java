package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is printed, mounted as a kubelet does it, is the same policy. */
class PolicyConfigMapTest {
  private static final Path POLICIES = Path.of("../../policies");

  @TempDir Path volume;

  private static PolicyBundle policy(Path directory) {
    PolicyBundle.Read read = PolicyBundle.read(directory);
    assertThat(read).isInstanceOf(PolicyBundle.Good.class);
    return ((PolicyBundle.Good) read).bundle();
  }

  /** A projected volume: files below a folder of each version, links to it where they are read. */
  private void mount(JsonNode map, String version) throws IOException {
    Path files = volume.resolve(".." + version);
    Files.createDirectories(files.resolve("bundle"));
    for (Map.Entry<String, JsonNode> file : map.path("data").properties()) {
      Files.writeString(files.resolve(file.getKey()), file.getValue().asText());
    }
    Files.write(
        files.resolve("policy.wasm"), map.path("binaryData").path("policy.wasm").binaryValue());
    Files.copy(files.resolve("policy.wasm"), files.resolve("bundle/policy.wasm"));
    Files.copy(files.resolve("bundle.json"), files.resolve("bundle/bundle.json"));
    Files.copy(POLICIES.resolve("data.json"), files.resolve("data.json"));
    Path fresh = Files.createSymbolicLink(volume.resolve("..data_tmp"), files.getFileName());
    Files.move(fresh, volume.resolve("..data"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    for (Path file : Files.list(files).toList()) {
      Path link = volume.resolve(file.getFileName());
      if (!Files.isSymbolicLink(link)) {
        Files.createSymbolicLink(link, Path.of("..data").resolve(file.getFileName()));
      }
    }
  }

  @Test
  void mountedItIsTheSamePolicyByTheSameDigest() throws IOException {
    PolicyBundle policy = policy(POLICIES);
    JsonNode map =
        new YAMLMapper().readTree(PolicyConfigMap.of(policy, "swiftdeploy-policies", "system"));
    assertThat(map.path("kind").asText()).isEqualTo("ConfigMap");
    assertThat(map.path("metadata").path("namespace").asText()).isEqualTo("system");

    mount(map, "1");

    PolicyBundle mounted = policy(volume);
    assertThat(mounted.digest()).isEqualTo(policy.digest());
    assertThat(mounted.sources()).isEqualTo(policy.sources());
  }

  @Test
  void aVolumeWhoseLinkIsSwappedIsSeenToChange() throws IOException {
    JsonNode map =
        new YAMLMapper()
            .readTree(PolicyConfigMap.of(policy(POLICIES), "swiftdeploy-policies", "s"));
    mount(map, "1");
    PolicySource source = new PolicySource(volume, PolicySource.Options.DEFAULTS);
    assertThat(source.look().orElseThrow().policy()).isPresent();

    ((com.fasterxml.jackson.databind.node.ObjectNode) map.path("data"))
        .put("teardown.rego", "package swiftdeploy.teardown # edited");
    mount(map, "2");

    PolicySource.News news = source.look().orElseThrow();
    assertThat(news.policy()).isEmpty();
    assertThat(news.problem().orElseThrow().message())
        .contains("teardown.rego was edited after the bundle was built");
  }
}
