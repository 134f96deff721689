package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.swiftdeploy.core.admission.Violation;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The titles of the policies that SwiftDeploy comes with. */
class RuleTitlesTest {
  private final RuleTitles titles =
      RuleTitles.of(
          ((PolicyBundle.Good) PolicyBundle.read(Path.of("../../policies").toAbsolutePath()))
              .bundle());

  private static Violation found(String policy, String code) {
    return new Violation(
        code, "?", policy, Violation.Severity.BLOCK, NullNode.instance, NullNode.instance);
  }

  @Test
  void aRuleIsFoundByItsPolicyAndCode() {
    assertThat(titles.title(found("canary", "latency_too_high"))).contains("Latency too high");
    assertThat(titles.title(found("infrastructure", "disk_below_threshold"))).isPresent();
    assertThat(titles.title(found("infrastructure", "latency_too_high"))).isEmpty();
  }

  @Test
  void oneRuleMayHaveSeveralCodes() {
    Optional<String> title = titles.title(found("canary", "evidence_missing"));

    assertThat(title).contains("Evidence of the candidate missing or invalid");
    assertThat(titles.title(found("canary", "evidence_invalid"))).isEqualTo(title);
  }

  @Test
  void whereNoPolicyIsThereAreNoTitles() {
    Violation violation = found("canary", "latency_too_high");

    assertThat(RuleTitles.none().title(violation)).isEmpty();
  }
}
