package dev.swiftdeploy.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.plan.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The input's schema in docs/policy.md is of what policy is given through a canary's life. */
class PolicySchemaTest {
  private static final Path DOCS = Path.of("../../docs/policy.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([a-z][a-z0-9_.]*)` \\| ([a-z]+) \\| (.*) \\|$");

  /** What names of the same shape are documented once for. */
  private static String documented(String path) {
    return path.replace("transition.from.", "transition.to.")
        .replace("metrics.stable.", "metrics.candidate.");
  }

  private static void collect(JsonNode node, String path, Map<String, Set<String>> types) {
    if (!path.isEmpty()) {
      types.computeIfAbsent(documented(path), p -> new TreeSet<>()).add(type(node));
    }
    if (node.isObject() && !path.matches(".*(env|labels|thresholds)")) {
      node.properties()
          .forEach(
              e ->
                  collect(
                      e.getValue(), path.isEmpty() ? e.getKey() : path + "." + e.getKey(), types));
    }
  }

  private static String type(JsonNode node) {
    return node.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  @Test
  void everyFieldIsThereWithItsTypeAndNoOther() throws IOException {
    World world = new World();
    world.metrics = new MeasuredWorkloads();
    world.restart();
    world.settle();
    world.declare(s -> s.steps(10, 50, 100).to("B")).settle();
    world.ask(Request.Kind.ROLLBACK);
    world.run(20);
    Map<String, Set<String>> types = new TreeMap<>();
    for (ObjectNode input : world.policy.asked()) {
      collect(input, "", types);
    }

    String docs = Files.readString(DOCS);
    String schema = docs.substring(docs.indexOf("## The input"), docs.indexOf("## The decision"));
    Map<String, String> rows = new TreeMap<>();
    Matcher matcher = ROW.matcher(schema);
    while (matcher.find()) {
      rows.put(matcher.group(1), matcher.group(2));
      assertThat(matcher.group(3)).as(matcher.group(1)).isNotBlank();
    }
    assertThat(rows.keySet()).isEqualTo(types.keySet());
    types.forEach(
        (path, seen) -> {
          Set<String> others = new TreeSet<>(seen);
          others.removeAll(Set.of("null", rows.get(path)));
          assertThat(others).as(path).isEmpty();
        });
  }
}
