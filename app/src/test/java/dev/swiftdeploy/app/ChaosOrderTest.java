package dev.swiftdeploy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChaosOrderTest {

  @Test
  void slowHoldsEachAnswerBack() {
    assertThat(ChaosOrder.parse("{\"mode\":\"slow\",\"duration\":2}"))
        .isEqualTo(new ChaosOrder.Accepted(new Chaos.Slow(Duration.ofSeconds(2))));
    assertThat(ChaosOrder.parse("{\"mode\":\"slow\",\"duration\":0.25}"))
        .isEqualTo(new ChaosOrder.Accepted(new Chaos.Slow(Duration.ofMillis(250))));
    assertThat(ChaosOrder.parse("{\"mode\":\"slow\",\"duration\":60}"))
        .isEqualTo(new ChaosOrder.Accepted(new Chaos.Slow(Duration.ofMinutes(1))));
  }

  @Test
  void errorFailsAShare() {
    assertThat(ChaosOrder.parse("{\"mode\":\"error\",\"rate\":0.3}"))
        .isEqualTo(new ChaosOrder.Accepted(new Chaos.Failing(0.3)));
    Chaos third = new Chaos.Failing(0.3);
    assertThat(third.fails(0.29)).isTrue();
    assertThat(third.fails(0.3)).isFalse();
    assertThat(new Chaos.Failing(0).fails(0)).isFalse();
    assertThat(new Chaos.Failing(1).fails(Math.nextDown(1.0))).isTrue();
  }

  @Test
  void recoverEndsChaosAndIgnoresWhatItHasNoUseFor() {
    assertThat(ChaosOrder.parse("{\"mode\":\"recover\",\"rate\":0.3}"))
        .isEqualTo(new ChaosOrder.Accepted(Chaos.NONE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                             | must be a JSON object",
        "[]                                             | must be a JSON object",
        "null                                           | must be a JSON object",
        "mode=slow                                      | not JSON: line 1, column",
        "{\"mode\":\"recover\"                          | not JSON: line 1, column",
        "{\"mode\":\"recover\"} {}                      | not JSON: line 1, column",
        "{\"mode\":\"slow\",\"mode\":\"recover\"}       | not JSON: line 1, column",
        "{}                                             | mode must be given",
        "{\"mode\":null}                                | mode must be given",
        "{\"mode\":1}                                   | mode must be given",
        "{\"mode\":\"burn\"}                            | one of slow, error, recover",
        "{\"mode\":\"Slow\",\"duration\":1}             | one of slow, error, recover",
        "{\"mode\":\"slow\"}                            | needs duration",
        "{\"mode\":\"slow\",\"duration\":\"2\"}         | needs duration",
        "{\"mode\":\"slow\",\"duration\":true}          | needs duration",
        "{\"mode\":\"slow\",\"duration\":0}             | needs duration",
        "{\"mode\":\"slow\",\"duration\":1e-9}          | needs duration",
        "{\"mode\":\"slow\",\"duration\":-1}            | needs duration",
        "{\"mode\":\"slow\",\"duration\":60.001}        | needs duration",
        "{\"mode\":\"slow\",\"duration\":1e999999}      | needs duration",
        "{\"mode\":\"slow\",\"duration\":NaN}           | not JSON",
        "{\"mode\":\"error\"}                           | needs rate",
        "{\"mode\":\"error\",\"rate\":\"0.3\"}          | needs rate",
        "{\"mode\":\"error\",\"rate\":-0.001}           | needs rate",
        "{\"mode\":\"error\",\"rate\":1.001}            | needs rate",
        "{\"mode\":\"error\",\"rate\":30}               | needs rate"
      })
  void whatIsNoOrderIsRejectedWithAReason(String body, String reason) {
    ChaosOrder order = ChaosOrder.parse(body);

    assertThat(order).isInstanceOf(ChaosOrder.Rejected.class);
    assertThat(((ChaosOrder.Rejected) order).reason()).contains(reason);
  }

  @Test
  void aDeeplyNestedBodyIsRejectedLikeAnyOther() {
    assertThat(ChaosOrder.parse("[".repeat(60_000))).isInstanceOf(ChaosOrder.Rejected.class);
  }
}
