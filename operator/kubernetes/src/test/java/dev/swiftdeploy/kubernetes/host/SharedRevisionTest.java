package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.admission.PolicyRevision;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** However many ask, the folder is looked at four times a second. */
class SharedRevisionTest {
  private int looks;
  private String answers = "policy-1";
  private long nanos;
  private final PolicyEngine engine =
      new PolicyEngine() {
        @Override
        public String name() {
          return "embedded";
        }

        @Override
        public PolicyRevision revision() {
          return new PolicyRevision(Optional.of("policy-" + ++looks), true, Optional.empty());
        }

        @Override
        public Answer evaluate(String decisionId, ObjectNode input) {
          return new Answer.Document(input, answers);
        }

        @Override
        public void close() {}
      };
  private final SharedRevision shared = new SharedRevision(engine, () -> nanos);

  private String digest() {
    return shared.revision().digest().orElseThrow();
  }

  @Test
  void aLookLastsAQuarterOfASecond() {
    for (int i = 0; i < 1000; i++) {
      assertThat(digest()).isEqualTo("policy-1");
    }
    nanos += Duration.ofMillis(249).toNanos();
    assertThat(digest()).isEqualTo("policy-1");

    nanos += Duration.ofMillis(1).toNanos();
    assertThat(digest()).isEqualTo("policy-2");
    assertThat(digest()).isEqualTo("policy-2");
  }

  /** What is on record of a policy that has answered is not undone by what was seen before. */
  @Test
  void aLookLastsNoLongerThanUntilAnotherPolicyAnswers() {
    assertThat(digest()).isEqualTo("policy-1");
    shared.evaluate("d-1", JsonNodeFactory.instance.objectNode());
    assertThat(digest()).isEqualTo("policy-1");
    answers = "policy-2";
    shared.evaluate("d-2", JsonNodeFactory.instance.objectNode());
    assertThat(digest()).isEqualTo("policy-2");
    assertThat(digest()).isEqualTo("policy-2");
  }
}
