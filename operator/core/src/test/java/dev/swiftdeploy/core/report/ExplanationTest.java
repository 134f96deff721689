package dev.swiftdeploy.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.SpecOf;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private final Story story = Story.of("Latency too high: p99 812 ms, at most 500 ms");

  private String explained(String decision) {
    return SpecOf.lettered(
        Explanation.of(
                story.records,
                decision,
                v ->
                    v.code().equals("latency_too_high")
                        ? Optional.of("Latency too high")
                        : Optional.empty())
            .orElseThrow());
  }

  @Test
  void aDenialSaysWhatWasObservedAgainstWhat() {
    Goldens.check("explained-denied.txt", explained("d-7"));
  }

  @Test
  void anAdmissionSaysWhatBecameOfIt() {
    Goldens.check("explained-allowed.txt", explained("d-3"));
  }

  @Test
  void noAnswerSaysWhatToDo() {
    Goldens.check("explained-unavailable.txt", explained("d-6"));
  }

  @Test
  void whatIsNotThereIsNotExplained() {
    assertThat(Explanation.of(story.records, "d-99", v -> Optional.empty())).isEmpty();
  }
}
