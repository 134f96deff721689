package dev.swiftdeploy.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.evidence.Node;
import dev.swiftdeploy.core.evidence.NodeStats;
import dev.swiftdeploy.core.evidence.Nodes;
import dev.swiftdeploy.core.plan.Request;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What policy is told of each kind of transition. */
class AdmissionInputTest {
  @Test
  void eachTransitionSaysFromWhatToWhatAndHowFar() {
    World world = new World();
    world.metrics = new MeasuredWorkloads();
    world.restart();
    world.settle();
    world.declare(s -> s.steps(10, 50).to("B")).settle();
    world.run(120);
    world.ask(Request.Kind.ROLLBACK);
    world.run(20);

    Map<String, JsonNode> asked = new HashMap<>();
    world.policy.asked().forEach(i -> asked.putIfAbsent(i.at("/transition/kind").asText(), i));

    assertTold(asked, "deploy", "- > vA stable, step null of 0, weight 100, spec");
    assertTold(asked, "canary", "vA stable > vB canary, step 0 of 2, weight 10, spec");
    assertTold(asked, "advance", "vA stable > vB canary, step 1 of 2, weight 50, spec");
    assertTold(asked, "promote", "vA stable > vB stable, step 1 of 2, weight 100, spec");
    assertTold(asked, "rollback", "vB stable > vA stable, step null of 2, weight null, person");
  }

  @Test
  void whatIsNotKnownOfANodeIsNullAndNeverLeftOut() {
    World world = new World();
    NodeStats some =
        new NodeStats(
            OptionalLong.of(3_200_000_000L),
            OptionalLong.of(100_000_000_000L),
            OptionalDouble.of(37.5),
            OptionalDouble.empty(),
            Optional.of("its kubelet does not tell memory.workingSetBytes"));
    world.machines =
        new Nodes(
            Optional.of(
                List.of(
                    new Node("a", new TreeMap<>(Map.of("Ready", "True")), some),
                    new Node("b", new TreeMap<>(), NodeStats.UNASKED))));
    world.settle();

    JsonNode input = world.policy.asked().get(0);
    assertThat(input.get("host").isNull()).isTrue();
    assertThat(input.get("nodes"))
        .hasToString(
            "[{\"name\":\"a\",\"conditions\":{\"Ready\":\"True\"},"
                + "\"disk_free_bytes\":3200000000,\"disk_total_bytes\":100000000000,"
                + "\"cpu_used_percent\":37.5,\"memory_used_percent\":null,"
                + "\"problem\":\"its kubelet does not tell memory.workingSetBytes\"},"
                + "{\"name\":\"b\",\"conditions\":{},\"disk_free_bytes\":null,"
                + "\"disk_total_bytes\":null,\"cpu_used_percent\":null,"
                + "\"memory_used_percent\":null,\"problem\":null}]");

    world.machines = Nodes.UNKNOWN;
    world.declare("B").settle();
    assertThat(world.policy.asked().get(world.policy.asked().size() - 1).get("nodes").isNull())
        .isTrue();
  }

  private static void assertTold(Map<String, JsonNode> asked, String kind, String expected) {
    assertThat(asked).containsKey(kind);
    JsonNode transition = asked.get(kind).path("transition");
    assertThat(
            "%s > %s, step %s of %s, weight %s, %s"
                .formatted(
                    side(transition.path("from")),
                    side(transition.path("to")),
                    transition.path("step"),
                    transition.path("steps"),
                    transition.path("weight"),
                    transition.path("cause").asText()))
        .as(kind)
        .isEqualTo(expected);
  }

  private static String side(JsonNode release) {
    return release.isNull()
        ? "-"
        : release.path("version").asText() + " " + release.path("mode").asText();
  }
}
