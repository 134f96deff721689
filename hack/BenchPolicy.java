import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.OwnOpaEngine;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.local.policy.OpaProcesses;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How long an engine takes to its decisions, in a JVM of its own, as hack/bench policy starts it.
 *
 * <p>{@code ENGINE POLICIES SCRATCH}: appends microseconds, one to a line, to {@code
 * SCRATCH/ENGINE-first}, {@code -cold} and {@code -warm}.
 */
final class BenchPolicy {
  private static final int COLD = 1000;
  private static final int WARM = 4000;

  public static void main(String[] args) throws Exception {
    Path policies = Path.of(args[1]).toAbsolutePath();
    Path scratch = Path.of(args[2]);
    JsonNode cases = new ObjectMapper().readTree(policies.resolve("testdata/deploy.json").toFile());
    ObjectNode input = (ObjectNode) cases.elements().next().get("input");
    long begun = System.nanoTime();
    try (PolicyEngine engine = engine(args[0], policies, scratch)) {
      ask(engine, input);
      write(scratch, args[0] + "-first", System.nanoTime() - begun);
      series(engine, input, COLD, scratch, args[0] + "-cold");
      series(engine, input, WARM, scratch, args[0] + "-warm");
    }
  }

  private static PolicyEngine engine(String name, Path policies, Path scratch) throws IOException {
    if (name.equals("opa")) {
      return new OwnOpaEngine(
          policies,
          new OpaProcesses(Files.createTempDirectory(scratch, "opa"), System.getenv()),
          OwnOpaEngine.Options.DEFAULTS.withDeadline(Duration.ofSeconds(30)));
    }
    EmbeddedPolicyEngine.Options patient =
        EmbeddedPolicyEngine.Options.DEFAULTS
            .withDeadline(Duration.ofSeconds(30))
            .withLoadDeadline(Duration.ofMinutes(2));
    return new EmbeddedPolicyEngine(
        policies, name.equals("cached") ? patient.withCache(scratch.resolve("cache")) : patient);
  }

  private static void series(
      PolicyEngine engine, ObjectNode input, int count, Path scratch, String name)
      throws IOException {
    long[] took = new long[count];
    for (int i = 0; i < count; i++) {
      long begun = System.nanoTime();
      ask(engine, input);
      took[i] = System.nanoTime() - begun;
    }
    write(scratch, name, took);
  }

  private static void ask(PolicyEngine engine, ObjectNode input) {
    if (!(engine.evaluate("d-1", input) instanceof Answer.Document)) {
      throw new IllegalStateException(String.valueOf(engine.revision()));
    }
  }

  private static void write(Path scratch, String name, long... nanos) throws IOException {
    Path file = scratch.resolve(name + ".figures");
    try (PrintStream out = new PrintStream(new java.io.FileOutputStream(file.toFile(), true))) {
      for (long each : nanos) {
        out.println(each / 1000);
      }
    }
  }
}
