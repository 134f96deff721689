package dev.swiftdeploy.local.compose;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Hears what happens on an engine, so that nobody need ask again while nothing does. What it knows
 * is only ever used to ask less: while it hears nothing at all (the engine is away, the command
 * ended), everything is asked for. Thread-safe.
 */
final class EngineEvents implements AutoCloseable {
  /** What changes an answer; not what a health check or a look by docker causes. */
  private static final List<String> HEARD =
      List.of(
          "create",
          "start",
          "restart",
          "rename",
          "pause",
          "unpause",
          "kill",
          "stop",
          "die",
          "destroy",
          "connect",
          "disconnect",
          "remove",
          "tag",
          "untag",
          "delete",
          "load",
          "import",
          "pull");

  private static final String FORMAT =
      "{{.Type}} {{index .Actor.Attributes \"" + Container.PROJECT + "\"}}";

  /**
   * How long things take.
   *
   * @param settling after a change, in which an answer is not yet reused; also from when it begins
   *     to listen until it can be relied upon
   * @param longest that an answer is reused, whatever is heard
   * @param again from one attempt to listen to the next
   */
  record Patience(Duration settling, Duration longest, Duration again) {
    static final Patience DEFAULT =
        new Patience(Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(5));
  }

  private final Docker docker;
  private final String project;
  private final Patience patience;
  private Optional<Process> process = Optional.empty();
  private long begun;
  private long changed = System.nanoTime();
  private boolean closed;

  /** Listens from the first question on. */
  EngineEvents(Docker docker, String project, Patience patience) {
    this.docker = docker;
    this.project = project;
    this.patience = patience;
  }

  /** Whether an answer that was asked for then, by {@link System#nanoTime}, is still the same. */
  synchronized boolean nothingSince(long asked) {
    long now = System.nanoTime();
    return listens(now)
        && asked - begun > patience.settling().toNanos()
        && asked - changed > patience.settling().toNanos()
        && now - asked < patience.longest().toNanos();
  }

  /** Something happened, or was done by us and will be heard of. */
  synchronized void changed() {
    changed = System.nanoTime();
  }

  private boolean listens(long now) {
    if (process.filter(Process::isAlive).isPresent()) {
      return true;
    }
    boolean due = process.isEmpty() || now - begun > patience.again().toNanos();
    if (due && !closed) {
      begun = now;
      listen();
    }
    return false;
  }

  private void listen() {
    List<String> command = new ArrayList<>(List.of("events", "--format", FORMAT));
    List.of("container", "network", "image")
        .forEach(type -> command.addAll(List.of("--filter", "type=" + type)));
    HEARD.forEach(event -> command.addAll(List.of("--filter", "event=" + event)));
    try {
      Process listening = docker.follow(command);
      process = Optional.of(listening);
      Thread thread = new Thread(() -> hear(listening), "swiftdeploy-events");
      thread.setDaemon(true);
      thread.start();
    } catch (IOException e) {
      process = Optional.empty(); // everything is asked for, and so it is told what is wrong
    }
  }

  private void hear(Process listening) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(listening.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (!line.startsWith("container ") || line.equals("container " + project)) {
          changed();
        }
      }
    } catch (IOException e) {
      // as if it had ended
    } finally {
      end(listening);
    }
  }

  private static void end(Process listening) {
    try {
      listening.getOutputStream().close();
    } catch (IOException e) {
      listening.destroy();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    process.ifPresent(EngineEvents::end);
  }
}
