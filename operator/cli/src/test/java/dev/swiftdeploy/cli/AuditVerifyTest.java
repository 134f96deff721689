package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.adapters.audit.ChainPlace;
import dev.swiftdeploy.adapters.audit.FileAuditLog;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code audit verify}, {@code export}, {@code acknowledge} and {@code prune}. */
class AuditVerifyTest {
  private static final Clock THEN =
      Clock.fixed(Instant.parse("2026-01-31T09:00:00Z"), ZoneOffset.UTC);

  @TempDir Path folder;
  private Path history;

  @BeforeEach
  void aChain() throws IOException {
    history = folder.resolve("history.jsonl");
    write();
  }

  /** Some segments, as they are small. */
  private void write() throws IOException {
    Workspace workspace = new Workspace(folder.resolve("manifest.yaml"));
    workspace.create();
    ChainPlace place = new ChainPlace(history, workspace.auditKey(), 1000);
    try (FileAuditLog log = FileAuditLog.open(place, THEN, CrashPoints.NONE, Optional.empty())) {
      log.append(
          Optional.of(ResourceName.of("demo")),
          new Entry.Opened(Entry.Opened.FORMAT, "u-1", "process"));
      for (int i = 0; i < 12; i++) {
        log.append(Optional.of(ResourceName.of("demo")), new Entry.Stopped("kim " + i));
      }
    }
  }

  private JsonNode json(Ran ran) throws IOException {
    return Json.MAPPER.readTree(ran.out());
  }

  private String head() throws IOException {
    return json(Ran.in(folder, "audit", "verify", "-o", "json")).get("head").asText();
  }

  private String key() throws IOException {
    return json(Ran.in(folder, "audit", "verify", "-o", "json")).at("/keys/0").asText();
  }

  @Test
  void itSaysHowFarTheChainGoesAndWhoSignedIt() throws IOException {
    Ran ran = Ran.in(folder, "audit", "verify", "--head", head(), "--key", key());

    assertThat(ran.exit()).as("%s", ran).isEqualTo(Exit.DONE);
    assertThat(ran.err()).contains("VERIFIED", head(), "signed up to record", key());
  }

  @Test
  void aHeadThatIsNotInItIsFound() throws IOException {
    String head = head();
    Files.writeString(
        history,
        Files.readString(history).substring(0, Files.readString(history).indexOf('\n') + 1));

    Ran ran = Ran.in(folder, "audit", "verify", "--head", head, "-o", "json");

    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(json(ran).at("/damage/kind").asText()).isEqualTo("truncated");
    assertThat(json(ran).get("verified").asBoolean()).isFalse();
    assertThat(Ran.in(folder, "audit", "verify", "--head", "7").exit()).isEqualTo(Exit.USAGE);
  }

  @Test
  void anotherKeyIsFound() throws IOException {
    Ran ran = Ran.in(folder, "audit", "verify", "--key", "0".repeat(64));
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(ran.err()).contains("DAMAGED", "another key");

    Path file = Files.writeString(folder.resolve("key"), key() + "\n");
    assertThat(Ran.in(folder, "audit", "verify", "--key", file.toString()).exit())
        .isEqualTo(Exit.DONE);
    assertThat(Ran.in(folder, "audit", "verify", "--key", "nope").exit()).isEqualTo(Exit.USAGE);
  }

  @Test
  void anEditIsNamedWithItsPlaceAndAcknowledged() throws IOException {
    Files.writeString(history, Files.readString(history).replace("kim 11", "tim 11"));
    Ran ran = Ran.in(folder, "audit", "verify");
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(ran.err()).contains("DAMAGED", "history.jsonl, line", "edited");

    Ran noted = Ran.in(folder, "audit", "acknowledge", "--reason", "it was me");

    assertThat(noted.exit()).as("%s", noted).isEqualTo(Exit.DONE);
    Ran after = Ran.in(folder, "audit", "verify");
    assertThat(after.exit()).as("%s", after).isEqualTo(Exit.DONE);
    assertThat(after.err()).contains("acknowledged damage (it was me): edited");
    assertThat(Ran.in(folder, "audit", "acknowledge", "--reason", "x").exit())
        .as("nothing is damaged any more")
        .isEqualTo(Exit.FAILED);
  }

  @Test
  void theExportIsOneFileThatVerifies() throws IOException {
    Ran ran = Ran.in(folder, "audit", "export");

    assertThat(ran.exit()).isEqualTo(Exit.DONE);
    assertThat(ran.out().lines().findFirst().orElseThrow()).startsWith("{\"seq\":1,");
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("history.jsonl"), ran.out());
    assertThat(Ran.in(other, "audit", "verify", "--head", head()).exit()).isEqualTo(Exit.DONE);
  }

  /** Whoever names it by mistake would be left without an audit trail. */
  @ParameterizedTest
  @CsvSource({
    "audit export, history.jsonl",
    "audit export, link.jsonl",
    "audit export, history.segments/all.jsonl",
    "audit, history.jsonl",
    "audit, manifest.yaml",
    "audit, .swiftdeploy/report.md",
  })
  void whatTheChainRestsOnIsNotWrittenOver(String command, String name) throws IOException {
    Files.createSymbolicLink(folder.resolve("link.jsonl"), history);
    String head = head();
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(List.of("--output", folder.resolve(name).toString()));
    Ran ran = Ran.in(folder, words.toArray(String[]::new));
    assertThat(ran.exit()).as("%s", ran).isEqualTo(Exit.USAGE);
    assertThat(ran.err()).contains("it is not written over\n  name another file");
    assertThat(head()).isEqualTo(head);
  }

  @Test
  void whatIsPrunedIsToldOf() throws IOException {
    assertThat(Ran.in(folder, "audit", "prune", "--before", "2026-01-31T08:00:00Z").err())
        .contains("no closed segment is that old");
    Ran ran = Ran.in(folder, "audit", "prune", "--before", "2026-02-01");

    assertThat(ran.err()).contains("removed 000000000001-");
    Ran after = Ran.in(folder, "audit", "verify");
    assertThat(after.exit()).isEqualTo(Exit.DONE);
    String told = System.getProperty("user.name") + " had records 1 to ";
    assertThat(after.err()).contains("it begins with checkpoint", told);
    JsonNode json = json(Ran.in(folder, "audit", "verify", "-o", "json"));
    assertThat(json.at("/removals/0/pruned/segments/0/first").asLong()).isEqualTo(1);
    assertThat(json.at("/removals/0/pruned/checkpoint")).isEqualTo(json.get("first"));
    assertThat(Ran.in(folder, "audit", "--output", "-").out())
        .contains("from checkpoint", "history removed", "| Removed | ", told);
    assertThat(json(Ran.in(folder, "audit", "-o", "json")).at("/chain/removals/0/seq").asLong())
        .isGreaterThan(json.get("first").asLong());
  }
}
