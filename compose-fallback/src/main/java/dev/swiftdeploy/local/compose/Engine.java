package dev.swiftdeploy.local.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.local.files.LastLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What SwiftDeploy asks of a Docker engine. One that listens, for who looks again and again, reuses
 * its last answer while nothing happens. Thread-safe.
 */
public final class Engine implements AutoCloseable {
  private static final int OLDEST_COMPOSE = 2;

  private final Docker docker;
  private final Optional<EngineEvents> events;
  private final Map<String, Answer<List<Container>>> containers = new ConcurrentHashMap<>();
  private final Map<String, Answer<Optional<Image>>> images = new ConcurrentHashMap<>();
  private final Map<String, Boolean> roots = new ConcurrentHashMap<>();
  private volatile boolean composeIsThere;

  /** An image in the engine. */
  record Image(String id, String user) {}

  /**
   * What it said.
   *
   * @param asked when, by {@link System#nanoTime}
   */
  private record Answer<T>(long asked, T value) {}

  /** The engine that the docker command reaches. */
  public Engine(Docker docker) {
    this(docker, Optional.empty());
  }

  /**
   * The same, for a daemon.
   *
   * @param project whose containers are looked at
   */
  public static Engine listening(Docker docker, String project) {
    return new Engine(
        docker, Optional.of(new EngineEvents(docker, project, EngineEvents.Patience.DEFAULT)));
  }

  Engine(Docker docker, Optional<EngineEvents> events) {
    this.docker = docker;
    this.events = events;
  }

  /** Listens no more. */
  @Override
  public void close() {
    events.ifPresent(EngineEvents::close);
  }

  private void changed() {
    events.ifPresent(EngineEvents::changed);
  }

  /** The last answer to a question if it still holds, else asks. */
  private <T> T known(Map<String, Answer<T>> answers, String question, Supplier<T> ask) {
    if (events.isEmpty()) {
      return ask.get();
    }
    Answer<T> last = answers.get(question);
    if (last != null && events.get().nothingSince(last.asked())) {
      return last.value();
    }
    long now = System.nanoTime();
    T value = ask.get();
    answers.put(question, new Answer<>(now, value));
    return value;
  }

  /**
   * Whether it answers and has Compose.
   *
   * @throws PlatformException if not, with the fix
   */
  public String requireReady() {
    String version =
        docker
            .run(
                Docker.QUICK,
                "ask the engine",
                List.of("version", "--format", "{{.Server.Version}}"))
            .strip();
    requireCompose();
    return version;
  }

  private void requireCompose() {
    if (composeIsThere) {
      return;
    }
    String version =
        docker.run(Docker.QUICK, "ask Compose", List.of("compose", "version", "--short")).strip();
    String major = version.replaceFirst("^v", "").replaceFirst("\\..*", "");
    if (!major.matches("[0-9]{1,4}") || Integer.parseInt(major) < OLDEST_COMPOSE) {
      throw EngineTrouble.oldCompose(version);
    }
    composeIsThere = true;
  }

  /** All containers of a project, whatever they do. */
  List<Container> containers(String project) {
    return known(containers, project, () -> askContainers(project));
  }

  private List<Container> askContainers(String project) {
    String ids =
        docker.run(
            Docker.QUICK,
            "list containers",
            List.of(
                "ps",
                "-aq",
                "--no-trunc",
                "--filter",
                "label=" + Container.PROJECT + "=" + project));
    if (ids.isBlank()) {
      return List.of();
    }
    List<String> inspect = new ArrayList<>(List.of("container", "inspect"));
    inspect.addAll(ids.lines().toList());
    Docker.Said said = docker.ask(Docker.QUICK, inspect);
    if (said.code() != 0 && !said.err().contains("No such container")) { // one went meanwhile
      throw EngineTrouble.of("look at containers", said.err());
    }
    List<Container> all = new ArrayList<>();
    json(said.out()).forEach(node -> all.add(Container.of(node)));
    return all;
  }

  private static JsonNode json(String text) {
    try {
      return Json.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new PlatformException(
          "docker did not answer in JSON: " + e.getOriginalMessage(), "look at: docker info", e);
    }
  }

  /** An image by reference or id; empty where the engine has none. */
  Optional<Image> image(String reference) {
    return known(images, reference, () -> askImage(reference));
  }

