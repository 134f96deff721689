package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.audit.FileAuditLog;
import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.OpaProgram;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicyBuilder;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.core.admission.Answer;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.audit.PolicyRef;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example in docs/policy.md, done; with a real opa. */
class PolicyDocsIT {
  private static final Path POLICIES = Path.of("../../policies");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\S.*?)\\n(.*?)^```$");

  /** What the fence says, and what is between the fences. */
  private record Block(String of, String text) {}

  @TempDir Path folder;
  private Path policies;
  private List<Block> blocks;

  @BeforeEach
  void read() throws IOException {
    policies = folder.resolve("policies");
    blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(Files.readString(Path.of("../../docs/policy.md")));
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2)));
    }
  }

  private String only(String of) {
    List<String> texts = blocks.stream().filter(b -> b.of().equals(of)).map(Block::text).toList();
    assertThat(texts).as(of).hasSize(1);
    return texts.get(0);
  }

  private ObjectNode json(String of) throws IOException {
    return (ObjectNode) Json.MAPPER.readTree(only(of));
  }

  private void write(String name) throws IOException {
    Files.createDirectories(policies.resolve(name).getParent());
    Files.writeString(policies.resolve(name), only("rego " + name));
  }

  private void ours() throws IOException {
    try (Stream<Path> files = Files.walk(POLICIES)) {
      for (Path file : files.toList()) {
        Files.copy(file, policies.resolve(POLICIES.relativize(file).toString()));
      }
    }
  }

  /** Of the shipped data, with something else under {@code optional}. */
  private void optional(ObjectNode settings) throws IOException {
    Path data = policies.resolve("data.json");
    ObjectNode all = (ObjectNode) Json.MAPPER.readTree(data.toFile());
    ((ObjectNode) all.at("/swiftdeploy/optional")).setAll(settings);
    Files.writeString(data, Json.MAPPER.writeValueAsString(all));
  }

  private PolicyBundle built() throws Exception {
    PolicyBundle.Read read = new PolicyBuilder(OpaProgram.find(System.getenv())).build(policies);
    assertThat(read).isInstanceOf(PolicyBundle.Good.class);
    PolicyBundle policy = ((PolicyBundle.Good) read).bundle();
    policy.writeTo(policies);
    return policy;
  }

  private JsonNode decision(ObjectNode input) {
    try (EmbeddedPolicyEngine engine = new EmbeddedPolicyEngine(policies, ReplayCommand.OPTIONS)) {
      Answer answer = engine.evaluate("d-1", input);
      assertThat(answer).isInstanceOf(Answer.Document.class);
      return ((Answer.Document) answer).result();
    }
  }

  private static List<String> codes(JsonNode decision) {
    List<String> codes = new ArrayList<>();
    decision
        .path("violations")
        .forEach(v -> codes.add(v.get("policy").asText() + "/" + v.get("code").asText()));
    return codes;
  }

  @Test
  void everyBlockIsOfAKindThatIsDoneHere() {
    assertThat(blocks)
        .extracting(Block::of)
        .allMatch(of -> of.matches("(rego|json|sh) [a-z_./]+"))
        .hasSizeGreaterThan(8);
  }

  @Test
  void theRuleInThePoliciesOwnReadmeIsTheOneHere() throws IOException {
    Matcher matcher = BLOCK.matcher(Files.readString(POLICIES.resolve("README.md")));
    List<String> rego = new ArrayList<>();
    while (matcher.find()) {
      if (matcher.group(1).equals("rego")) {
        rego.add(matcher.group(2));
      }
    }
    assertThat(rego).containsExactly(only("rego guards/owner.rego"));
  }

  @Test
  void theInputIsAdmittedWithThatDecision() throws IOException {
    ours();
    JsonNode decision = decision(json("json input"));
    assertThat(Json.MAPPER.readTree(decision.toString())).isEqualTo(json("json decision"));
  }

  @Test
  void theGuardBesideOursPassesBlocksAndIsSwitchedOffByData() throws Exception {
    ours();
    write("guards/owner.rego");
    write("guards/owner_test.rego");
    built();
    assertThat(codes(decision(json("json input")))).containsExactly("owner/owner_missing");
    optional(Json.MAPPER.createObjectNode().set("owner", off()));
    assertThat(codes(decision(json("json input")))).isEmpty();
  }

  private static ObjectNode off() {
    ObjectNode off = Json.MAPPER.createObjectNode().put("enabled", false);
    off.putArray("transitions");
    return off;
  }

  @Test
  void whatIsReadyMadeIsSwitchedOnByData() throws IOException {
    ours();
    optional(json("json optional"));
    String text = Files.readString(Path.of("../../docs/policy.md"));
    List<String> codes = codes(decision(json("json input")));
    assertThat(codes).hasSize(3).allSatisfy(code -> assertThat(text).contains("`" + code + "`"));
  }

  @Test
  void aDirectoryOfOnesOwnIsAPolicyAndEveryCommandRuns() throws Exception {
    write("admission.rego");
    write("admission_test.rego");
    Files.writeString(policies.resolve("data.json"), "{}");
    ObjectNode input = json("json input");
    PolicyBundle policy = built();
    JsonNode decision = decision(input);
    assertThat(codes(decision)).containsExactly("mine/not_labelled");
    PolicyArchive archive = new PolicyArchive(folder.resolve(".swiftdeploy/manifest/policies"));
    archive.keep(policy);
    new PolicyArchive(folder.resolve("policies-archive")).keep(policy);
    chain(input, decision, policy.digest());

    List<String> commands = commands("sh run");
    assertThat(commands).hasSizeGreaterThan(6);
    for (String command : commands) {
      Ran ran = Ran.of(words(command));
      assertThat(ran.exit()).as("%s%n%s", command, ran).isEqualTo(Exit.DONE);
    }
    assertThat(commands("sh parsed")).hasSize(1);
    for (String command : commands("sh parsed")) {
      Main.line(
              new Terminal(
                  new PrintWriter(Writer.nullWriter()),
                  new PrintWriter(Writer.nullWriter()),
                  false))
          .parseArgs(words(command));
    }
  }

  private List<String> commands(String of) {
    return blocks.stream()
        .filter(b -> b.of().equals(of))
        .flatMap(b -> b.text().replace("\\\n", " ").lines())
        .filter(line -> !line.isBlank())
        .toList();
  }

  /** Files of the working folder are in this test's; the manifest is there, too. */
  private String[] words(String command) {
    List<String> words = new ArrayList<>();
    for (String word : command.strip().split(" +")) {
      boolean here = word.matches("policies|history.jsonl|policies-archive");
      words.add(here ? folder.resolve(word).toString() : word);
    }
    assertThat(words.remove(0)).isEqualTo("swiftdeploy");
    if (List.of("replay", "what-if").contains(words.get(0))) {
      words.addAll(List.of("-f", folder.resolve("manifest.yaml").toString()));
    }
    return words.toArray(String[]::new);
  }

  private void chain(ObjectNode input, JsonNode result, String digest) {
    Entry decided =
        DecidedDeploy.of(
            "d-1",
            input,
            result,
            Verdict.DENIED,
            new PolicyRef("embedded", Optional.of(digest), true));
    try (FileAuditLog log =
        FileAuditLog.open(folder.resolve("history.jsonl"), Clock.systemUTC(), CrashPoints.NONE)) {
      log.append(Optional.of(ResourceName.of("demo")), decided);
    }
  }
}
