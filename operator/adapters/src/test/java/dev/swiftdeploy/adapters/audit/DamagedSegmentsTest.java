package dev.swiftdeploy.adapters.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditLog.Damage.Kind;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.VirtualClock;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link ChainDamageTest} does to one file, done to a whole history: packed segments, the one
 * that is written to, their checkpoints, and the record of a removal. Found at its place, named for
 * what it is, and found in the same file by the independent verifier.
 */
class DamagedSegmentsTest {
  private static final Optional<ResourceName> DEMO = Optional.of(ResourceName.of("demo"));

  /**
   * So many bytes of a packed file may say nothing of its content: its time (4), a hint, the
   * system, the bits that fill the last byte up.
   */
  private static final int SAYS_NOTHING = 10;

  @TempDir Path folder;
  private final VirtualClock clock = new VirtualClock();
  private ChainPlace place;
  private Damages.Known head = new Damages.Known(Chain.Head.START, "nobody");

  /** The files by their names, oldest first. */
  private final Map<String, byte[]> files = new TreeMap<>();

  /** Where a line stands: its file and its number there, from 1. */
  private record Spot(String file, int line) {}

  /** All lines of all files, in their order. */
  private final List<Spot> spots = new ArrayList<>();

  private final Map<String, List<String>> lines = new TreeMap<>();

