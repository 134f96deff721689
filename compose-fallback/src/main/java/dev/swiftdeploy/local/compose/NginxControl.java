package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.adapters.proxy.NginxConf;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.local.proxy.NginxErrors;
import dev.swiftdeploy.local.proxy.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What is asked of an nginx in a container: to check a configuration, to take it, who works. */
final class NginxControl {
  static final String FILE = "nginx.conf";

  private final Engine engine;

  NginxControl(Engine engine) {
    this.engine = engine;
  }

  /**
   * Has the one that runs check a file of its folder.
   *
   * @throws PlatformException if it refuses it, in its words
   */
  void check(Container nginx, String file) {
    require(engine.exec(nginx, command(file, "-t")));
  }

  /** Has it take {@link #FILE} anew; that it has is seen by what it tells. */
  void reload(Container nginx) {
    require(engine.exec(nginx, command(FILE, "-s", "reload")));
  }

  /** Whether workers of an earlier configuration may still answer requests. */
  boolean draining(Container nginx) {
    return engine
        .processes(nginx)
        .map(all -> all.stream().anyMatch(line -> line.endsWith("is shutting down")))
        .orElse(true);
  }

  /** The workers that take connections, by pid; empty where that can't be told. */
  Optional<Set<String>> serving(Container nginx) {
    return engine
        .processes(nginx)
        .map(
            all ->
                all.stream()
                    .filter(line -> line.endsWith("worker process"))
                    .map(line -> line.substring(0, Math.max(0, line.indexOf(' '))))
                    .collect(Collectors.toSet()));
  }

  /** Has an nginx of the same image check it that is there for nothing else. */
  void checkAside(ImageReference image, NginxConf conf, List<String> options) throws IOException {
    Path folder = Files.createTempDirectory("swiftdeploy-check");
    try {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      ProjectFiles.writeReadable(folder.resolve(FILE), conf.text());
      List<String> all =
          new ArrayList<>(
              List.of(
                  "--user",
                  "101:101",
                  "--cap-drop",
                  "ALL",
                  "--tmpfs",
                  "/tmp",
                  "--tmpfs",
                  ComposeSite.LOG_FOLDER + ":mode=1777",
                  "--entrypoint",
                  "nginx",
                  "--volume",
                  folder + ":" + ComposeSite.NGINX_FOLDER + ":ro"));
      all.addAll(options);
      all.add(image.value());
      all.addAll(List.of("-e", "stderr", "-c", ComposeSite.NGINX_FOLDER + "/" + FILE, "-t", "-q"));
      require(engine.runOnce(all));
    } finally {
      StateFolder.delete(folder);
    }
  }

  private static String[] command(String file, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of("nginx", "-e", "stderr", "-c", ComposeSite.NGINX_FOLDER + "/" + file));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }

  private static void require(Docker.Said said) {
    if (said.code() != 0) {
      String words = said.err() + said.out();
      throw NginxErrors.refusal(words)
          .map(
              why ->
                  new PlatformException(
                      "nginx refuses its new configuration, and goes on with the last one: " + why,
                      "correct what it names in the manifest"))
          .orElseGet(() -> EngineTrouble.of("ask nginx", words));
    }
  }
}
