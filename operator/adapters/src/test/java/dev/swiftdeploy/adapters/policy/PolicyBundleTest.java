package dev.swiftdeploy.adapters.policy;

import static dev.swiftdeploy.adapters.policy.TestEngines.PROBES;
import static dev.swiftdeploy.adapters.policy.TestEngines.copy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyBundleTest {

  @TempDir Path temporary;
  private Path policies;

  @BeforeEach
  void copyProbes() throws IOException {
    policies = copy(PROBES, temporary.resolve("policies"));
  }

  @Test
  void a_whole_one_is_taken_with_all_its_files() {
    PolicyBundle bundle = good();
    assertThat(bundle.digest()).matches("[0-9a-f]{64}");
    assertThat(bundle.files().keySet())
        .containsExactly(
            "admission.rego",
            "bundle/bundle.json",
            "bundle/policy.wasm",
            "data.json",
            "lib/probes.rego");
    assertThat(new String(bundle.data(), StandardCharsets.UTF_8))
        .isEqualTo("{\"limit\":10,\"swiftdeploy\":{\"thresholds\":{\"max_p99_ms\":500.0}}}");
  }

  // ---- the Rego is what was compiled -------------------------------------------------------

  @Test
  void edited_rego_is_refused() throws IOException {
    edit("lib/probes.rego", text -> text + "\n");
    refused("policies/lib/probes.rego was edited after the bundle was built", rebuild());
  }

  @Test
  void added_rego_is_refused() throws IOException {
    Files.writeString(policies.resolve("lib/more.rego"), "package more\n");
    refused("policies/lib/more.rego was added after the bundle was built", rebuild());
  }

  @Test
  void missing_rego_is_refused() throws IOException {
    Files.delete(policies.resolve("lib/probes.rego"));
    refused("policies/lib/probes.rego is missing, and the bundle was built with it", rebuild());
  }

  @Test
  void tests_fixtures_and_hidden_files_do_not_count() throws IOException {
    String digest = good().digest();
    edit("admission_test.rego", text -> "edited");
    Files.writeString(Files.createDirectory(policies.resolve("testdata")).resolve("x.rego"), "x");
    Files.createSymbolicLink(policies.resolve(".#admission.rego"), Path.of("nobody@nowhere:1"));
    Files.writeString(policies.resolve("README.md"), "read me");
    assertThat(good().digest()).isEqualTo(digest);
  }

  @Test
  void a_folder_of_links_as_a_mounted_config_map_is_one_is_taken() throws IOException {
    Path mounted = Files.createDirectory(temporary.resolve("mounted"));
    Files.move(policies, mounted.resolve("..2026_01_01"));
    Files.createSymbolicLink(mounted.resolve("..data"), Path.of("..2026_01_01"));
    for (String name : new String[] {"admission.rego", "lib", "bundle", "data.json"}) {
      Files.createSymbolicLink(mounted.resolve(name), Path.of("..data", name));
    }
    policies = mounted;
    assertThat(good().files()).hasSize(5);
  }

  // ---- the bundle ----------------------------------------------------------------------------

  @Test
  void changed_wasm_is_refused() throws IOException {
    Path wasm = policies.resolve(PolicyFiles.WASM);
    byte[] bytes = Files.readAllBytes(wasm);
    bytes[bytes.length - 1] ^= 1;
    Files.write(wasm, bytes);
    refused("policies/bundle/policy.wasm is not the one that bundle.json describes", rebuild());
  }

  @ParameterizedTest
  @CsvSource({"bundle/policy.wasm", "bundle/bundle.json"})
  void a_missing_part_of_the_bundle_is_refused(String name) throws IOException {
    Files.delete(policies.resolve(name));
    refused("policies/" + name + " is missing", rebuild());
  }

  @Test
  void another_entrypoint_is_refused() throws IOException {
    edit(PolicyFiles.DESCRIPTION, text -> text.replace("swiftdeploy/admission/", "else/"));
    refused(
        "policies/bundle/bundle.json does not name the entrypoint swiftdeploy/admission/decision",
        rebuild());
  }

  @ParameterizedTest
  @CsvSource({
    "../admission.rego",
    "/etc/x.rego",
    "lib/../../x.rego",
    "lib//x.rego",
    "admission.txt",
    "x_test.rego"
  })
  void a_source_that_cannot_be_one_is_refused(String name) throws IOException {
    edit(PolicyFiles.DESCRIPTION, text -> text.replace("lib/probes.rego", name));
    refused("policies/bundle/bundle.json names a source that can't be one", rebuild());
  }

  @Test
  void a_description_without_sources_or_that_is_no_json_is_refused() throws IOException {
    edit(PolicyFiles.DESCRIPTION, text -> text.replace("\"sources\"", "\"others\""));
    refused("policies/bundle/bundle.json names no sources", rebuild());
    edit(PolicyFiles.DESCRIPTION, text -> text.substring(0, text.length() / 2));
    assertThat(problem().message()).startsWith("policies/bundle/bundle.json can't be taken: ");
    assertThat(problem().nextStep()).isEqualTo(rebuild());
  }

  // ---- the data --------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"limit\": 1                 | Unexpected end-of-input",
        "[1]                           | it is not an object",
        "null                          | it is not an object",
        "{\"a\": 1, \"b\": 2, \"a\": 3}| Duplicate",
        "{\"a\": {\"b\": 1, \"b\": 1}} | Duplicate",
        "{} {}                         | Trailing token",
        "{\"a\": 01}                   | Invalid numeric value",
        "{\"a\": NaN}                  | Non-standard token",
        "{'a': 1}                      | Unexpected character",
        "{\"a\": 1} // why             | Unexpected character",
      })
  void data_that_cannot_be_taken_is_told_with_its_place(String text, String why)
      throws IOException {
    Files.writeString(policies.resolve("data.json"), text);
    assertThat(problem().message()).startsWith("policies/data.json can't be taken: ").contains(why);
    assertThat(problem().nextStep()).isEqualTo("correct it and save it again");
  }

  @Test
  void empty_foreign_missing_and_huge_data_is_refused() throws IOException {
    Path data = policies.resolve("data.json");
    Files.writeString(data, "");
    refused("policies/data.json can't be taken: it is empty", "correct it and save it again");
    Files.write(data, "{\"a\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
    refused("policies/data.json can't be taken: it is not UTF-8", "correct it and save it again");
    Files.write(data, "{\"a\": 1}".getBytes(StandardCharsets.UTF_16));
    assertThat(problem().message()).contains("it is not UTF-8");
    Files.writeString(data, "{\"a\": \"" + "x".repeat(1 << 20) + "\"}");
    assertThat(problem().message()).isEqualTo("policies/data.json is larger than 1 MiB");
    Files.writeString(data, "[".repeat(1000));
    assertThat(problem().message()).contains("nesting depth");
    Files.delete(data);
    refused("policies/data.json is missing", "bring it back: it holds the thresholds");
  }

  @Test
  void a_problem_of_the_data_names_line_and_column() throws IOException {
    Files.writeString(policies.resolve("data.json"), "{\n  \"limit\": 1,\n  \"limit\": 2\n}\n");
    assertThat(problem().message()).endsWith("(line 3, column 10)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"b\":{\"y\":2,\"x\":[1,2]},\"a\":\"é\"} | {\"a\": \"\\u00e9\", \"b\": {\"x\": [1, 2], \"y\": 2}} | true",
        "{\"a\":[1,2]}                             | {\"a\":[2,1]}                                         | false",
        "{\"a\":1}                                 | {\"a\":1.0}                                           | false",
        "{\"a\":1}                                 | {\"a\":\"1\"}                                         | false",
        "{\"a\":null}                              | {}                                                    | false",
        "{\"a\":0.1}                               | {\"a\":0.1000000000000000055511151231257827}          | false",
      })
  void the_digest_is_of_what_the_data_means(String one, String other, boolean same)
      throws IOException {
    Files.writeString(policies.resolve("data.json"), one);
    String first = good().digest();
    Files.writeString(policies.resolve("data.json"), other);
    assertThat(good().digest().equals(first)).isEqualTo(same);
  }

  // ---- the directory
  // -----------------------------------------------------------------------------

  @Test
  void no_directory_is_told() {
    policies = temporary.resolve("elsewhere");
    assertThat(problem().message())
        .isEqualTo("there is no policies directory " + temporary.resolve("elsewhere"));
    assertThat(problem().nextStep()).contains("spec.policy.directory");
  }

  @Test
  void a_file_in_its_place_and_folders_that_go_round_are_told() throws IOException {
    Files.createSymbolicLink(policies.resolve("lib/again"), policies);
    assertThat(good().files()).as("a link back is not followed forever").hasSize(5);
    policies = policies.resolve("data.json");
    assertThat(problem().message()).isNotBlank();
  }

  // ---- for the tests
  // ------------------------------------------------------------------------------

  private void edit(String name, UnaryOperator<String> change) throws IOException {
    Path file = policies.resolve(name);
    Files.writeString(file, change.apply(Files.readString(file)));
  }

  private PolicyBundle good() {
    PolicyBundle.Read read = PolicyBundle.read(policies);
    assertThat(read).isInstanceOf(PolicyBundle.Good.class);
    return ((PolicyBundle.Good) read).bundle();
  }

  private PolicyProblem problem() {
    PolicyBundle.Read read = PolicyBundle.read(policies);
    assertThat(read).isInstanceOf(PolicyBundle.Refused.class);
    return ((PolicyBundle.Refused) read).problem();
  }

  private String rebuild() {
    return "run swiftdeploy policy build " + policies + " (it needs an opa)";
  }

  private void refused(String message, String nextStep) {
    assertThat(problem()).isEqualTo(new PolicyProblem(message, nextStep));
  }
}
