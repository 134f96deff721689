package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.platform.PlatformException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * The docker command line: which engine is meant (DOCKER_HOST, contexts) and how it is reached is
 * its affair. Thread-safe; keeps nothing.
 */
public final class Docker {
  /** Names the program, in place of {@code docker} on the PATH. */
  public static final String PROGRAM = "SWIFTDEPLOY_DOCKER";

  /** For a question. */
  static final Duration QUICK = Duration.ofSeconds(15);

  /** For what starts containers. */
  static final Duration SLOW = Duration.ofMinutes(3);

  /** What would have Compose take other files or services than those that are named. */
  private static final List<String> UNHEARD =
      List.of("COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES", "COMPOSE_ENV_FILES");

  private static final String FOLLOWED =
      "exec 3<&0; \"$@\" 3<&- & c=$!; { cat <&3; kill $c; } >/dev/null 2>&1 & wait $c; kill $!";

  private final Map<String, String> environment;
  private final String program;

  /** What a command printed. */
  record Said(int code, String out, String err) {}

  /**
   * Starts nothing yet.
   *
   * @param environment of this process
   */
  public Docker(Map<String, String> environment) {
    this.environment = new TreeMap<>(environment);
    UNHEARD.forEach(this.environment::remove);
    this.environment.put("COMPOSE_IGNORE_ORPHANS", "true");
    this.environment.put("DOCKER_CLI_HINTS", "false");
    String named = environment.getOrDefault(PROGRAM, "");
    this.program = named.isEmpty() ? "docker" : named;
  }

  /**
   * Runs a command, and gives what it printed, however it ended.
   *
   * @throws PlatformException if it can't be run or takes longer
   */
  Said ask(Duration most, List<String> arguments) {
    return ask(most, arguments, () -> {});
  }

  private Said ask(Duration most, List<String> arguments, Runnable begun) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(arguments);
    try {
      Process process = builder(command).start();
      process.getOutputStream().close();
      begun.run();
      return await(process, most, arguments);
    } catch (IOException e) {
      throw new PlatformException(
          "there is no docker command: " + e.getMessage(),
          "install Docker (https://docs.docker.com/engine/install/), put it on the PATH, or name it"
              + " in "
              + PROGRAM,
          e);
    }
  }

  /**
   * Starts a command that goes on by itself. It ends when its input is closed, and so with this
   * process, however that ends.
   */
  Process follow(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", FOLLOWED, "sh", program));
    command.addAll(arguments);
    return builder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  private static Said await(Process process, Duration most, List<String> arguments) {
    CompletableFuture<String> out = reading(process.getInputStream());
    CompletableFuture<String> err = reading(process.getErrorStream());
    try {
      if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new PlatformException(
            "docker " + arguments.get(0) + " took longer than " + most.toSeconds() + " s",
            "look whether the engine answers: docker info");
      }
      return new Said(process.exitValue(), out.join(), err.join());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new PlatformException("interrupted while docker worked", "it is tried again", e);
    } catch (CompletionException e) {
      throw new PlatformException(
          "what docker says can't be read: " + e.getMessage(), "it is tried again", e);
    }
  }

  private static CompletableFuture<String> reading(InputStream from) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (from) {
                text.complete(new String(from.readAllBytes(), StandardCharsets.UTF_8));
              } catch (IOException e) {
                text.completeExceptionally(new UncheckedIOException(e));
              }
            },
            "swiftdeploy-docker");
    thread.setDaemon(true);
    thread.start();
    return text;
  }

  /**
   * Runs a command that is to succeed, and gives what it printed to stdout.
   *
   * @param doing for people, as in {@code could not start nginx: …}
   * @throws PlatformException if it fails, with one sentence and the fix
   */
  String run(Duration most, String doing, List<String> arguments) {
    return run(most, doing, arguments, () -> {});
  }

  /**
   * The same.
   *
   * @param begun is run when the command works, before it is waited for
   */
  String run(Duration most, String doing, List<String> arguments, Runnable begun) {
    Said said = ask(most, arguments, begun);
    if (said.code() != 0) {
      throw EngineTrouble.of(doing, said.err().isBlank() ? said.out() : said.err());
    }
    return said.out();
  }
}
