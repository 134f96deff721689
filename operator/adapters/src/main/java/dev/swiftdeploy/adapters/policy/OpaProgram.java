package dev.swiftdeploy.adapters.policy;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The {@code opa} program of this machine: what checks, tests and compiles Rego. */
public final class OpaProgram {
  /** Names the program, in place of {@code opa} on the PATH. */
  public static final String VARIABLE = "SWIFTDEPLOY_OPA";

  private static final List<String> INHERITED = List.of("PATH", "HOME", "TMPDIR");

  /** Bytes of output that are read; the coverage of a large policy takes a few MB. */
  private static final int MOST_OUTPUT = 32 << 20;

  /**
   * How one run of it ended.
   *
   * @param out what it printed
   * @param err what it said
   */
  record Ran(int exitCode, String out, String err) {
    boolean done() {
      return exitCode == 0;
    }
  }

  private final Path path;
  private final Map<String, String> environment;

  private OpaProgram(Path path, Map<String, String> environment) {
    this.path = path;
    this.environment = new TreeMap<>(environment);
    this.environment.keySet().retainAll(INHERITED);
  }

  /**
   * Finds it.
   *
   * @param environment of SwiftDeploy
   * @throws IOException if there is none; the message says what to do
   */
  public static OpaProgram find(Map<String, String> environment) throws IOException {
    String named = environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty()) {
      if (!Files.isExecutable(Path.of(named)) || Files.isDirectory(Path.of(named))) {
        throw new IOException(VARIABLE + "=" + named + " is no program");
      }
      return new OpaProgram(Path.of(named).toAbsolutePath(), environment);
    }
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(each -> !each.isEmpty())
        .map(each -> Path.of(each, "opa"))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst()
        .map(file -> new OpaProgram(file.toAbsolutePath(), environment))
        .orElseThrow(
            () ->
                new IOException(
                    "there is no opa on the PATH: install OPA 1.0 or later"
                        + " (openpolicyagent.org/docs), or name it in "
                        + VARIABLE));
  }

  /** Where it is; absolute. */
  public Path path() {
    return path;
  }

  /** Its version, such as {@code 1.22.2}. */
  String version(Path folder) throws IOException, InterruptedException {
    return run(folder, Duration.ofSeconds(30), List.of("version"))
        .out()
        .lines()
        .filter(line -> line.startsWith("Version: "))
        .map(line -> line.substring("Version: ".length()).strip())
        .findFirst()
        .orElseThrow(() -> new IOException(path + " is no opa"));
  }

  /**
   * Runs it to its end; interrupted, ends it.
   *
   * @param folder where it runs
   * @throws IOException if it can't be started or takes longer than the deadline
   */
  Ran run(Path folder, Duration deadline, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(path.toString()));
    command.addAll(arguments);
    Path out = Files.createTempFile("swiftdeploy-opa", ".out");
    Path err = Files.createTempFile("swiftdeploy-opa", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new IOException(
              "opa " + arguments.get(0) + " took longer than " + deadline.toSeconds() + " s");
        }
      } finally {
        process.destroyForcibly();
      }
      return new Ran(process.exitValue(), text(out), text(err));
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
    }
  }
}
