package dev.swiftdeploy.adapters.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditLog.Damage.Kind;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entries;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.VirtualClock;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A history that was written to a file, damaged in every small way: found at its place, named for
 * what it is, and found at the same place by the independent verifier.
 */
class ChainDamageTest {
  private static final ResourceName DEMO = ResourceName.of("demo");

  private static final Damage NONE = new Damage(Kind.UNKNOWN, 0, "not found");

  @TempDir Path folder;
  private final VirtualClock clock = new VirtualClock();
  private List<String> lines = List.of();

  @BeforeEach
  void aHistory() throws IOException {
    lines = history(3, 9);
  }

  private List<String> history(long seed, int records) throws IOException {
    Path file = folder.resolve("history-" + seed + ".jsonl");
    Files.deleteIfExists(file);
    try (FileAuditLog log = FileAuditLog.open(file, clock, CrashPoints.NONE)) {
      List<Entry> all = Entries.all(seed);
      for (int i = 0; i < records; i++) {
        log.append(Optional.of(DEMO), all.get(i * all.size() / records));
      }
    }
    return Files.readAllLines(file);
  }

  private static byte[] bytes(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Damage ofFile(List<String> lines) throws IOException {
    ChainFile.Result read = PythonVerifier.ours(bytes(lines));
    return read.damage().orElseThrow(() -> new AssertionError("not found: " + lines));
  }

  private static void assertSameAsPython(List<byte[]> chains) throws IOException {
    List<String> ours = new ArrayList<>();
    for (byte[] chain : chains) {
      long line = PythonVerifier.ours(chain).damage().map(Damage::line).orElse(0L);
      ours.add(String.valueOf(line));
    }
    assertThat(PythonVerifier.firstBad(chains)).isEqualTo(ours);
  }

  @Test
  void theWholeHistoryVerifies() throws IOException {
    assertThat(PythonVerifier.ours(bytes(lines)).damage()).isEmpty();
    assertSameAsPython(List.of(bytes(lines)));
  }

  @Test
  @Tag("walk") // thousands of chains: hack/mutation leaves it out
  void everyByteThatIsFlippedIsAnEditOfItsLine() throws IOException {
    byte[] text = bytes(lines);
    List<byte[]> flipped = new ArrayList<>();
    List<String> places = new ArrayList<>();
    long line = 1;
    for (int i = 0; i < text.length; i++) {
      for (int pattern : new int[] {1 << (i % 8), 0xff}) {
        byte[] bad = text.clone();
        bad[i] ^= (byte) pattern;
        Damage found = PythonVerifier.ours(bad).damage().orElse(NONE);
        if (found.line() != line || found.kind() != Kind.EDITED) {
          throw new AssertionError("byte " + i + " of line " + line + ": " + found);
        }
        if (pattern == 0xff ? i % 3 == 0 || text[i] == '\n' : i % 3 > 0) {
          flipped.add(bad);
          places.add(String.valueOf(line));
        }
      }
      line += text[i] == '\n' ? 1 : 0;
    }
    assertThat(PythonVerifier.firstBad(flipped)).isEqualTo(places);
  }

  @Test
  void aLineThatIsDroppedIsMissing() throws IOException {
    List<byte[]> chains = new ArrayList<>();
    for (int i = 0; i < lines.size() - 1; i++) {
      List<String> dropped = new ArrayList<>(lines);
      dropped.remove(i);
      Damage found = ofFile(dropped);
      assertThat(found.kind()).isEqualTo(Kind.MISSING);
      assertThat(found.line()).isEqualTo(i + 1);
      assertThat(found.message()).isEqualTo("record " + (i + 1) + " is missing");
      chains.add(bytes(dropped));
    }
    assertThat(ofFile(lines.subList(3, 7)).message()).isEqualTo("records 1 to 3 are missing");
    assertSameAsPython(chains);
  }

  @Test
  void linesThatAreSwappedOrMovedAreReordered() throws IOException {
    List<byte[]> chains = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      for (int j = i + 1; j < lines.size(); j++) {
        List<String> swapped = new ArrayList<>(lines);
        Collections.swap(swapped, i, j);
        Damage found = ofFile(swapped);
        assertThat(found.kind()).isEqualTo(Kind.REORDERED);
        assertThat(found.line()).isEqualTo(i + 1);
        List<String> moved = new ArrayList<>(lines);
        moved.add(j, moved.remove(i));
        assertThat(ofFile(moved).kind()).isEqualTo(Kind.REORDERED);
        assertThat(ofFile(moved).line()).isEqualTo(i + 1);
        chains.add(bytes(swapped));
        chains.add(bytes(moved));
      }
    }
    assertSameAsPython(chains);
  }