  private Optional<Image> askImage(String reference) {
    Docker.Said said =
        docker.ask(
            Docker.QUICK,
            List.of("image", "inspect", "--format", "{{.Id}} {{.Config.User}}", reference));
    if (said.code() == 0) {
      String[] parts = said.out().strip().split(" ", 2);
      return Optional.of(new Image(parts[0], parts.length > 1 ? parts[1].strip() : ""));
    }
    if (said.err().contains("No such image")) {
      return Optional.empty();
    }
    throw EngineTrouble.of("look at the image " + reference, said.err());
  }

  /** Whether an image says that it runs as root; false where it is not there. */
  boolean runsAsRoot(String id) {
    Boolean known = roots.get(id);
    if (known == null) {
      Optional<Image> image = image(id);
      known = image.map(i -> i.user().matches("|0|root|(0|root):.*")).orElse(false);
      if (image.isPresent()) {
        roots.put(id, known);
      }
    }
    return known;
  }

  /**
   * {@code docker compose} on a site's file.
   *
   * @param begun is run when it works, before it is waited for
   */
  void compose(ComposeSite site, String doing, List<String> arguments, Runnable begun) {
    requireCompose();
    List<String> command =
        new ArrayList<>(
            List.of(
                "compose",
                "--project-name",
                site.project(),
                "--project-directory",
                site.folder().toString(),
                "--env-file",
                "/dev/null",
                "--file",
                site.file().toString(),
                "--progress",
                "quiet"));
    command.addAll(arguments);
    try {
      docker.run(Docker.SLOW, doing, command, begun);
    } finally {
      changed();
    }
  }

  /** A command in a container that runs. */
  Docker.Said exec(Container container, String... command) {
    List<String> all = new ArrayList<>(List.of("exec", container.id()));
    all.addAll(Arrays.asList(command));
    return docker.ask(Docker.QUICK, all);
  }

  /** A command in a container made for it, gone afterwards. */
  Docker.Said runOnce(List<String> options) {
    List<String> all = new ArrayList<>(List.of("run", "--rm"));
    all.addAll(options);
    return docker.ask(Docker.SLOW, all);
  }

  /** The lines of {@code ps} for a container's processes; empty where they can't be told. */
  Optional<List<String>> processes(Container container) {
    Docker.Said said = docker.ask(Docker.QUICK, List.of("top", container.id(), "-eo", "pid,args"));
    return said.code() == 0
        ? Optional.of(said.out().lines().skip(1).map(String::strip).toList())
        : Optional.empty();
  }

  /** What a container printed last. */
  Optional<String> lastLine(Container container) {
    Docker.Said said = docker.ask(Docker.QUICK, List.of("logs", "--tail", "5", container.id()));
    return said.code() == 0 ? LastLine.of(said.out() + "\n" + said.err()) : Optional.empty();
  }

  /** Asks it to end, kills it after the grace; returns when it has ended. */
  void stop(Container container, Duration grace) {
    docker.ask(
        grace.plus(Docker.QUICK),
        List.of("stop", "--time", Long.toString(Math.max(1, grace.toSeconds())), container.id()));
    changed();
  }

  /** Removes it, at once, whatever it does. None is no error. */
  void remove(Container container) {
    docker.ask(Docker.SLOW, List.of("rm", "--force", container.id()));
    changed();
  }

  /** The ids of the networks of that name; an engine before 25 may have several. */
  List<String> networks(String name) {
    return docker
        .run(
            Docker.QUICK,
            "list networks",
            List.of(
                "network",
                "ls",
                "--quiet",
                "--no-trunc",
                "--filter",
                "name=^" + Pattern.quote(name) + "$"))
        .lines()
        .toList();
  }

  /**
   * Of several networks of that name, which others made at the same time, one is kept: with more,
   * the engine starts no container in any of them.
   *
   * @throws PlatformException if more than one is in use
   */
  void requireUnambiguous(String name) {
    List<String> all = networks(name);
    int left = all.size();
    for (int i = 0; i < all.size() && left > 1; i++) {
      if (docker.ask(Docker.QUICK, List.of("network", "rm", all.get(i))).code() == 0) {
        left--;
      }
    }
    if (left > 1) {
      throw new PlatformException(
          left + " networks of the engine have the name " + name + ", and all are in use",
          "look at them with docker network ls, end what uses all but one, and remove those by id");
    }
  }

  /** Removes a network, if nobody else is in it. */
  void removeNetwork(String name) {
    docker.ask(Docker.QUICK, List.of("network", "rm", name));
    changed();
  }
}
