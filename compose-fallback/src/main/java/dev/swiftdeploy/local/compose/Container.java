package dev.swiftdeploy.local.compose;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * A container of ours as the engine tells of it.
 *
 * @param role what it is here, the value of {@link #ROLE}
 * @param image the id of what it runs, {@code sha256:…}
 * @param status {@code created, running, paused, restarting, removing, exited} or {@code dead}
 * @param addresses in the networks it is in, by their names; an empty one while it does not run
 * @param networks the ids of those networks, by their names; empty until it is first started
 * @param ports of the host that lead to it, by port and protocol: {@code 8181/tcp}
 * @param restarts by the engine, since it was last started by somebody
 */
record Container(
    String id,
    String name,
    String role,
    Map<String, String> labels,
    String image,
    String status,
    int exitCode,
    String error,
    Instant started,
    int restarts,
    Map<String, String> addresses,
    Map<String, String> networks,
    Map<String, Integer> ports) {
  /** Labels of every container of ours. */
  static final String PROJECT = "dev.swiftdeploy.project";

  static final String ROLE = "dev.swiftdeploy.role";

  /** Labels of an instance. */
  static final String WORKLOAD = "dev.swiftdeploy.workload";

  static final String SLOT = "dev.swiftdeploy.slot";

  /** By Compose: the file that a container was started from. */
  private static final String STARTED_FROM = "com.docker.compose.project.config_files";

  /** Roles. */
  static final String INSTANCE = "instance";

  static final String NGINX = "nginx";
  static final String EVIDENCE = "evidence";
  static final String OPA = "opa";

  /** Of {@code docker inspect}. */
  static Container of(JsonNode node) {
    JsonNode state = node.path("State");
    Map<String, String> labels = new TreeMap<>();
    node.path("Config")
        .path("Labels")
        .properties()
        .forEach(f -> labels.put(f.getKey(), f.getValue().asText()));
    Map<String, String> addresses = new TreeMap<>();
    Map<String, String> networks = new TreeMap<>();
    JsonNode settings = node.path("NetworkSettings");
    settings
        .path("Networks")
        .properties()
        .forEach(
            f -> {
              addresses.put(f.getKey(), f.getValue().path("IPAddress").asText());
              networks.put(f.getKey(), f.getValue().path("NetworkID").asText());
            });
    Map<String, Integer> ports = new TreeMap<>();
    settings
        .path("Ports")
        .properties()
        .forEach(
            f -> {
              int port = f.getValue().path(0).path("HostPort").asInt(0);
              if (port > 0) {
                ports.put(f.getKey(), port);
              }
            });
    return new Container(
        node.path("Id").asText(),
        node.path("Name").asText().replaceFirst("^/", ""),
        labels.getOrDefault(ROLE, ""),
        labels,
        node.path("Image").asText(),
        state.path("Status").asText(),
        state.path("ExitCode").asInt(),
        state.path("Error").asText(),
        time(state.path("StartedAt").asText()),
        node.path("RestartCount").asInt(),
        addresses,
        networks,
        ports);
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  boolean running() {
    return status.equals("running");
  }

  /** Whether it runs, and is in the network by which others reach it. */
  boolean reachable(String network) {
    return running() && addresses.containsKey(network);
  }

  /** Whether it has a process now, be it a paused one. */
  boolean alive() {
    return running() || status.equals("paused");
  }

  /** Whether it was started from another Compose file than this, so by a person's hand. */
  boolean byHand(Path file) {
    return labels.containsKey(STARTED_FROM) && !file.toString().equals(labels.get(STARTED_FROM));
  }

  Optional<Workload> workload() {
    try {
      return Optional.ofNullable(labels.get(WORKLOAD)).map(Workload::of);
    } catch (InvalidValue e) {
      return Optional.empty();
    }
  }

  OptionalInt slot() {
    String text = labels.getOrDefault(SLOT, "");
    return text.matches("[0-9]{1,3}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  /** One life of it: from a start to the next end. */
  String life() {
    return id + " " + started + " " + restarts;
  }
}
