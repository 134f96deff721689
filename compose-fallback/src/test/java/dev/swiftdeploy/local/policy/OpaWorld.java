package dev.swiftdeploy.local.policy;

import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** What the tests with a real opa share. */
final class OpaWorld {
  /** Patient, for busy machines. */
  static final OwnOpaEngine.Options PATIENT =
      OwnOpaEngine.Options.DEFAULTS.withDeadline(Duration.ofSeconds(30));

  private static final Path POLICIES = Path.of("../policies");

  private OpaWorld() {}

  /** The project's policies, to be edited. */
  static Path copyOfPolicies(Path to) throws IOException {
    try (Stream<Path> all = Files.walk(POLICIES)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(POLICIES.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
    return to;
  }
}
