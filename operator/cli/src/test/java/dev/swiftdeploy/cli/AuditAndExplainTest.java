package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.swiftdeploy.adapters.audit.FileAuditLog;
import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Violation;
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
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code audit} and {@code explain} make of a chain that lies beside a manifest. */
class AuditAndExplainTest {
  private static final Instant NOW = Instant.parse("2026-01-31T09:00:00Z");

  @TempDir Path folder;

  @BeforeEach
  void aChain() {
    try (FileAuditLog log =
        FileAuditLog.open(
            folder.resolve("history.jsonl"), Clock.fixed(NOW, ZoneOffset.UTC), CrashPoints.NONE)) {
      for (String id : List.of("d-3f2a00", "d-3f2b00", "d-3f2b00ff")) {
        log.append(Optional.of(ResourceName.of("demo")), denied(id));
      }
    }
  }

  private static Entry denied(String id) {
    Violation violation =
        new Violation(
            "disk_below_threshold",
            "Disk below threshold: 3 GB free, 10 GB required",
            "infrastructure",
            Violation.Severity.BLOCK,
            IntNode.valueOf(3),
            IntNode.valueOf(10));
    return DecidedDeploy.of(
        id,
        JsonNodeFactory.instance.objectNode().put("time", NOW.toString()),
        new Decision(false, List.of(violation), false, true, List.of()).json(),
        Verdict.DENIED,
        new PolicyRef("embedded", Optional.of("6".repeat(64)), true));
  }

  // ---- audit ----

  @Test
  void theReportLiesBesideTheManifest() throws IOException {
    Ran ran = Ran.in(folder, "audit");

    assertThat(ran.exit()).as("%s", ran).isEqualTo(Exit.DONE);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("VERIFIED  3 records");
    assertThat(Files.readString(folder.resolve("audit_report.md")))
        .startsWith("# Audit report")
        .contains("Disk below threshold: 3 GB free, 10 GB required");
  }

  @Test
  void orWhereItIsWanted() throws IOException {
    Path file = folder.resolve("other.md");

    assertThat(Ran.in(folder, "audit", "--output", file.toString()).exit()).isEqualTo(Exit.DONE);
    assertThat(Files.readString(file)).startsWith("# Audit report");
    assertThat(folder.resolve("audit_report.md")).doesNotExist();
    assertThat(Ran.in(folder, "audit", "--output", "-").out()).startsWith("# Audit report");
  }

  @Test
  void jsonIsPrintedAndNothingIsWritten() throws IOException {
    Ran ran = Ran.in(folder, "audit", "-o", "json");
    JsonNode json = Json.MAPPER.readTree(ran.out());

    assertThat(json.at("/chain/verified").asBoolean()).isTrue();
    assertThat(json.at("/resources/0/violations")).hasSize(3);
    assertThat(folder.resolve("audit_report.md")).doesNotExist();
  }

  @Test
  void sinceLeavesOut() throws IOException {
    assertThat(Ran.in(folder, "audit", "--since", "2026-02-01", "-o", "json").out())
        .contains("\"violations\" : [ ]");
    assertThat(Ran.in(folder, "audit", "--since", "2026-01-31T09:00:00Z", "-o", "json").out())
        .contains("disk_below_threshold");
  }

  @Test
  void aChainThatWasChangedHasExitCodeOneAndAReportAllTheSame() throws IOException {
    Path history = folder.resolve("history.jsonl");
    Files.writeString(history, Files.readString(history).replaceFirst("\"kim\"", "\"tim\""));

    Ran ran = Ran.in(folder, "audit");
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(ran.err()).contains("DAMAGED");
    assertThat(Files.readString(folder.resolve("audit_report.md"))).contains("**no**: line 1");
  }

  @Test
  void aTimeIsWrittenAsPeopleDo() {
    ZoneId zone = ZoneId.of("UTC+1");
    assertThat(Since.parse("90s", NOW, zone)).isEqualTo(NOW.minusSeconds(90));
    assertThat(Since.parse("30m", NOW, zone)).isEqualTo(NOW.minusSeconds(1800));
    assertThat(Since.parse("2h", NOW, zone)).isEqualTo(NOW.minusSeconds(7200));
    assertThat(Since.parse("7d", NOW, zone)).isEqualTo(NOW.minusSeconds(7 * 86400));
    assertThat(Since.parse("2026-01-31", NOW, zone)).isEqualTo("2026-01-30T23:00:00Z");
    assertThat(Since.parse("2026-01-31T09:00:00Z", NOW, zone)).isEqualTo(NOW);
    for (String wrong : List.of("", "soon", "2026-13-01", "5w", "-2h", "2026-01-31T9")) {
      assertThatThrownBy(() -> Since.parse(wrong, NOW, zone)).isInstanceOf(CommandFailure.class);
    }
  }

  // ---- explain ----

  @Test
  void theLastDecisionIsExplainedWhereNoneIsNamed() {
    assertThat(Ran.in(folder, "explain").out())
        .contains("decision d-3f2b00ff)", "observed 3, threshold 10");
  }

  @Test
  void theBeginningOfAnIdIsEnoughIfOnlyOneBeginsSo() {
    assertThat(Ran.in(folder, "explain", "d-3f2a").out()).contains("decision d-3f2a00)");
    assertThat(Ran.in(folder, "explain", "3f2a").out()).contains("decision d-3f2a00)");
    Ran several = Ran.in(folder, "explain", "d-3f2");
    assertThat(several.exit()).isEqualTo(Exit.USAGE);
    assertThat(several.err()).contains("d-3f2a00, d-3f2b00, d-3f2b00ff");
  }

  @Test
  void aWholeIdIsMeantAlsoIfOthersBeginWithIt() {
    assertThat(Ran.in(folder, "explain", "d-3f2b00").out()).contains("decision d-3f2b00)");
  }

  @Test
  void theInputIsPrintedOnRequest() {
    assertThat(Ran.in(folder, "explain", "--input").out()).contains("\"time\" : \"2026-01-31T09");
    assertThat(Ran.in(folder, "explain", "d-nope").exit()).isEqualTo(Exit.USAGE);
  }
}
