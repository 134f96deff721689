package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.audit.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code policy check|test|build} with a real opa. */
class PolicyCommandIT {
  private static final String POLICY =
      """
      package swiftdeploy.admission

      decision := {"allow": input.on, "violations": [], "rollback": false, "grants": []}
      """;

  @TempDir Path folder;
  private Path policies;

  @BeforeEach
  void policies() throws IOException {
    policies = Files.createDirectory(folder.resolve("policies"));
    write("admission.rego", POLICY);
    write("data.json", "{}");
    write(
        "admission_test.rego",
        """
        package swiftdeploy.admission_test

        import data.swiftdeploy.admission

        test_on if admission.decision.allow with input as {"on": true}
        """);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(policies.resolve(name), text);
  }

  private Ran ran(String command, String... more) {
    return Ran.of(
        Stream.concat(Stream.of("policy", command, policies.toString()), Stream.of(more))
            .toArray(String[]::new));
  }

  private static JsonNode json(Ran ran) throws IOException {
    return Json.MAPPER.readTree(ran.out());
  }

  @Test
  void whatIsWellIsBuiltAndThenUpToDate() throws IOException {
    assertThat(ran("check").exit()).isEqualTo(Exit.DONE);
    assertThat(ran("check").out()).contains("PASS  the bundle is of these sources (there is none");
    assertThat(ran("test", "--coverage").out())
        .contains("PASS  tests pass (1 of 1)\n")
        .contains("PASS  tests reach every expression (1 policies)\n");

    Ran stale = ran("build", "--check");
    assertThat(stale.exit()).isEqualTo(Exit.FAILED);
    assertThat(stale.err())
        .isEqualTo(
            "swiftdeploy: %s/bundle is stale\n  swiftdeploy policy build %s\n"
                .formatted(policies, policies));
    assertThat(policies.resolve("bundle")).doesNotExist();

    JsonNode built = json(ran("build", "-o", "json"));
    assertThat(built.fieldNames())
        .toIterable()
        .containsExactly("digest", "wasm_sha256", "sources", "up_to_date");
    assertThat(built.get("up_to_date").asBoolean()).isFalse();
    String digest = built.get("digest").asText();
    assertThat(ran("build").out())
        .isEqualTo(
            "%s/bundle is up to date: policy %s, from 1 files\n".formatted(policies, digest));
    assertThat(ran("build", "--check").exit()).isEqualTo(Exit.DONE);
    assertThat(ran("check").out())
        .endsWith("PASS  the bundle is of these sources (policy " + digest + ")\n");
  }

  @Test
  void whatIsWrongIsNamedWithItsPlaceAndTheFix() throws IOException {
    write("admission.rego", POLICY + "\nmore   := time.now_ns()\n");
    JsonNode looked = json(ran("check", "-o", "json"));
    assertThat(looked.get(2).get("passed").asBoolean()).isFalse();
    assertThat(looked.get(2).get("detail").asText())
        .isEqualTo("policies/admission.rego:5 is not formatted");
    assertThat(looked.get(2).get("fix").asText()).isEqualTo("opa fmt --write admission.rego");
    assertThat(looked.get(3).get("detail").asText())
        .isEqualTo("policies/admission.rego:5: rego_type_error: undefined function time.now_ns");
    Ran build = ran("build");
    assertThat(build.exit()).isEqualTo(Exit.FAILED);
    assertThat(build.err()).startsWith("swiftdeploy: policies/admission.rego:5: rego_type_error");

    write("admission.rego", POLICY);
    write("more_test.rego", "package more_test\n\ntest_it if false\n");
    Ran test = ran("test");
    assertThat(test.exit()).isEqualTo(Exit.FAILED);
    assertThat(List.of(test.out().split("\n")))
        .contains("      policies/more_test.rego:3: test_it fails");
    assertThat(ran("build").err())
        .isEqualTo(
            "swiftdeploy: policies/more_test.rego:3: test_it fails\n"
                + "  correct the policy or its test; swiftdeploy policy test shows all\n");
  }
}
