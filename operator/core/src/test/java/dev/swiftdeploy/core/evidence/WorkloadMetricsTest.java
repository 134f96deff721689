package dev.swiftdeploy.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadMetricsTest {

  @Test
  void itIsWrittenAsPolicyReadsIt() {
    assertThat(
            json(
                new WorkloadMetrics(
                    180.0,
                    20.0,
                    1,
                    1.0,
                    0.005,
                    0.0234823,
                    8.25,
                    90.0,
                    812.5,
                    false,
                    1,
                    0,
                    30.0,
                    2,
                    "GET /metrics: 404",
                    2,
                    1.0)))
        .isEqualTo(
            "{\"requests\":180,\"synthetic_requests\":20,\"unanswered_probes\":1,\"errors\":1,\"error_rate\":0.005,"
                + "\"error_rate_upper_95\":0.023482,\"p50_ms\":8.25,\"p95_ms\":90,\"p99_ms\":812.5,"
                + "\"p99_in_last_bucket\":false,\"restarts\":1,\"resets\":0,\"window_seconds\":30,"
                + "\"scrape_failures\":2,\"scrape_failure\":\"GET /metrics: 404\",\"instances\":2,"
                + "\"chaos_active\":1}");
  }

  @Test
  void whatIsNotKnownIsNullAndThere() {
    assertThat(
            json(
                new WorkloadMetrics(
                    null, null, 0, null, null, null, null, null, null, false, 0, 0, 0, 3, null, 0,
                    null)))
        .isEqualTo(
            "{\"requests\":null,\"synthetic_requests\":null,\"unanswered_probes\":0,\"errors\":null,\"error_rate\":null,"
                + "\"error_rate_upper_95\":null,\"p50_ms\":null,\"p95_ms\":null,\"p99_ms\":null,"
                + "\"p99_in_last_bucket\":false,\"restarts\":0,\"resets\":0,\"window_seconds\":0,"
                + "\"scrape_failures\":3,\"scrape_failure\":null,\"instances\":0,"
                + "\"chaos_active\":null}");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1, 1",
    "20, 20",
    "12000000, 12000000",
    "9007199254740992, 9007199254740992",
    "36028797018963968, 36028797018963968",
    "0.5, 0.5",
    "0.0001, 0.0001",
    "0.000001, 0.000001",
    "0.0000004, 0",
    "0.0000005, 0.000001",
    "1e-300, 0",
    "0.01, 0.01",
    "0.010000000000000002, 0.01",
    "500.00000000000006, 500",
    "0.1234564, 0.123456",
    "0.1234565, 0.123457",
    "1234.5, 1234.5"
  })
  void numbersAreWrittenAsPeopleWriteThem(double value, String written) {
    assertThat(json(of(value))).startsWith("{\"requests\":" + written + ",");
  }

  @Test
  void theInputHoldsTheSameNumbersAsTheRecordThatIsReadBack() throws JsonProcessingException {
    JsonNode input = Json.MAPPER.valueToTree(of(0.0001));
    String line = Json.MAPPER.writeValueAsString(input);

    assertThat(line).startsWith("{\"requests\":0.0001,");
    assertThat(Json.MAPPER.writeValueAsString(Json.MAPPER.readTree(line))).isEqualTo(line);
    assertThat(Json.MAPPER.readTree(line)).hasToString(input.toString());
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void noEvidenceIsInfiniteOrNoNumber(double value) {
    assertThatThrownBy(() -> of(value)).isInstanceOf(IllegalArgumentException.class);
  }

  private static WorkloadMetrics of(double requests) {
    return new WorkloadMetrics(
        requests, null, 0, null, null, null, null, null, null, false, 0, 0, 0, 0, null, 0, null);
  }

  private static String json(WorkloadMetrics metrics) {
    return Json.MAPPER.valueToTree(metrics).toString();
  }
}
