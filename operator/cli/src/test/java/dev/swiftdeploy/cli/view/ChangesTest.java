package dev.swiftdeploy.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.status.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangesTest {

  private static String of(String from, String to) throws Exception {
    Status status = Statuses.seen("blocked").resources().get(0);
    String json = Json.MAPPER.writeValueAsString(status);
    assertThat(json).contains(from);
    Status changed = Json.MAPPER.readValue(json.replace(from, to), Status.class);
    return Changes.of(new StatusScreen.Seen(List.of(changed), List.of(), "x"));
  }

  private static String asItWas() throws Exception {
    return of("\"p99_ms\":2990", "\"p99_ms\":2990");
  }

  @Test
  void measuredNumbersAreNoNews() throws Exception {
    assertThat(of("\"p99_ms\":2990", "\"p99_ms\":3000")).isEqualTo(asItWas());
    assertThat(of("p99 2990 ms, at most", "p99 3000 ms, at most")).isEqualTo(asItWas());
    assertThat(of("\"requests\":68", "\"requests\":69")).isEqualTo(asItWas());
  }

  @Test
  void whatIsWantedOrDecidedIs() throws Exception {
    assertThat(of("\"actual_weight\":10", "\"actual_weight\":50")).isNotEqualTo(asItWas());
    assertThat(of("\"ready\":1", "\"ready\":0")).isNotEqualTo(asItWas());
    assertThat(of("latency_too_high", "error_rate_too_high")).isNotEqualTo(asItWas());
    assertThat(of("\"denied\"", "\"allowed\"")).isNotEqualTo(asItWas());
  }
}
