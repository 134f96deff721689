package dev.swiftdeploy.adapters.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.spec.Durations;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Finds the limits for policy wherever public manifests write them: any field below a root key such
 * as {@code policy}, {@code policies}, {@code policy_limits}, {@code policy_canary}, {@code
 * thresholds} or {@code canary} whose words name a disk, a load, memory, an error rate, a latency
 * or a number of requests. Where a key does not tell the unit, how the number was read is said.
 * Policy takes them only where they are stricter than its own.
 */
final class FlatThresholds {
  private static final Pattern PLACES =
      Pattern.compile("polic(y|ies)(_.*)?|.*thresholds?|.*limits|canary(_.*)?|infrastructure|slo");
  private static final int DEEPEST = 6;
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private final Tree tree;
  private final Problems problems;
  private final SortedMap<String, JsonNode> thresholds = new TreeMap<>();
  private final Map<Threshold, Field> given = new EnumMap<>(Threshold.class);
  private Optional<Field> window = Optional.empty();

  private FlatThresholds(Tree tree, Problems problems) {
    this.tree = tree;
    this.problems = problems;
  }

  static FlatThresholds read(Node root, Tree tree, Problems problems) {
    FlatThresholds found = new FlatThresholds(tree, problems);
    for (Field section : Tree.children(root, "")) {
      String name = SpecKeys.lower(section.name());
      boolean ours = PLACES.matcher(name).matches() && !name.equals("policy_engine");
      if (ours && section.isMapping()) {
        found.search(section, DEEPEST);
      }
    }
    return found;
  }

  /** By the policy's own names. */
  SortedMap<String, JsonNode> thresholds() {
    return thresholds;
  }

  /** How far back evidence is to look. */
  Optional<Field> window() {
    return window;
  }

  private void search(Field section, int depth) {
    tree.markEntered(section);
    for (Field field : Tree.children(section.value(), section.path())) {
      if (SpecKeys.lower(field.name()).startsWith("opa")) {
        continue; // another tool's server, told as a whole
      }
      if (field.isMapping() && depth > 0) {
        search(field, depth - 1);
      } else if (field.isScalar() && !field.isEmpty() && take(field, new Words(field.name()))) {
        tree.markRead(field);
      }
    }
  }

  /** Whether the field was one of ours. */
  private boolean take(Field field, Words words) {
    if (words.any("window")) {
      window = window.isPresent() ? window : Optional.of(field);
      return true;
    }
    if (words.any("path", "dir", "directory", "mount", "device")) {
      return false;
    }
    if (words.any("disk")) {
      return amount(field, Threshold.MIN_DISK_FREE_GB, t -> disk(field, words, t));
    }
    if (words.any("load")) {
      boolean perCpu = words.any("per") && words.any("cpu", "core");
      return amount(
          field, perCpu ? Threshold.MAX_LOAD_PER_CPU : Threshold.MAX_CPU_LOAD, t -> load(words, t));
    }
    if (words.any("mem", "memory")) {
      return !words.any("mb", "mib", "gb", "gib")
          && amount(field, Threshold.MAX_MEMORY_USED_PERCENT, t -> memory(field, words, t));
    }
    if (words.any("error", "errors")) {
      return amount(field, Threshold.MAX_ERROR_RATE, t -> errorRate(field, words, t));
    }
    if (words.any("p99") || (words.any("latency") && !words.any("p50", "p90", "p95"))) {
      return amount(field, Threshold.MAX_P99_MS, t -> latency(field, words, t));
    }
    if (words.any("requests", "request", "samples") && words.any("min", "minimum")) {
      return amount(field, Threshold.MIN_REQUESTS, Values::decimal);
    }
    if (words.any("failed", "failures", "reviews") && words.any("max", "maximum")) {
      return amount(field, Threshold.MAX_FAILED_REVIEWS, Values::decimal);
    }
    return false;
  }

  private interface Reading {
    BigDecimal of(String text);
  }

