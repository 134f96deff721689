package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;

/**
 * How long the embedded engine takes to its first decision and to later ones, in a JVM of its own.
 *
 * <p>{@code PolicyBench POLICIES [CACHE]}: without a cache folder the policy is translated anew.
 */
public final class PolicyBench {
  private PolicyBench() {}

  public static void main(String[] args) throws Exception {
    Path policies = Path.of(args[0]).toAbsolutePath();
    EmbeddedPolicyEngine.Options options =
        args.length > 1
            ? TestEngines.OPTIONS.withCache(Path.of(args[1]).toAbsolutePath())
            : EmbeddedPolicyEngine.Options.DEFAULTS.withLoadDeadline(TestEngines.PATIENCE);
    ObjectNode input = deploy(policies);
    long start = System.nanoTime();
    try (EmbeddedPolicyEngine engine = new EmbeddedPolicyEngine(policies, options)) {
      print("constructor", start);
      ask(engine, input);
      print("to the first decision", start);
      start = System.nanoTime();
      ask(engine, input);
      print("the second", start);
      for (int count : new int[] {100, 1000, 10_000}) {
        long[] took = new long[count];
        for (int i = 0; i < count; i++) {
          start = System.nanoTime();
          ask(engine, input);
          took[i] = System.nanoTime() - start;
        }
        Arrays.sort(took);
        System.out.printf(
            Locale.ROOT,
            "next %,d: median %.2f ms, p99 %.2f ms%n",
            count,
            took[count / 2] / 1e6,
            took[count * 99 / 100] / 1e6);
      }
      start = System.nanoTime();
      for (int i = 0; i < 1000; i++) {
        engine.revision();
      }
      System.out.printf(
          Locale.ROOT, "revision(): %.3f ms%n", (System.nanoTime() - start) / 1e6 / 1000);
      System.gc();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      System.out.printf(Locale.ROOT, "heap after a collection: %.1f MB%n", heap / 1e6);
      for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
        if (pool.getName().contains("Metaspace") || pool.getName().contains("Code")) {
          System.out.printf(
              Locale.ROOT, "%s: %.1f MB%n", pool.getName(), pool.getUsage().getUsed() / 1e6);
        }
      }
    }
  }

  private static ObjectNode deploy(Path policies) throws Exception {
    Iterator<JsonNode> cases =
        StrictJson.read(Files.readAllBytes(policies.resolve("testdata/deploy.json"))).elements();
    return (ObjectNode) cases.next().get("input");
  }

  private static void ask(EmbeddedPolicyEngine engine, ObjectNode input) {
    if (!(engine.evaluate("decision-1", input) instanceof Answer.Document)) {
      throw new IllegalStateException(String.valueOf(engine.revision().problem()));
    }
  }

  private static void print(String what, long start) {
    System.out.printf(Locale.ROOT, "%s: %.0f ms%n", what, (System.nanoTime() - start) / 1e6);
  }
}
