package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.admission.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With a real opa: what is taken, and what is refused with the place and the next step. */
class PolicyBuilderIT {
  private static final String POLICY =
      """
      package swiftdeploy.admission

      decision := {"allow": allowed, "violations": [], "rollback": false, "grants": []}

      default allowed := false

      allowed if input.transition.kind == data.kind
      """;
  private static final String TEST =
      """
      package swiftdeploy.admission_test

      import data.swiftdeploy.admission

      test_the_kind_of_the_data_is_allowed if {
      	admission.decision.allow with input as {"transition": {"kind": data.kind}}
      }

      test_another_is_not if not admission.decision.allow with input as {}
      """;

  @TempDir Path temporary;
  private Path policies;
  private PolicyBuilder builder;

  @BeforeEach
  void aPolicyThatNobodyHereWrote() throws IOException {
    builder = new PolicyBuilder(OpaProgram.find(System.getenv()));
    policies = Files.createDirectory(temporary.resolve("policies"));
    write("admission.rego", POLICY);
    write("admission_test.rego", TEST);
    write("data.json", "{\"kind\": \"deploy\"}");
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(policies.resolve(name).getParent());
    Files.writeString(policies.resolve(name), text);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(policies)) {
      return all.map(Path::toString).sorted().toList();
    }
  }

  private PolicyProblem refused() throws Exception {
    return ((PolicyBundle.Refused) builder.build(policies)).problem();
  }

  @Test
  void what_is_built_decides_and_the_directory_is_not_touched() throws Exception {
    List<String> before = files();
    PolicyBundle made = ((PolicyBundle.Good) builder.build(policies)).bundle();
    assertThat(files()).isEqualTo(before);
    assertThat(made.isIn(policies)).isFalse();

    made.writeTo(policies);
    assertThat(made.isIn(policies)).isTrue();
    PolicyBundle read = ((PolicyBundle.Good) PolicyBundle.read(policies)).bundle();
    assertThat(read.digest()).isEqualTo(made.digest());
    assertThat(read.sources()).isEqualTo(1);
    try (EmbeddedPolicyEngine engine = new EmbeddedPolicyEngine(policies, TestEngines.OPTIONS)) {
      for (String kind : new String[] {"deploy", "teardown"}) {
        Answer answer =
            engine.evaluate(
                "d-1",
                StrictJson.MAPPER
                    .createObjectNode()
                    .set("transition", StrictJson.MAPPER.createObjectNode().put("kind", kind)));
        assertThat(((Answer.Document) answer).result().get("allow").asBoolean())
            .isEqualTo(kind.equals("deploy"));
      }
    }
  }

  @Test
  void the_same_sources_give_the_same_bytes() throws Exception {
    Path ours = Path.of("../../policies").toAbsolutePath();
    for (PolicyBuilder.Finding finding : builder.check(ours)) {
      assertThat(finding.problem()).as(finding.name()).isEmpty();
    }
    PolicyBundle first = ((PolicyBundle.Good) builder.build(policies)).bundle();
    PolicyBundle second = ((PolicyBundle.Good) builder.build(policies)).bundle();
    assertThat(second.wasm()).isEqualTo(first.wasm());
    assertThat(second.digest()).isEqualTo(first.digest());
  }

  /** File, what is added to it (~ for a line break), what is said, and the next step. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          admission.rego;      more if {;                                   policies/admission.rego:9: rego_parse_error: .*;                  correct it
          admission.rego;      more := gone;                                policies/admission.rego:8: rego_unsafe_var_error: var gone is unsafe; correct it
          admission.rego;      more := http.send({"url": "http://x"});      policies/admission.rego:8: rego_type_error: undefined function http.send; use only what capabilities.json lists.*
          admission.rego;      more := time.now_ns();                       policies/admission.rego:8: rego_type_error: undefined function time.now_ns; use only what capabilities.json lists.*
          admission.rego;      more := rand.intn("x", 3);                   policies/admission.rego:8: rego_type_error: undefined function rand.intn; use only what capabilities.json lists.*
          admission.rego;      more := opa.runtime();                       policies/admission.rego:8: rego_type_error: undefined function opa.runtime; use only what capabilities.json lists.*
          admission.rego;      import data.unused~import data.unused;       policies/admission.rego:[89]: rego_.*;                             correct it
          admission.rego;      decision := {"allow": true};                 policies/admission_test.rego:\\d+: test_.* ended with an error: policies/admission.rego:[38]: eval_conflict_error: rule .* produced conflicting values, and 1 more; correct the policy or its test.*
          admission_test.rego; test_that_fails if 1 == 2;                   policies/admission_test.rego:10: test_that_fails fails;           correct the policy or its test.*
          admission_test.rego; test_x if {;                                 policies/admission_test.rego:11: rego_parse_error: .*;            correct it
          """)
  void what_is_broken_is_told_with_its_place(String file, String added, String said, String next)
      throws Exception {
    Files.writeString(
        policies.resolve(file),
        Files.readString(policies.resolve(file)) + added.replace("~", "\n") + "\n");
    assertThat(refused().message()).matches(said);
    assertThat(refused().nextStep()).matches(next);
  }

  @Test
  void every_test_that_fails_is_named() throws Exception {
    write("data.json", "{\"kind\": null}");
    write("more_test.rego", "package more_test\n\ntest_a if false\n\ntest_b if false\n");
    assertThat(refused().message())
        .isEqualTo("policies/more_test.rego:3: test_a fails, and 1 more");
    PolicyBuilder.Finding tests = builder.test(policies, false).get(1);
    assertThat(tests.more())
        .containsExactly(
            "policies/more_test.rego:3: test_a fails", "policies/more_test.rego:5: test_b fails");
  }

  @Test
  void without_entrypoint_rego_or_data_it_is_no_policy() throws Exception {
    write("data.json", "{");
    assertThat(refused().message()).startsWith("policies/data.json");
    Files.delete(policies.resolve("data.json"));
    Files.delete(policies.resolve("admission_test.rego"));
    assertThat(refused().message()).isEqualTo("policies/data.json is missing");
    write("data.json", "{}");
    write("admission.rego", "package mine\n\nallow := true\n");
    assertThat(refused())
        .isEqualTo(
            new PolicyProblem(
                "policies has no data.swiftdeploy.admission.decision",
                "define the rule decision in a package swiftdeploy.admission"));
    Files.delete(policies.resolve("admission.rego"));
    assertThat(refused().message()).isEqualTo("there is no policy in policies");
  }

  @Test
  void its_own_capabilities_may_be_stricter_and_not_laxer() throws Exception {
    write("capabilities.json", "{\"builtins\": [], \"features\": [\"rego_v1\"]}");
    assertThat(refused().message()).startsWith("policies/admission.rego:");
    write("admission.rego", POLICY + "\nmore := time.now_ns()\n");
    write(
        "capabilities.json",
        "{\"builtins\": [{\"name\": \"time.now_ns\", \"decl\": {\"args\": [], \"result\": {\"type\": \"number\"}, \"type\": \"function\"}}]}");
    assertThat(refused().message()).contains("undefined function time.now_ns");
  }

  @Test
  void check_shows_what_opa_fmt_would_write() throws Exception {
    write("lib/odd.rego", "package odd\n\nx   := 1\n");
    PolicyBuilder.Finding format = builder.check(policies).get(2);
    assertThat(format.problem())
        .contains(
            new PolicyProblem(
                "policies/lib/odd.rego:3 is not formatted", "opa fmt --write lib/odd.rego"));
    assertThat(format.more()).containsExactly("is:     x   := 1", "wanted: x := 1");
  }

  @Test
  void test_tells_of_missing_tests_and_of_what_none_reaches() throws Exception {
    assertThat(builder.test(policies, true)).allMatch(PolicyBuilder.Finding::passed);
    write("admission.rego", POLICY + "\nallowed if input.never\n\nmore := 1\n");
    PolicyBuilder.Finding coverage = builder.test(policies, true).get(2);
    assertThat(coverage.more()).contains("policies/admission.rego:11");
    Files.delete(policies.resolve("admission_test.rego"));
    assertThat(builder.test(policies, false).get(1).problem())
        .contains(
            new PolicyProblem(
                "there are no tests in policies",
                "write some: rules named test_… in files named …_test.rego"));
    assertThat(builder.build(policies)).isInstanceOf(PolicyBundle.Good.class);
  }

  @Test
  void without_an_opa_it_says_what_to_do() {
    Map<String, String> environment = new TreeMap<>();
    environment.put("PATH", temporary.toString());
    assertThat(found(environment))
        .isEqualTo(
            "there is no opa on the PATH: install OPA 1.0 or later (openpolicyagent.org/docs), or"
                + " name it in SWIFTDEPLOY_OPA");
    environment.put(OpaProgram.VARIABLE, policies.toString());
    assertThat(found(environment)).endsWith("policies is no program");
  }

  private static String found(Map<String, String> environment) {
    try {
      return OpaProgram.find(environment).path().toString();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