  @Test
  void aLineThatIsThereAgainIsDuplicated() throws IOException {
    List<byte[]> chains = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      for (int j = i + 1; j <= lines.size(); j++) {
        List<String> doubled = new ArrayList<>(lines);
        doubled.add(j, lines.get(i));
        Damage found = ofFile(doubled);
        assertThat(found.kind()).isEqualTo(Kind.DUPLICATED);
        assertThat(found.line()).isEqualTo(j + 1);
        assertThat(found.message())
            .endsWith("record " + (i + 1) + " is there already, at line " + (i + 1));
        chains.add(bytes(doubled));
      }
    }
    assertSameAsPython(chains);
  }

  @Test
  void aLineOfAnotherHistoryIsNamedSo() throws IOException {
    List<String> other = history(4, 9);
    List<byte[]> chains = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      List<String> mixed = new ArrayList<>(lines.subList(0, i));
      mixed.addAll(other.subList(i, other.size()));
      Damage found = ofFile(mixed);
      assertThat(found.kind()).isEqualTo(Kind.ANOTHER_HISTORY);
      assertThat(found.line()).isEqualTo(i + 1);
      chains.add(bytes(mixed));
    }
    List<String> appended = new ArrayList<>(lines);
    appended.add(other.get(2));
    assertThat(ofFile(appended).kind()).isEqualTo(Kind.ANOTHER_HISTORY);
    assertSameAsPython(chains);
  }

  @Test
  void aLineThatWasNeverCompletedIsNoDamageWhereverItBreaksOff() throws IOException {
    byte[] text = bytes(lines);
    byte[] last = bytes(lines.subList(lines.size() - 1, lines.size()));
    List<byte[]> chains = new ArrayList<>();
    for (int left = 0; left < last.length; left++) {
      byte[] torn = Arrays.copyOf(text, text.length - last.length + left);
      ChainFile.Result read = PythonVerifier.ours(torn);
      assertThat(read.damage()).as("%s bytes left", left).isEmpty();
      assertThat(read.head().seq()).isEqualTo(lines.size() - (left < last.length - 1 ? 1 : 0));
      chains.add(torn);
    }
    assertSameAsPython(chains);
  }

  // ---- what only a head that was kept elsewhere tells ----

  private ChainScan.Result scan(List<String> there, String... heads) throws IOException {
    Path file = folder.resolve("kept.jsonl");
    Files.write(file, bytes(there));
    List<Damages.Known> known =
        Arrays.stream(heads)
            .map(head -> new Damages.Known(Chain.Head.parse(head).orElseThrow(), "the given head"))
            .toList();
    return ChainScan.read(
        new ChainPlace(file, file), ChainScan.From.START, known, Set.of(), record -> {});
  }

  @Test
  void theLastRecordsCutOffAreFoundByAHead() throws IOException {
    String head = scan(lines).head().text();
    for (int left = 0; left < lines.size(); left++) {
      List<String> cut = lines.subList(0, left);
      assertThat(scan(cut).damage()).as("by itself").isEmpty();
      Damage found = scan(cut, head).damage().orElseThrow();
      assertThat(found.kind()).isEqualTo(Kind.TRUNCATED);
      assertThat(found.line()).isEqualTo(left + 1);
      assertThat(found.message()).contains("the given head knows record 9");
      assertThat(PythonVerifier.firstBad(List.of(bytes(cut)), head)).containsExactly("end");
    }
    assertThat(scan(lines, head).damage()).isEmpty();
    assertThat(PythonVerifier.firstBad(List.of(bytes(lines)), head)).containsExactly("0");
  }

  @Test
  void anEarlierHeadIsInALaterChain() throws IOException {
    for (int at = 1; at < lines.size(); at++) {
      String earlier = scan(lines.subList(0, at)).head().text();
      assertThat(scan(lines, earlier).damage()).isEmpty();
    }
  }

  @Test
  void anotherHistoryThatIsWholeIsFoundByAHead() throws IOException {
    String head = scan(lines.subList(0, 6)).head().text();
    List<String> other = history(4, 9);
    assertThat(scan(other).damage()).isEmpty();

    Damage found = scan(other, head).damage().orElseThrow();

    assertThat(found.kind()).isEqualTo(Kind.ANOTHER_HISTORY);
    assertThat(found.line()).isEqualTo(6);
    assertThat(PythonVerifier.firstBad(List.of(bytes(other)), head)).containsExactly("record 6");
  }

  @Test
  void whatFollowsAWholeRecordOnItsLineIsNoTornWrite() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.write(bytes(lines));
    byte[] edited = Arrays.copyOf(text.toByteArray(), text.size());
    edited[edited.length - 1] = ' ';
    assertThat(PythonVerifier.ours(edited).damage().map(Damage::kind)).contains(Kind.EDITED);
    assertSameAsPython(List.of(edited));
  }
}
