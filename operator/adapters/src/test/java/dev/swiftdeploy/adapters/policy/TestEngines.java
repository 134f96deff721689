package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** Options and folders for tests; {@code src/test/policies} holds probes instead of policies. */
final class TestEngines {
  static final Path PROBES = Path.of("src/test/policies").toAbsolutePath();

  static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Patient, for busy machines; translated policies are shared between tests. */
  static final Options OPTIONS =
      Options.DEFAULTS
          .withDeadline(Duration.ofSeconds(30))
          .withLoadDeadline(PATIENCE)
          .withCache(Path.of("target/policy-cache").toAbsolutePath());

  private TestEngines() {}

  static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
    return to;
  }

  static ObjectNode probe(String name) {
    return StrictJson.MAPPER.createObjectNode().put("probe", name);
  }
}
