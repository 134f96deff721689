package dev.swiftdeploy.core.evidence;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What a workload's instances did in a window: deltas of their counters. What can't be told is
 * null, never zero.
 *
 * @param requests answered in the window, those of people
 * @param syntheticRequests answered in the window, those of the probe
 * @param errors of both kinds that were answered with 5xx
 * @param errorRate share of errors, 0 to 1
 * @param errorRateUpper95 one-sided 95 % upper confidence bound of it (Clopper and Pearson)
 * @param p99InLastBucket the 99th percentile is at least {@code p99Ms}
 * @param restarts of instances within the window, vanished ones not counted
 * @param windowSeconds from the first scrape that counts to the last
 * @param scrapeFailures in the window
 * @param instances that were read at least once in the window
 */
public record WorkloadMetrics(
    double requests,
    double syntheticRequests,
    double errors,
    @Nullable Double errorRate,
    @JsonProperty("error_rate_upper_95") @Nullable Double errorRateUpper95,
    @JsonProperty("p50_ms") @Nullable Double p50Ms,
    @JsonProperty("p95_ms") @Nullable Double p95Ms,
    @JsonProperty("p99_ms") @Nullable Double p99Ms,
    @JsonProperty("p99_in_last_bucket") boolean p99InLastBucket,
    int restarts,
    double windowSeconds,
    int scrapeFailures,
    int instances) {}
