package dev.swiftdeploy.core.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import org.jspecify.annotations.Nullable;

/**
 * What a workload's instances did in a window: deltas of their counters. What can't be told is
 * null, never zero, and is written so. Numbers are finite, rounded to millionths (the same numbers
 * are judged, recorded and shown), and written without exponent.
 *
 * @param requests answered in the window, those of people; null where no instance could be read
 * @param syntheticRequests those of the probe: answered in the window, and those that got no answer
 *     in it; null likewise
 * @param unansweredProbes of these, how many got no answer for as long as a probe waits (10 s); the
 *     workload itself counts what it has answered only, so that one that hangs would show nothing
 * @param errors of both kinds that were answered with 5xx, and probes that got no answer; null
 *     where requests were counted without the label {@code status_code}
 * @param errorRate share of errors, 0 to 1; null where there were no requests, or errors are not
 *     known
 * @param errorRateUpper95 one-sided 95 % upper confidence bound of it (Clopper and Pearson)
 * @param p50Ms median of the time to an answer, in milliseconds, as {@code histogram_quantile} of
 *     Prometheus interpolates it; null where no time was observed
 * @param p95Ms likewise
 * @param p99Ms likewise
 * @param p99InLastBucket the 99th percentile is at least {@code p99Ms}, and how much more is not
 *     known
 * @param restarts of instances that were seen before and after
 * @param resets scrapes in which a counter had gone back though the instance was not restarted
 * @param windowSeconds from the first scrape that counts (or the first birth of an instance in the
 *     window) to the last
 * @param scrapeFailures in the window, of all instances
 * @param scrapeFailure why the latest of them failed
 * @param instances that were read at least once in the window
 * @param chaosActive the highest {@code chaos_active} of their latest scrapes: 0 none; null where
 *     none tells
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record WorkloadMetrics(
    @JsonSerialize(using = PlainNumber.class) @Nullable Double requests,
    @JsonSerialize(using = PlainNumber.class) @Nullable Double syntheticRequests,
    int unansweredProbes,
    @JsonSerialize(using = PlainNumber.class) @Nullable Double errors,
    @JsonSerialize(using = PlainNumber.class) @Nullable Double errorRate,
    @JsonSerialize(using = PlainNumber.class) @JsonProperty("error_rate_upper_95")
        @Nullable Double errorRateUpper95,
    @JsonSerialize(using = PlainNumber.class) @JsonProperty("p50_ms") @Nullable Double p50Ms,
    @JsonSerialize(using = PlainNumber.class) @JsonProperty("p95_ms") @Nullable Double p95Ms,
    @JsonSerialize(using = PlainNumber.class) @JsonProperty("p99_ms") @Nullable Double p99Ms,
    @JsonProperty("p99_in_last_bucket") boolean p99InLastBucket,
    int restarts,
    int resets,
    @JsonSerialize(using = PlainNumber.class) double windowSeconds,
    int scrapeFailures,
    @Nullable String scrapeFailure,
    int instances,
    @JsonSerialize(using = PlainNumber.class) @Nullable Double chaosActive) {

  public WorkloadMetrics {
    requests = rounded(requests);
    syntheticRequests = rounded(syntheticRequests);
    errors = rounded(errors);
    errorRate = rounded(errorRate);
    errorRateUpper95 = rounded(errorRateUpper95);
    p50Ms = rounded(p50Ms);
    p95Ms = rounded(p95Ms);
    p99Ms = rounded(p99Ms);
    windowSeconds = PlainNumber.round(windowSeconds);
    chaosActive = rounded(chaosActive);
  }

  private static @Nullable Double rounded(@Nullable Double value) {
    return value == null ? null : Double.valueOf(PlainNumber.round(value));
  }
}