  private boolean amount(Field field, Threshold threshold, Reading reading) {
    Field earlier = given.putIfAbsent(threshold, field);
    if (earlier != null) {
      problems.warning(
          field.keySpot(),
          field.path(),
          "is not used: " + earlier.path() + " is",
          "keep one of them");
      return true;
    }
    try {
      BigDecimal number = threshold.checked(reading.of(field.text()));
      thresholds.put(threshold.policyName(), Threshold.json(number));
    } catch (InvalidValue e) {
      problems.error(
          field.valueSpot(),
          field.path(),
          String.valueOf(e.getMessage()),
          "write a number: " + threshold.unit());
    }
    return true;
  }

  private BigDecimal disk(Field field, Words words, String text) {
    BigDecimal number = Values.decimal(text);
    if (words.any("percent", "pct")) {
      throw new InvalidValue("free disk is asked for in GB, not in percent");
    }
    if (words.any("mb", "mib")) {
      return number.divide(THOUSAND);
    }
    if (!words.any("gb", "gib")) {
      say(field, "GB");
    }
    return number;
  }

  private static BigDecimal load(Words words, String text) {
    if (words.any("percent", "pct") || text.endsWith("%")) {
      throw new InvalidValue("the load is asked for as a load average, not in percent");
    }
    return Values.decimal(text);
  }

  /** Up to 1 can only be a fraction: 1 percent of memory is never enough. */
  private BigDecimal memory(Field field, Words words, String text) {
    BigDecimal number =
        Threshold.MAX_MEMORY_USED_PERCENT.checked(Values.decimal(percentless(text)));
    boolean free = words.any("free", "available");
    if (!free && number.compareTo(BigDecimal.ONE) <= 0 && !text.endsWith("%")) {
      BigDecimal percent = number.multiply(HUNDRED);
      say(field, "a fraction: " + plain(percent) + " % used");
      return percent;
    }
    if (free) {
      say(field, "percent free, that is at most " + plain(HUNDRED.subtract(number)) + " % used");
      return HUNDRED.subtract(number);
    }
    if (!words.any("percent", "pct") && !text.endsWith("%")) {
      say(field, "percent used");
    }
    return number;
  }

  /** Above 1 a rate can only be in percent; 1 itself is far likelier one percent than all. */
  private BigDecimal errorRate(Field field, Words words, String text) {
    BigDecimal number = Values.decimal(percentless(text));
    if (words.any("percent", "pct", "percentage") || text.endsWith("%")) {
      return number.divide(HUNDRED);
    }
    if (number.compareTo(BigDecimal.ONE) >= 0) {
      say(field, "percent: " + plain(number) + " %");
      return number.divide(HUNDRED);
    }
    say(field, "a fraction: " + plain(number.multiply(HUNDRED)) + " %");
    return number;
  }

  /** Without a unit, up to 10 counts seconds, and more milliseconds. */
  private BigDecimal latency(Field field, Words words, String text) {
    if (text.endsWith("s")) {
      return BigDecimal.valueOf(Durations.parse(text).toMillis());
    }
    BigDecimal number = Values.decimal(text);
    if (words.any("ms", "millis", "milliseconds")) {
      return number;
    }
    if (words.any("s", "sec", "secs", "seconds")) {
      return number.multiply(THOUSAND);
    }
    boolean seconds = number.compareTo(BigDecimal.TEN) <= 0;
    BigDecimal millis = seconds ? number.multiply(THOUSAND) : number;
    say(field, (seconds ? "seconds: " : "milliseconds: ") + plain(millis) + " ms");
    return millis;
  }

  private void say(Field field, String unit) {
    problems.notice(field.valueSpot(), field.path(), "is read as " + unit);
  }

  private static String plain(BigDecimal number) {
    return Threshold.json(number).asText();
  }

  private static String percentless(String text) {
    return text.endsWith("%") ? text.substring(0, text.length() - 1).stripTrailing() : text;
  }

  /** The words of a key, in snake_case or camelCase. */
  private record Words(List<String> words) {
    Words(String key) {
      this(List.of(spelled(key).split("[^a-z0-9]+", -1)));
    }

    private static String spelled(String key) {
      String lower = SpecKeys.lower(key);
      return key.equals(SpecKeys.upper(key)) ? lower : SpecKeys.snake(key);
    }

    boolean any(String... wanted) {
      return Arrays.stream(wanted).anyMatch(words::contains);
    }
  }
}