  @BeforeEach
  void aHistory() throws IOException {
    place = new ChainPlace(folder.resolve("history.jsonl"), folder.resolve("audit.key"), 900);
    try (FileAuditLog log = FileAuditLog.open(place, clock, CrashPoints.NONE, Optional.empty())) {
      fill(log, 16);
      assertThat(log.prune(new Actor("kim", "command", false), clock.instant().minusSeconds(10)))
          .isPresent();
      fill(log, 5);
      head = new Damages.Known(log.head(), "the given head");
    }
    try (Stream<Path> closed = Files.list(place.segments())) {
      for (Path file : closed.sorted().toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    files.put("history.jsonl", Files.readAllBytes(place.history()));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      List<String> all = new String(unpacked(file), StandardCharsets.UTF_8).lines().toList();
      lines.put(file.getKey(), all);
      for (int i = 1; i <= all.size(); i++) {
        spots.add(new Spot(file.getKey(), i));
      }
    }
    assertThat(files).hasSizeGreaterThan(3);
    assertThat(spots).hasSizeGreaterThan(12);
  }

  private void fill(FileAuditLog log, int records) {
    for (int i = 0; i < records; i++) {
      log.append(DEMO, new Entry.Stopped("kim"));
      clock.advance(Duration.ofSeconds(1));
    }
  }

  private static byte[] unpacked(Map.Entry<String, byte[]> file) throws IOException {
    return file.getKey().endsWith(".gz")
        ? new GZIPInputStream(new ByteArrayInputStream(file.getValue())).readAllBytes()
        : file.getValue();
  }

  private static byte[] packed(String name, List<String> lines) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] text =
        (String.join("\n", lines) + (lines.isEmpty() ? "" : "\n")).getBytes(StandardCharsets.UTF_8);
    if (!name.endsWith(".gz")) {
      return text;
    }
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text);
    }
    return bytes.toByteArray();
  }

  private static void write(Path history, String name, byte[] bytes) throws IOException {
    Path file =
        name.endsWith(".gz")
            ? new ChainPlace(history, history).segments().resolve(name)
            : history.resolveSibling(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  /** That history in a folder of its own. */
  private Path kept(Map<String, List<String>> damaged) throws IOException {
    Path history = Files.createTempDirectory(folder, "h").resolve("history.jsonl");
    for (Map.Entry<String, List<String>> file : damaged.entrySet()) {
      write(history, file.getKey(), packed(file.getKey(), file.getValue()));
    }
    return history;
  }

  private ChainScan.Result scan(Path history, Damages.Known... known) throws IOException {
    return ChainScan.read(
        new ChainPlace(history, place.key()),
        ChainScan.From.START,
        List.of(known),
        Set.of(),
        record -> {});
  }

  private static String told(ChainScan.Result read) {
    return read.damage()
        .map(d -> d.kind() + " " + read.file().getFileName() + ":" + d.line())
        .orElse("nothing");
  }

  /** A change of the lines, as they stand one after the other over all files. */
  private interface Change {
    void of(List<String> all, List<Spot> at);
  }

  /** The lines changed; each stays in the file of its spot. */
  private Path changed(Change change) throws IOException {
    List<String> all = new ArrayList<>(spots.stream().map(this::line).toList());
    List<Spot> at = new ArrayList<>(spots);
    change.of(all, at);
    Map<String, List<String>> damaged = new TreeMap<>();
    lines.keySet().forEach(name -> damaged.put(name, new ArrayList<>()));
    for (int i = 0; i < all.size(); i++) {
      damaged.get(at.get(i).file()).add(all.get(i));
    }
    return kept(damaged);
  }

  private String line(Spot spot) {
    return lines.get(spot.file()).get(spot.line() - 1);
  }

  private static String at(Kind kind, Spot spot) {
    return kind + " " + spot.file() + ":" + spot.line();
  }

  private static boolean checkpoint(String line) {
    return line.contains("\"type\":\"checkpoint\"");
  }

  /** In the same file as ours says; nothing where ours finds nothing. */
  private static void assertSameAsPython(List<Path> histories, List<String> ours)
      throws IOException {
    List<String> told = PythonVerifier.firstBadFiles(histories);
    for (int i = 0; i < histories.size(); i++) {
      String file = ours.get(i).equals("nothing") ? "0" : ours.get(i).split("[ :]")[1];
      assertThat(told.get(i)).as(ours.get(i)).startsWith(file);
    }
  }

  @Test
  void theWholeHistoryVerifies() throws IOException {
    Path whole = changed((all, at) -> {});
    assertThat(told(scan(whole, head))).isEqualTo("nothing");
    assertThat(PythonVerifier.firstBadFiles(List.of(whole))).containsExactly("0");
    assertThat(lines.values()).allMatch(all -> checkpoint(all.get(0)));
  }

  @Test
  @Tag("walk") // thousands of histories: hack/mutation leaves it out
  void everyByteThatIsFlippedIsAnEditOfItsFile() throws IOException {
    Path history = changed((all, at) -> {});
    List<Path> sample = new ArrayList<>();
    List<String> ours = new ArrayList<>();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      boolean packed = file.getKey().endsWith(".gz");
      int same = 0;
      for (int i = 0; i < file.getValue().length; i++) {
        byte[] bad = file.getValue().clone();
        bad[i] ^= (byte) (1 << (i % 8));
        write(history, file.getKey(), bad);
        String told = told(scan(history));
        if (packed && same(file.getKey(), bad)) {
          assertThat(told).isEqualTo("nothing");
          same++;
        } else {
          assertThat(told).as("byte %s", i).startsWith("EDITED " + file.getKey() + ":");
        }
        if (i % 29 == 0) {
          Path other = changed((all, at) -> {});
          write(other, file.getKey(), bad);
          sample.add(other);
          ours.add(told);
        }
      }
      write(history, file.getKey(), file.getValue());
      assertThat(same).as(file.getKey()).isLessThanOrEqualTo(SAYS_NOTHING);
    }
    assertSameAsPython(sample, ours);
  }

  /** Whether a packed file still is whole, and holds the same. */
  private boolean same(String name, byte[] packed) {
    try {
      return new String(unpacked(Map.entry(name, packed)), StandardCharsets.UTF_8)
          .lines()
          .toList()
          .equals(lines.get(name));
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aLineThatIsDroppedIsMissing() throws IOException {
    List<Path> histories = new ArrayList<>();
    List<String> ours = new ArrayList<>();
    for (int i = 0; i < spots.size() - 1; i++) {
      int dropped = i;
      Path history =
          changed(
              (all, at) -> {
                all.remove(dropped);
                at.remove(dropped);
              });
      String told = told(scan(history));
      boolean last = spots.get(i + 1).line() == 1; // of its file: told as the file's
      assertThat(told)
          .as("%s", spots.get(i))
          .isEqualTo(at(Kind.MISSING, last ? new Spot(spots.get(i).file(), 1) : spots.get(i)));
      if (!last) { // by itself the next file would follow
        histories.add(history);
        ours.add(told);
      }
    }
    assertSameAsPython(histories, ours);
  }

  @Test
  void linesThatAreSwappedAreReordered() throws IOException {
    List<Path> histories = new ArrayList<>();
    List<String> ours = new ArrayList<>();
    for (int i = 0; i < spots.size(); i++) {
      for (int j = i + 1; j < spots.size(); j++) {
        int one = i;
        int other = j;
        Path history = changed((all, at) -> Collections.swap(all, one, other));
        String told = told(scan(history));
        assertThat(told)
            .as("%s and %s", spots.get(i), spots.get(j))
            .isEqualTo(at(Kind.REORDERED, spots.get(i)));
        if ((i + j) % 5 == 0) {
          histories.add(history);
          ours.add(told);
        }
      }
    }
    assertSameAsPython(histories, ours);
  }

  @Test
  void aLineThatIsThereAgainIsDuplicated() throws IOException {
    List<Path> histories = new ArrayList<>();
    List<String> ours = new ArrayList<>();
    for (int i = 0; i < spots.size(); i++) {
      for (int j = i; j < spots.size(); j++) {
        int one = i;
        int after = j;
        Spot end = spots.get(j);
        Path history =
            changed(
                (all, at) -> {
                  all.add(after + 1, all.get(one));
                  at.add(after + 1, at.get(after));
                });
        String told = told(scan(history));
        assertThat(told)
            .as("%s after %s", spots.get(i), end)
            .isEqualTo(at(Kind.DUPLICATED, new Spot(end.file(), end.line() + 1)));
        if ((i + j) % 5 == 0) {
          histories.add(history);
          ours.add(told);
        }
      }
    }
    assertSameAsPython(histories, ours);
  }

  @Test
  void theLastRecordsCutOffAreFoundByAHeadThatWasKeptElsewhere() throws IOException {
    for (int cut = 1; cut < lines.get("history.jsonl").size(); cut++) {
      int left = spots.size() - cut;
      Path history =
          changed(
              (all, at) -> {
                all.subList(left, all.size()).clear();
                at.subList(left, at.size()).clear();
              });
      assertThat(told(scan(history))).as("by itself").isEqualTo("nothing");
      Damage found = scan(history, head).damage().orElseThrow();
      assertThat(found.kind()).isEqualTo(Kind.TRUNCATED);
      assertThat(PythonVerifier.firstBadFiles(List.of(history), head.head().text()))
          .containsExactly("end");
    }
    Path gone = changed((all, at) -> {});
    Files.delete(gone);
    assertThat(told(scan(gone))).startsWith("TRUNCATED history.jsonl:");
  }

  /** All of it put back as it was some time ago: only who kept a head can tell. */
  @Test
  void anOldCopyOfAllFilesIsFoundByAHeadThatWasKeptElsewhere() throws IOException {
    Path copy = changed((all, at) -> {});
    try (FileAuditLog log = FileAuditLog.open(place, clock, CrashPoints.NONE, Optional.empty())) {
      fill(log, 9);
      assertThat(told(scan(copy, new Damages.Known(log.head(), "the given head"))))
          .startsWith("TRUNCATED history.jsonl:");
      assertThat(PythonVerifier.firstBadFiles(List.of(copy), log.head().text()))
          .containsExactly("end");
    }
    assertThat(told(scan(copy))).as("by itself").isEqualTo("nothing");
  }

  @Test
  void aSegmentThatIsGoneIsMissingAndOneOfAnOldCopyInUseIsTruncated() throws IOException {
    List<String> closed = files.keySet().stream().filter(name -> name.endsWith(".gz")).toList();
    List<Path> histories = new ArrayList<>();
    List<String> ours = new ArrayList<>();
    for (String name : closed) {
      Path history = changed((all, at) -> {});
      Files.delete(new ChainPlace(history, history).segments().resolve(name));
      String told = told(scan(history));
      assertThat(told).startsWith("MISSING ");
      histories.add(history);
      ours.add(told);
    }
    Path older = changed((all, at) -> {});
    Files.write(older, packed("history.jsonl", lines.get(closed.get(1)).subList(0, 2)));
    assertThat(told(scan(older))).startsWith("TRUNCATED history.jsonl:");
    assertSameAsPython(histories, ours);
  }
}
