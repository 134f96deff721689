package dev.swiftdeploy.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.ResourceName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChainTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05.678901Z");
  private static final ResourceName DEMO = ResourceName.of("demo");

  private static List<AuditRecord> chain(List<Entry> entries) {
    List<AuditRecord> out = new ArrayList<>();
    Chain.Head head = Chain.Head.START;
    for (Entry entry : entries) {
      Instant now = START.plusSeconds(out.size());
      Optional<ResourceName> resource =
          entry instanceof Entry.Started ? Optional.empty() : Optional.of(DEMO);
      AuditRecord record = Chain.seal(head, now, resource, entry);
      head = new Chain.Head(record.seq(), record.hash());
      out.add(record);
    }
    return out;
  }

  /** Reads until the first line that does not belong there: its number, from 1, or 0. */
  private static int firstBad(List<byte[]> lines) {
    Chain.Head head = Chain.Head.START;
    for (int i = 0; i < lines.size(); i++) {
      if (!(Chain.read(head, lines.get(i)) instanceof Chain.Read.Good good)) {
        return i + 1;
      }
      head = new Chain.Head(good.record().seq(), good.record().hash());
    }
    return 0;
  }

  private static byte[] bytes(List<AuditRecord> chain) {
    StringBuilder text = new StringBuilder();
    chain.forEach(r -> text.append(r.line()).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** As a file's lines; what follows the last line end is a line as well, if there is anything. */
  private static List<byte[]> lines(byte[] text) {
    List<byte[]> out = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte b : text) {
      if (b == '\n') {
        out.add(line.toByteArray());
        line.reset();
      } else {
        line.write(b);
      }
    }
    if (line.size() > 0) {
      out.add(line.toByteArray());
    }
    return out;
  }

  @Test
  void everyEntryIsReadAsItWasSealed() {
    for (long seed = 0; seed < 50; seed++) {
      Chain.Head head = Chain.Head.START;
      for (AuditRecord sealed : chain(Entries.all(seed))) {
        Chain.Read read = Chain.read(head, sealed.line());
        assertThat(read).as("seed %s: %s", seed, sealed.line()).isInstanceOf(Chain.Read.Good.class);
        AuditRecord record = ((Chain.Read.Good) read).record();
        assertThat(record.line()).isEqualTo(sealed.line()).doesNotContain("\n");
        assertThat(record.ts()).isEqualTo(sealed.ts());
        assertThat(record.resource()).isEqualTo(sealed.resource());
        // A JSON number's Java type is not kept, its text is.
        assertThat(Chain.seal(head, record.ts(), record.resource(), record.entry()).line())
            .isEqualTo(record.line());
        if (sealed.entry() instanceof Entry.Decided decided) {
          Entry.Decided read2 = (Entry.Decided) record.entry();
          assertThat(read2.transition()).isEqualTo(decided.transition());
          assertThat(read2.decision().map(Object::toString))
              .isEqualTo(decided.decision().map(Object::toString));
        } else if (!(sealed.entry() instanceof Entry.Sampled)) {
          assertThat(record.entry()).isEqualTo(sealed.entry());
        }
        head = new Chain.Head(record.seq(), record.hash());
      }
    }
  }

  @Test
  void numbersOfEvidenceAreKeptAsTheyAreWritten() throws Exception {
    String evidence =
        "{\"rate\":0.1,\"tiny\":1E-7,\"big\":12345678901234567890,\"whole\":1.0,\"exact\":0.30000000000000004}";
    Entry entry =
        new Entry.Sampled(
            (com.fasterxml.jackson.databind.node.ObjectNode) Json.MAPPER.readTree(evidence));
    AuditRecord sealed = Chain.seal(Chain.Head.START, START, Optional.of(DEMO), entry);
    AuditRecord read = ((Chain.Read.Good) Chain.read(Chain.Head.START, sealed.line())).record();
    assertThat(Chain.seal(Chain.Head.START, START, Optional.of(DEMO), read.entry()).line())
        .isEqualTo(sealed.line());
  }

  @Test
  void aRecordIsOneLineOfJsonThatEndsWithItsHash() {
    AuditRecord record =
        Chain.seal(Chain.Head.START, START, Optional.of(DEMO), new Entry.Applied("d-1"));
    assertThat(record.line())
        .isEqualTo(
            "{\"seq\":1,\"ts\":\"2026-01-02T03:04:05.678Z\",\"type\":\"applied\",\"resource\":\"demo\","
                + "\"decision_id\":\"d-1\",\"prev\":\""
                + "0".repeat(64)
                + "\",\"hash\":\"dca2392f875b880dcae6a90036ea971916698a178d6540e071237afb2f07fe1b\"}");
  }

  @Test
  void everyByteThatIsFlippedIsFoundInItsLine() {
    byte[] text = bytes(small());
    int line = 1;
    for (int i = 0; i < text.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = text.clone();
        flipped[i] ^= (byte) (1 << bit);
        int found = firstBad(lines(flipped));
        assertThat(found).as("bit %s of byte %s", bit, i).isEqualTo(line);
      }
      if (text[i] == '\n') {
        line++;
      }
    }
  }

  @Test
  void everyByteThatIsPutInIsFound() {
    byte[] text = bytes(small());
    for (int i = 0; i < text.length; i++) {
      for (byte b : new byte[] {' ', '\t', '\r', '\n', ',', '0', '"', '}', 0, (byte) 0xff}) {
        byte[] longer = new byte[text.length + 1];
        System.arraycopy(text, 0, longer, 0, i);
        longer[i] = b;
        System.arraycopy(text, i, longer, i + 1, text.length - i);
        assertThat(firstBad(lines(longer))).as("byte %s put in at %s", b, i).isPositive();
      }
    }
  }

  @Test
  void everyByteThatIsTakenOutIsFound() {
    byte[] text = bytes(small());
    for (int i = 0; i < text.length - 1; i++) {
      byte[] shorter = new byte[text.length - 1];
      System.arraycopy(text, 0, shorter, 0, i);
      System.arraycopy(text, i + 1, shorter, i, text.length - i - 1);
      assertThat(firstBad(lines(shorter))).as("byte %s taken out", i).isPositive();
    }
  }

  @Test
  void whatOnlyLooksTheSameIsFound() {
    AuditRecord record =
        Chain.seal(Chain.Head.START, START, Optional.empty(), new Entry.Stopped("k\uFFFDm"));
    byte[] good = record.line().getBytes(StandardCharsets.UTF_8);
    String hidden =
        new String(good, StandardCharsets.ISO_8859_1).replace("\u00ef\u00bf\u00bd", "\u00ff");
    byte[] invalid = hidden.getBytes(StandardCharsets.ISO_8859_1);
    assertThat(new String(invalid, StandardCharsets.UTF_8)).isEqualTo(record.line());

    assertThat(firstBad(List.of(good))).isZero();
    assertThat(firstBad(List.of(invalid))).isEqualTo(1);
  }

  @Test
  void linesThatAreDroppedDoubledOrSwappedAreFound() {
    List<byte[]> lines = lines(bytes(chain(Entries.all(1))));
    assertThat(firstBad(lines)).isZero();
    for (int i = 0; i < lines.size(); i++) {
      if (i < lines.size() - 1) {
        List<byte[]> dropped = new ArrayList<>(lines);
        dropped.remove(i);
        assertThat(firstBad(dropped)).as("dropped %s", i + 1).isEqualTo(i + 1);
        List<byte[]> swapped = new ArrayList<>(lines);
        Collections.swap(swapped, i, i + 1);
        assertThat(firstBad(swapped)).as("swapped %s", i + 1).isEqualTo(i + 1);
      }
      List<byte[]> doubled = new ArrayList<>(lines);
      doubled.add(i, lines.get(i));
      assertThat(firstBad(doubled)).as("doubled %s", i + 1).isEqualTo(i + 2);
    }
  }

  @Test
  void aLineOfAnotherChainIsFound() {
    List<byte[]> lines = lines(bytes(chain(Entries.all(1))));
    List<byte[]> others = lines(bytes(chain(Entries.all(2))));
    for (int i = 0; i < lines.size(); i++) {
      if (!Arrays.equals(lines.get(i), others.get(i))) {
        List<byte[]> mixed = new ArrayList<>(lines);
        mixed.set(i, others.get(i));
        assertThat(firstBad(mixed)).isBetween(i + 1, Math.min(i + 2, lines.size()));
      }
    }
  }

  @Test
  void whatIsWrongIsSaid() {
    AuditRecord first =
        Chain.seal(Chain.Head.START, START, Optional.of(DEMO), new Entry.Applied("d-1"));
    Chain.Head head = new Chain.Head(first.seq(), first.hash());
    AuditRecord second = Chain.seal(head, START, Optional.of(DEMO), new Entry.Applied("d-2"));

    assertThat(why(Chain.Head.START, "")).isEqualTo("it does not end with a hash");
    assertThat(why(Chain.Head.START, first.line().replace("d-1", "d-7")))
        .isEqualTo("it was changed: its hash is not that of its bytes");
    assertThat(why(Chain.Head.START, second.line()))
        .isEqualTo("record 1 is expected here, this is 2");
    assertThat(why(new Chain.Head(1, "f".repeat(64)), second.line()))
        .isEqualTo("it follows another history: its prev is not the hash before it");
    assertThat(why(Chain.Head.START, sealed("{\"seq\":1,\"ts\":\"x\",\"type\":\"new\"")))
        .startsWith("it follows another history");
    assertThat(
            why(
                Chain.Head.START,
                sealed(
                    "{\"seq\":1,\"ts\":\"2026-01-01T00:00:00Z\",\"type\":\"new\",\"prev\":\""
                        + Chain.GENESIS
                        + "\"")))
        .startsWith("it is not a record that this version knows");
    assertThat(why(Chain.Head.START, sealed("{\"seq\":1,,\"")))
        .startsWith("it is not a record that this version knows");
    assertThat(why(Chain.Head.START, sealed("{\"seq\":1,\"seq\":1")))
        .startsWith("it is not a record that this version knows");
  }

  private static String why(Chain.Head head, String line) {
    return ((Chain.Read.Bad) Chain.read(head, line)).why();
  }

  private static String sealed(String covered) {
    return covered + ",\"hash\":\"" + dev.swiftdeploy.core.release.Digests.sha256(covered) + "\"}";
  }

  /** A version of SwiftDeploy that writes or reads other bytes than these breaks every chain. */
  @Test
  void theFormatIsStable() throws IOException {
    List<AuditRecord> chain = chain(Entries.all(7));
    String golden;
    try (InputStream in = ChainTest.class.getResourceAsStream("chain-v1.jsonl")) {
      golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(new String(bytes(chain), StandardCharsets.UTF_8)).isEqualTo(golden);
    assertThat(firstBad(lines(golden.getBytes(StandardCharsets.UTF_8)))).isZero();
  }

  private static List<AuditRecord> small() {
    return chain(
        List.of(
            new Entry.Opened(Entry.Opened.FORMAT, "u-1", "process"),
            new Entry.Started(1, "0.1", new Actor("kim ü", "command", true)),
            new Entry.Applied("d-1")));
  }
}
