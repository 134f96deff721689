package dev.swiftdeploy.core.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.evidence.Evidence;
import dev.swiftdeploy.core.evidence.Host;
import dev.swiftdeploy.core.evidence.Machines;
import dev.swiftdeploy.core.evidence.Node;
import dev.swiftdeploy.core.evidence.Nodes;
import dev.swiftdeploy.core.evidence.WorkloadMetrics;
import dev.swiftdeploy.core.plan.Candidate;
import dev.swiftdeploy.core.plan.Desired;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The document that policy is given, {@code swiftdeploy.dev/input/v1}. What could not be read is
 * {@code null}, never zero. Env values appear only as hashes.
 */
public final class AdmissionInput {
  public static final String VERSION = "swiftdeploy.dev/input/v1";

  private AdmissionInput() {}

  /**
   * Builds the input for one proposed transition.
   *
   * @param releases gives the full release to an id, where it is still known
   */
  public static ObjectNode of(
      Transition transition,
      String decisionId,
      Desired desired,
      State state,
      String platform,
      Actor actor,
      Evidence evidence,
      Instant now,
      int failedReviews,
      Function<ReleaseId, Optional<Release>> releases) {
    ObjectNode input = JsonNodeFactory.instance.objectNode();
    input.put("version", VERSION);
    input.set("transition", transition(transition, decisionId, desired, state, releases));
    input.set("resource", resource(desired, state, platform));
    input.set("actor", Json.MAPPER.valueToTree(actor));
    input.put("time", now.toString());
    input.set("host", host(evidence.machines()));
    input.set("nodes", nodes(evidence.machines()));
    input.set("metrics", metrics(evidence));
    input.set("history", history(state, failedReviews, now));
    return input;
  }

  private static ObjectNode transition(
      Transition transition,
      String decisionId,
      Desired desired,
      State state,
      Function<ReleaseId, Optional<Release>> releases) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", decisionId);
    node.put("kind", transition.kind().word());
    node.set("from", release(transition.from(), fromMode(transition, state), releases));
    Mode toMode =
        transition.kind() == TransitionKind.CANARY || transition.kind() == TransitionKind.ADVANCE
            ? Mode.CANARY
            : Mode.STABLE;
    node.set("to", release(transition.to(), toMode, releases));
    node.put("step", transition.step().orElse(null));
    Spec.Canary canary = desired.spec().canary();
    boolean stepped = transition.step().isPresent();
    node.put("steps", (stepped ? canary.candidateSteps() : canary.steps()).size());
    node.put("weight", transition.weight().orElse(null));
    node.put("skips_hold", transition.skipsHold());
    node.put("cause", transition.cause().word());
    return node;
  }

  /** What is rolled back is the candidate, or what a failed canary began; else it is stable. */
  private static Mode fromMode(Transition transition, State state) {
    boolean candidate =
        state.admitted().candidate().map(Candidate::id).equals(transition.from())
            && transition.after().candidate().isEmpty();
    boolean failedCanary =
        state.retreatDue().filter(f -> f.transition().kind() == TransitionKind.CANARY).isPresent();
    return transition.kind() == TransitionKind.ROLLBACK && (candidate || failedCanary)
        ? Mode.CANARY
        : Mode.STABLE;
  }

  private static JsonNode release(
      Optional<ReleaseId> id, Mode mode, Function<ReleaseId, Optional<Release>> releases) {
    if (id.isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    releases
        .apply(id.get())
        .ifPresentOrElse(
            known -> node.setAll((ObjectNode) Json.MAPPER.valueToTree(known.summary())),
            () -> node.put("id", id.get().value()));
    if (!node.has("digest")) {
      node.putNull("digest");
    }
    node.put("mode", mode.word());
    return node;
  }

  private static ObjectNode resource(Desired desired, State state, String platform) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", desired.resource().name().value());
    node.put("namespace", "");
    node.put("uid", state.uid().orElse(""));
    node.put("generation", desired.generation());
    node.put("platform", platform);
    ObjectNode labels = node.putObject("labels");
    desired.resource().labels().forEach(labels::put);
    ObjectNode thresholds = node.putObject("thresholds");
    desired.spec().policy().thresholds().forEach(thresholds::set);
    return node;
  }

  private static JsonNode host(Machines machines) {
    if (!(machines instanceof Host host)) {
      return JsonNodeFactory.instance.nullNode();
    }
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    number(node, "disk_free_bytes", host.diskFreeBytes());
    number(node, "disk_total_bytes", host.diskTotalBytes());
    number(node, "cpus", host.cpus());
    number(node, "cpu_load_1m", host.cpuLoad1m());
    number(node, "memory_used_percent", host.memoryUsedPercent());
    return node;
  }

  private static JsonNode nodes(Machines machines) {
    if (!(machines instanceof Nodes nodes) || nodes.known().isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    nodes.known().get().forEach(node -> all.add(node(node)));
    return all;
  }

  private static ObjectNode node(Node known) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", known.name());
    node.set("conditions", Json.MAPPER.<JsonNode>valueToTree(known.conditions()));
    number(node, "disk_free_bytes", known.stats().diskFreeBytes());
    number(node, "disk_total_bytes", known.stats().diskTotalBytes());
    number(node, "cpu_used_percent", known.stats().cpuUsedPercent());
    number(node, "memory_used_percent", known.stats().memoryUsedPercent());
    node.put("problem", known.stats().problem().orElse(null));
    return node;
  }

  private static JsonNode metrics(Evidence evidence) {
    if (evidence.metrics().isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    Evidence.Metrics metrics = evidence.metrics().get();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("candidate", workload(metrics.candidate()));
    node.set("stable", workload(metrics.stable()));
    return node;
  }

  private static JsonNode workload(Optional<WorkloadMetrics> metrics) {
    return metrics
        .map(m -> Json.MAPPER.<JsonNode>valueToTree(m))
        .orElse(JsonNodeFactory.instance.nullNode());
  }

  private static void number(ObjectNode node, String name, OptionalLong value) {
    if (value.isPresent()) {
      node.put(name, value.getAsLong());
    } else {
      node.putNull(name);
    }
  }

  private static void number(ObjectNode node, String name, OptionalDouble value) {
    if (value.isPresent() && Double.isFinite(value.getAsDouble())) {
      node.put(name, value.getAsDouble());
    } else {
      node.putNull(name);
    }
  }

  private static ObjectNode history(State state, int failedReviews, Instant now) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("failed_reviews", failedReviews);
    state
        .candidateBorn()
        .ifPresentOrElse(
            born -> node.put("candidate_seconds", Duration.between(born, now).toMillis() / 1000.0),
            () -> node.putNull("candidate_seconds"));
    ArrayNode recent = node.putArray("recent");
    state.recent().forEach(outcome -> recent.add(Json.MAPPER.<JsonNode>valueToTree(outcome)));
    return node;
  }
}
