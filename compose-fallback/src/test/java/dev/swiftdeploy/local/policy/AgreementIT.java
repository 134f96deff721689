package dev.swiftdeploy.local.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.OpaProgram;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An OPA server, {@code opa eval} and the embedded engine give the same document to every input:
 * those of {@code policies/testdata} as they are written, and many with something in them changed.
 */
class AgreementIT {
  private static final long SEED = 20_240_611;
  private static final int GENERATED = 300;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** 1.0 and 1 are the same number; nothing else is lenient. */
  private static final Comparator<JsonNode> BY_VALUE =
      (a, b) ->
          a.isNumber() && b.isNumber()
              ? a.decimalValue().compareTo(b.decimalValue())
              : a.equals(b) ? 0 : 1;

  @TempDir Path temp;

  @Test
  void three_ways_to_ask_give_the_same_document() throws Exception {
    Path policies = OpaWorld.copyOfPolicies(temp.resolve("policies"));
    List<ObjectNode> inputs = inputs(policies);
    List<JsonNode> evaluated = evaluated(policies, inputs);
    try (PolicyEngine opa =
            new OwnOpaEngine(
                policies,
                new OpaProcesses(temp.resolve("opa"), System.getenv()),
                OpaWorld.PATIENT);
        PolicyEngine embedded =
            new EmbeddedPolicyEngine(
                policies,
                EmbeddedPolicyEngine.Options.DEFAULTS.withDeadline(Duration.ofSeconds(30)))) {
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(opa.revision().digest()).isPresent());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(embedded.revision().digest()).isPresent());
      assertThat(opa.revision().digest()).isEqualTo(embedded.revision().digest());
      List<String> apart = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        JsonNode served = document(opa.evaluate("d-1", inputs.get(i)));
        JsonNode own = document(embedded.evaluate("d-1", inputs.get(i)));
        if (!served.equals(BY_VALUE, own) || !served.equals(BY_VALUE, evaluated.get(i))) {
          apart.add(
              inputs.get(i)
                  + "\n  server   "
                  + served
                  + "\n  eval     "
                  + evaluated.get(i)
                  + "\n  embedded "
                  + own);
        }
      }
      assertThat(apart).as("%d of %d inputs", apart.size(), inputs.size()).isEmpty();
    }
  }

  private static JsonNode document(Answer answer) {
    return answer instanceof Answer.Document document
        ? document.result()
        : JsonNodeFactory.instance.textNode("no answer: " + answer);
  }

  private List<JsonNode> evaluated(Path policies, List<ObjectNode> inputs) throws Exception {
    Path all = temp.resolve("inputs.json");
    JSON.writeValue(all.toFile(), inputs);
    Path out = temp.resolve("evaluated.json");
    Process process =
        new ProcessBuilder(
                System.getenv().getOrDefault(OpaProgram.VARIABLE, "opa"),
                "eval",
                "--strict-builtin-errors",
                "--format=raw",
                "--data=" + policies,
                "--ignore=*_test.rego,testdata,bundle,capabilities.json",
                "--input=" + all,
                "[d | some one in input; d := data.swiftdeploy.admission.decision with input as one]")
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor()).as(() -> text(out)).isZero();
    JsonNode documents = JSON.readTree(out.toFile());
    assertThat(documents.size()).isEqualTo(inputs.size());
    List<JsonNode> list = new ArrayList<>();
    documents.forEach(list::add);
    return list;
  }

  private static String text(Path file) {
    try {
      String text = Files.readString(file);
      return text.substring(0, Math.min(500, text.length()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  // ---- inputs ----------------------------------------------------------------------------

  private static List<ObjectNode> inputs(Path policies) throws IOException {
    List<ObjectNode> written = new ArrayList<>();
    try (Stream<Path> files = Files.list(policies.resolve("testdata"))) {
      for (Path file : files.sorted().toList()) {
        for (JsonNode each : JSON.readTree(file.toFile())) {
          if (each.get("input") instanceof ObjectNode input) {
            written.add(input);
          }
        }
      }
    }
    assertThat(written).hasSizeGreaterThan(50);
    Random random = new Random(SEED);
    List<ObjectNode> inputs = new ArrayList<>(written);
    for (int i = 0; i < GENERATED; i++) {
      ObjectNode input = written.get(random.nextInt(written.size())).deepCopy();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        change(input, random);
      }
      inputs.add(input);
    }
    return inputs;
  }

  /** One field somewhere is gone, something else, or there in addition. */
  private static void change(ObjectNode input, Random random) {
    List<ObjectNode> objects = new ArrayList<>();
    collect(input, objects);
    ObjectNode at = objects.get(random.nextInt(objects.size()));
    List<String> names = new ArrayList<>();
    at.fieldNames().forEachRemaining(names::add);
    if (names.isEmpty() || random.nextInt(20) == 0) {
      at.set("more", odd(random));
      return;
    }
    String name = names.get(random.nextInt(names.size()));
    if (random.nextInt(5) == 0) {
      at.remove(name);
    } else {
      at.set(name, odd(random));
    }
  }

  private static void collect(JsonNode node, List<ObjectNode> objects) {
    if (node instanceof ObjectNode object) {
      objects.add(object);
    }
    node.forEach(child -> collect(child, objects));
  }

  private static JsonNode odd(Random random) {
    JsonNodeFactory f = JsonNodeFactory.instance;
    return switch (random.nextInt(22)) {
      case 0 -> f.nullNode();
      case 1 -> f.booleanNode(random.nextBoolean());
      case 2 -> f.textNode("");
      case 3 -> f.textNode("Überprüfung 日本語 😀 \u0000 \u2028 \"\\");
      case 4 -> f.textNode("deploy");
      case 5 -> f.textNode("2026-02-29T25:61:00Z");
      case 6 -> f.textNode("sha256:" + "0".repeat(64));
      case 7 -> f.numberNode(random.nextInt(200) - 100);
      case 8 -> f.numberNode(random.nextDouble() * 1000);
      case 9 -> f.numberNode(random.nextGaussian() * 1e-6);
      case 10 -> f.numberNode(random.nextLong());
      case 11 -> f.numberNode(new BigDecimal("1e308"));
      case 12 -> f.numberNode(new BigDecimal("1e-308"));
      case 13 -> f.numberNode((1L << 53) + 1);
      case 14 -> f.numberNode(BigInteger.TWO.pow(80).negate());
      case 15 -> f.numberNode(new BigDecimal("0.1000000000000000055511151231257827"));
      case 16 -> f.numberNode(new BigDecimal("-0.0"));
      case 17 -> f.arrayNode();
      case 18 -> f.arrayNode().add("a").addNull().add(true).add(1.5);
      case 19 -> f.objectNode();
      case 20 -> f.objectNode().set("nested", f.arrayNode().add(f.objectNode().putNull("x")));
      default -> f.numberNode(random.nextInt(3));
    };
  }
}
