package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Other people's manifests through {@code validate} and {@code init}: each is taken, or what stops
 * it comes with its line and the fix. With {@code -Dgolden=write} the expectations are written
 * anew; read the difference.
 */
class PublicManifestTest {
  private static final Path CASES =
      Path.of("../adapters/src/test/resources/dev/swiftdeploy/adapters/manifest/flat");
  private static final Path EXPECTED =
      Path.of("src/test/resources/dev/swiftdeploy/cli/public-manifests.txt");

  @TempDir Path folder;

  @Test
  void eachIsTakenOrSaysWhy() throws IOException {
    List<Path> manifests;
    try (Stream<Path> files = Files.list(CASES)) {
      manifests = files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    StringBuilder actual = new StringBuilder();
    for (Path manifest : manifests) {
      String name = manifest.getFileName().toString();
      Path own = Files.createDirectory(folder.resolve(name));
      Files.copy(manifest, own.resolve("manifest.yaml"));
      actual.append(name).append('\n').append(validated(own)).append(initialized(own));
    }
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(EXPECTED, actual);
    }
    assertThat(actual).hasToString(Files.readString(EXPECTED));
  }

  /** Without the port: whether it is free is this machine's matter. */
  private static String validated(Path folder) {
    Ran ran = Ran.in(folder, "validate");
    return "  validate, exit code %d\n".formatted(ran.exit())
        + ran.out()
            .lines()
            .filter(line -> line.startsWith("FAIL") && !line.contains("the proxy's port"))
            .map(line -> "    " + line.replace(folder.toString(), "FOLDER") + "\n")
            .collect(Collectors.joining());
  }

  private static String initialized(Path folder) throws IOException {
    Ran ran = Ran.in(folder, "init");
    Path rendered = folder.resolve("nginx.conf");
    assertThat(Files.exists(rendered)).isEqualTo(ran.exit() == Exit.DONE);
    return "  init, exit code %d\n".formatted(ran.exit())
        + (ran.exit() == Exit.DONE ? proxy(Files.readString(rendered)) : "");
  }

  private static String proxy(String rendered) {
    return rendered
        .lines()
        .map(String::strip)
        .filter(
            line -> line.startsWith("listen 127.0.0.1") || line.startsWith("proxy_read_timeout"))
        .distinct()
        .map(line -> "    " + line + "\n")
        .collect(Collectors.joining());
  }
}
