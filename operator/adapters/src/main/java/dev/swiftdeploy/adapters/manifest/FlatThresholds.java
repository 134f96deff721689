package dev.swiftdeploy.adapters.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds thresholds in the layouts that public manifests use: any number below {@code policy},
 * {@code policies}, {@code policy_limits}, {@code thresholds}, {@code limits} or {@code opa} whose
 * key names a disk, a load, memory, an error rate or a latency. Where a unit can't be told from the
 * key, how it was read is said. Policy takes them only where they are stricter than its own.
 */
final class FlatThresholds {
  private static final List<String> PLACES =
      List.of("policy", "policies", "policy_limits", "thresholds", "limits", "opa");
  private static final int DEEPEST = 6;
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private final Fields fields;
  private final SortedMap<String, JsonNode> found = new TreeMap<>();

  private FlatThresholds(Fields fields) {
    this.fields = fields;
  }

  static SortedMap<String, JsonNode> read(Fields fields) {
    FlatThresholds thresholds = new FlatThresholds(fields);
    for (String place : PLACES) {
      Tree.child(fields.root(), "", place).ifPresent(f -> thresholds.search(f, DEEPEST));
    }
    return thresholds.found;
  }

  private void search(Field field, int depth) {
    if (field.isMapping() && depth > 0) {
      fields.tree().markEntered(field);
      for (Field each : Tree.children(field.value(), field.path())) {
        search(each, depth - 1);
      }
    } else if (field.isScalar() && !field.isEmpty()) {
      Set<String> words = words(field);
      if (take(field, words)) {
        fields.tree().markRead(field);
      }
    }
  }

  private static Set<String> words(Field field) {
    String key = field.name();
    return new HashSet<>(
        Arrays.asList(
            Fields.lower(key.replaceAll("([a-z0-9])([A-Z])", "$1_$2")).split("[^a-z0-9]+", -1)));
  }

  private boolean take(Field field, Set<String> words) {
    if (!any(words, "disk", "load", "cpu", "mem", "memory", "error", "errors", "p99", "latency")) {
      return false;
    }
    BigDecimal value;
    try {
      value = Values.decimal(field.text());
    } catch (RuntimeException e) {
      return false; // a word such as `enabled: true`: told as unknown
    }
    if (words.contains("disk")) {
      boolean mega = any(words, "mb", "mib");
      put("min_disk_free_gb", mega ? value.divide(THOUSAND, 3, RoundingMode.HALF_UP) : value);
      sayUnless(any(words, "gb", "gib", "mb", "mib"), field, "GB");
    } else if (any(words, "error", "errors")) {
      errorRate(field, words, value);
    } else if (any(words, "p99", "latency")) {
      latency(field, words, value);
    } else if (any(words, "mem", "memory")) {
      put("max_memory_used_percent", value);
      sayUnless(any(words, "percent", "pct"), field, "percent used, at most");
    } else {
      put("max_cpu_load", value);
    }
    return true;
  }

  private void errorRate(Field field, Set<String> words, BigDecimal value) {
    boolean named = any(words, "percent", "pct", "percentage");
    boolean percent = named || value.compareTo(BigDecimal.ONE) > 0;
    put("max_error_rate", percent ? value.divide(HUNDRED, 6, RoundingMode.HALF_UP) : value);
    sayUnless(named, field, percent ? "percent" : "a fraction, 0 to 1");
  }

  private void latency(Field field, Set<String> words, BigDecimal value) {
    boolean millis = any(words, "ms", "millis", "milliseconds");
    boolean seconds = any(words, "s", "sec", "seconds");
    boolean asSeconds = seconds || (!millis && value.compareTo(BigDecimal.TEN) <= 0);
    put("max_p99_ms", asSeconds ? value.multiply(THOUSAND) : value);
    sayUnless(millis || seconds, field, asSeconds ? "seconds" : "milliseconds");
  }

  private void sayUnless(boolean told, Field field, String unit) {
    if (!told) {
      fields.problems().notice(field.valueSpot(), field.path(), "is read as " + unit);
    }
  }

  private void put(String name, BigDecimal value) {
    found.put(name, JsonNodeFactory.instance.numberNode(value.stripTrailingZeros()));
  }

  private static boolean any(Set<String> words, String... wanted) {
    return Arrays.stream(wanted).anyMatch(words::contains);
  }
}
