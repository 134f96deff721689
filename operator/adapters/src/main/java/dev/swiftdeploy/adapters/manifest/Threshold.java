package dev.swiftdeploy.adapters.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The limits that a manifest can set, by the policy's name and the resource form's. What they are
 * compared with, and which of two is the stricter, is the policy's business.
 */
enum Threshold {
  MIN_DISK_FREE_GB("min_disk_free_gb", "minDiskFreeGb", "GB", null),
  MAX_LOAD_PER_CPU("max_load_per_cpu", "maxLoadPerCpu", "1-minute load per CPU", null),
  MAX_CPU_LOAD("max_cpu_load", "maxCpuLoad", "1-minute load", null),
  MAX_MEMORY_USED_PERCENT(
      "max_memory_used_percent", "maxMemoryUsedPercent", "percent, 0 to 100", new BigDecimal(100)),
  MAX_ERROR_RATE("max_error_rate", "maxErrorRate", "a fraction, 0 to 1", BigDecimal.ONE),
  MAX_P99_MS("max_p99_ms", "maxP99Ms", "milliseconds", null),
  MIN_REQUESTS("min_requests", "minRequests", "requests", null),
  MAX_FAILED_REVIEWS("max_failed_reviews", "maxFailedReviews", "reviews", null);

  private final String policyName;
  private final String specName;
  private final String unit;
  private final Optional<BigDecimal> most;

  Threshold(
      String policyName,
      String specName,
      String unit,
      @org.jspecify.annotations.Nullable BigDecimal most) {
    this.policyName = policyName;
    this.specName = specName;
    this.unit = unit;
    this.most = Optional.ofNullable(most);
  }

  String policyName() {
    return policyName;
  }

  String specName() {
    return specName;
  }

  String unit() {
    return unit;
  }

  static Optional<Threshold> bySpecName(String name) {
    return Arrays.stream(values()).filter(t -> t.specName.equals(name)).findFirst();
  }

  static java.util.List<String> specNames() {
    return Arrays.stream(values()).map(Threshold::specName).collect(Collectors.toList());
  }

  /** The number itself, if it is in the range; else {@link InvalidValue}. */
  BigDecimal checked(BigDecimal number) {
    if (most.isPresent() && number.compareTo(most.get()) > 0) {
      throw new InvalidValue(number.toPlainString() + " is out of range: " + unit);
    }
    return number;
  }

  /** The number for policy, exact: {@code 0.01} is no nearest double. */
  static JsonNode json(BigDecimal number) {
    BigDecimal bare = number.stripTrailingZeros();
    if (bare.scale() <= 0 && bare.abs().compareTo(new BigDecimal(Integer.MAX_VALUE)) <= 0) {
      return IntNode.valueOf(bare.intValueExact());
    }
    return DecimalNode.valueOf(bare.scale() < 0 ? bare.setScale(0) : bare);
  }
}
