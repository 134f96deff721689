package dev.swiftdeploy.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.SpecOf;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private final Story story = Story.of("Latency too high: p99 812 ms, at most 500 ms");

  private Optional<String> read(String decision) {
    Explanation.Reader reader = new Explanation.Reader(decision);
    story.records.forEach(reader::take);
    return reader.text(
        v ->
            v.code().equals("latency_too_high")
                ? Optional.of("Latency too high")
                : Optional.empty());
  }

  private String explained(String decision) {
    return SpecOf.lettered(read(decision).orElseThrow());
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
    assertThat(read("d-99")).isEmpty();
  }
}
