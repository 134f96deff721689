package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.admission.PolicyRevision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnaskedPolicyTest {
  @TempDir Path nothing;

  @Test
  void it_tells_the_digest_that_the_engine_would_decide_by() {
    PolicyBundle.Good bundle = (PolicyBundle.Good) PolicyBundle.read(TestEngines.PROBES);
    PolicyRevision revision =
        new UnaskedPolicy(TestEngines.PROBES, "embedded", Optional.empty()).revision();
    assertThat(revision.digest()).contains(bundle.bundle().digest());
    assertThat(revision.problem()).isEmpty();
  }

  @Test
  void it_tells_why_there_is_none() {
    PolicyRevision revision = new UnaskedPolicy(nothing, "embedded", Optional.empty()).revision();
    assertThat(revision.digest()).isEmpty();
    assertThat(revision.problem().orElseThrow()).contains("swiftdeploy policy build");
  }

  @Test
  void it_tells_what_goes_on_deciding_where_the_directory_cant_be_used() throws IOException {
    PolicyBundle last = ((PolicyBundle.Good) PolicyBundle.read(TestEngines.PROBES)).bundle();
    PolicyRevision gone = new UnaskedPolicy(nothing, "embedded", Optional.of(last)).revision();
    assertThat(gone.digest()).contains(last.digest());
    assertThat(gone.problem()).isPresent();

    // the same Rego without a bundle is that policy, with whatever data is there
    Path policies = TestEngines.copy(TestEngines.PROBES, nothing.resolve("policies"));
    Files.delete(policies.resolve(PolicyFiles.WASM));
    PolicyRevision same = new UnaskedPolicy(policies, "embedded", Optional.of(last)).revision();
    assertThat(same.digest()).contains(last.digest());
    assertThat(same.problem()).isEmpty();
    Files.writeString(policies.resolve("data.json"), "{\"limit\": 3}");
    PolicyRevision data = new UnaskedPolicy(policies, "embedded", Optional.of(last)).revision();
    assertThat(data.digest()).isPresent().isNotEqualTo(same.digest());
  }

  @Test
  void it_decides_nothing() {
    Answer answer =
        new UnaskedPolicy(TestEngines.PROBES, "embedded", Optional.empty())
            .evaluate("d-1", JsonNodeFactory.instance.objectNode());
    assertThat(answer).isInstanceOf(Answer.NoAnswer.class);
  }
}
