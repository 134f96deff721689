package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.audit.FileAuditLog;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.audit.PolicyRef;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code replay} and {@code what-if} on a chain of decisions that the shipped policy made. */
class ReplayTest {
  private static final Path POLICIES = Path.of("../../policies");

  @TempDir Path folder;
  private PolicyBundle policy;
  private JsonNode allowed;
  private JsonNode denied;

  @BeforeEach
  void policy() throws IOException {
    policy = ((PolicyBundle.Good) PolicyBundle.read(POLICIES)).bundle();
    for (JsonNode each : Json.MAPPER.readTree(POLICIES.resolve("testdata/deploy.json").toFile())) {
      if (!each.has("data") && each.get("input").isObject()) {
        if (each.at("/expected/allow").asBoolean()) {
          allowed = allowed == null ? each : allowed;
        } else if (each.at("/expected/violations/0/code").asText().startsWith("disk")) {
          denied = denied == null ? each : denied;
        }
      }
    }
    new PolicyArchive(folder.resolve(".swiftdeploy/manifest/policies")).keep(policy);
  }

  private void chain(Entry... entries) {
    try (FileAuditLog log =
        FileAuditLog.open(
            folder.resolve("history.jsonl"),
            Clock.fixed(Instant.parse("2026-01-31T09:00:00Z"), ZoneOffset.UTC),
            CrashPoints.NONE)) {
      for (Entry entry : entries) {
        log.append(Optional.of(ResourceName.of("demo")), entry);
      }
    }
  }

  private Entry decided(String id, JsonNode of, JsonNode result, Verdict verdict, String digest) {
    return decided(id, of, result, verdict, digest, true);
  }

  private Entry decided(
      String id, JsonNode of, JsonNode result, Verdict verdict, String digest, boolean verified) {
    return DecidedDeploy.of(
        id,
        (ObjectNode) of.get("input"),
        result,
        verdict,
        new PolicyRef("opa", Optional.of(digest), verified));
  }

  private Entry asItWas(String id, JsonNode of, Verdict verdict) {
    return decided(id, of, of.get("expected"), verdict, policy.digest());
  }

  @Test
  void theSamePolicyGivesTheSameAnswers() {
    chain(
        asItWas("d-1", allowed, Verdict.ALLOWED),
        asItWas("d-2", denied, Verdict.DENIED),
        new Entry.Applied("d-1"),
        decided("d-3", denied, allowed.get("expected"), Verdict.ALLOWED, "8".repeat(64), false));
    Ran ran = Ran.in(folder, "replay");
    assertThat(ran.out())
        .isEqualTo(
            "REPLAYED  2 decisions, policies 1; left out: 0 without an answer of policy, 1 of a foreign OPA\n");
    assertThat(ran.exit()).isEqualTo(Exit.DONE);
  }

  @Test
  void anAnswerThatThePolicyDoesNotGiveNamesItsRecord() {
    chain(
        asItWas("d-1", allowed, Verdict.ALLOWED),
        decided("d-2", denied, allowed.get("expected"), Verdict.ALLOWED, policy.digest()));
    Ran ran = Ran.in(folder, "replay");
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(ran.out())
        .contains("record 2  d-2  deploy 0123456789ab: was allowed, would be denied: Disk below")
        .contains("DIFFERS");
  }

  @Test
  void theSameVerdictFromAnotherDocumentIsADifferenceToo() {
    ObjectNode other = allowed.get("expected").deepCopy();
    other.putArray("grants");
    chain(decided("d-1", allowed, other, Verdict.ALLOWED, policy.digest()));
    Ran ran = Ran.in(folder, "replay");
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(ran.out()).contains("record 1  d-1").contains("from another document");
  }

  @Test
  void aPolicyThatWasNotKeptIsTold() {
    String unknown = "7".repeat(64);
    chain(decided("d-1", allowed, allowed.get("expected"), Verdict.ALLOWED, unknown));
    Ran ran = Ran.in(folder, "replay");
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(ran.out())
        .startsWith(
            "record 1: " + unknown + " is not archived, or damaged\nINCOMPLETE  0 decisions");
    assertThat(ran.err()).contains("--archive DIR");
  }

  @Test
  void whatIfShowsWhatAThresholdWouldFlip() throws IOException {
    chain(asItWas("d-1", allowed, Verdict.ALLOWED), asItWas("d-2", denied, Verdict.DENIED));
    Ran same = Ran.in(folder, "what-if", "--policies", POLICIES.toString());
    assertThat(same.out()).isEqualTo("NO FLIP  0 of 2 decisions would have another verdict\n");
    assertThat(same.exit()).isEqualTo(Exit.DONE);

    Path stricter = copy(POLICIES, folder.resolve("stricter"));
    Path data = stricter.resolve("data.json");
    Files.writeString(
        data,
        Files.readString(data).replaceFirst("(\"min_disk_free_gb\": *)[0-9.]+", "$1" + 99_999_999));
    Ran ran = Ran.in(folder, "what-if", "--policies", stricter.toString());
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(ran.out())
        .startsWith("RECORD  DECISION  TRANSITION           WAS      WOULD BE  WHY\n")
        .contains("\n1       d-1       deploy 0123456789ab  allowed  denied    Disk below")
        .contains("99999999 GB required")
        .endsWith("FLIPS  1 of 2 decisions would have another verdict\n");

    Ran json = Ran.in(folder, "what-if", "--policies", stricter.toString(), "-o", "json");
    JsonNode flips = Json.MAPPER.readTree(json.out()).get("flips");
    assertThat(flips).hasSize(1);
    assertThat(flips.at("/0/would_be").asText()).isEqualTo("denied");

    Files.writeString(data, "{");
    Ran broken = Ran.in(folder, "what-if", "--policies", stricter.toString());
    assertThat(broken.exit()).isEqualTo(Exit.FAILED);
    assertThat(broken.err()).contains("data.json can't be taken");

    Ran nowhere = Ran.in(folder, "what-if", "--policies", folder.resolve("nowhere").toString());
    assertThat(nowhere.exit()).isEqualTo(Exit.USAGE);
    assertThat(nowhere.err()).contains("there is no folder ");
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
    return to;
  }
}
