package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyRevision;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnaskedPolicyTest {
  @TempDir Path nothing;

  @Test
  void it_tells_the_digest_that_the_engine_would_decide_by() {
    PolicyBundle.Good bundle = (PolicyBundle.Good) PolicyBundle.read(TestEngines.PROBES);
    PolicyRevision revision = new UnaskedPolicy(TestEngines.PROBES, "embedded").revision();
    assertThat(revision.digest()).contains(bundle.bundle().digest());
    assertThat(revision.problem()).isEmpty();
  }

  @Test
  void it_tells_why_there_is_none() {
    PolicyRevision revision = new UnaskedPolicy(nothing, "embedded").revision();
    assertThat(revision.digest()).isEmpty();
    assertThat(revision.problem().orElseThrow()).contains("hack/policy build");
  }

  @Test
  void it_decides_nothing() {
    Answer answer =
        new UnaskedPolicy(TestEngines.PROBES, "embedded")
            .evaluate("d-1", JsonNodeFactory.instance.objectNode());
    assertThat(answer).isInstanceOf(Answer.NoAnswer.class);
  }
}
