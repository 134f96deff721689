package dev.swiftdeploy.adapters.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditLog.Damage.Kind;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entries;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Removal;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.VirtualClock;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Segments that are closed, packed, begun anew with a checkpoint, and removed. */
class SegmentsTest {
  private static final ResourceName DEMO = Fill.DEMO;
  private static final Actor KIM = new Actor("kim", "command", false);

  @TempDir Path folder;
  private final VirtualClock clock = new VirtualClock();
  private ChainPlace place;

  @BeforeEach
  void aPlace() {
    place = new ChainPlace(folder.resolve("history.jsonl"), folder.resolve("audit.key"), 8_000);
  }

  private FileAuditLog open(CrashPoints points) {
    return FileAuditLog.open(place, clock, points, Optional.empty());
  }

  private void fill(FileAuditLog log, int records) {
    Fill.records(log, clock, records);
  }

  private void filled(int records) {
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      fill(log, records);
    }
  }

  private ChainScan.Result scan(Damages.Known... known) throws IOException {
    return ChainScan.read(place, ChainScan.From.START, List.of(known), Set.of(), record -> {});
  }

  private List<Path> closed() throws IOException {
    try (Stream<Path> all = Files.list(place.segments())) {
      return all.sorted().toList();
    }
  }

  private int python(String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("python3", PythonVerifier.script().toString()));
    command.addAll(List.of(options));
    for (Path file : closed()) {
      command.add(file.toString());
    }
    command.add(place.history().toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  @Test
  void theChainGoesOnThroughSegments() throws Exception {
    List<AuditRecord> appended = new ArrayList<>();
    StateFold fold = new StateFold();
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      List<Entry> all = Entries.all(5);
      for (int i = 0; i < 60; i++) {
        AuditRecord record = log.append(Optional.of(DEMO), all.get(i % all.size()));
        appended.add(record);
        fold.accept(record);
        clock.advance(Duration.ofSeconds(1));
      }
      assertThat(log.trouble()).isEmpty();
    }
    assertThat(closed()).hasSizeGreaterThan(2);

    List<AuditRecord> read = FileHistory.whole(place.history()).records();
    assertThat(read.stream().filter(r -> !(r.entry() instanceof Entry.Checkpoint)))
        .extracting(AuditRecord::line)
        .isEqualTo(appended.stream().map(AuditRecord::line).toList());
    assertThat(scan().damage()).isEmpty();
    assertThat(scan().keys()).hasSize(1);
    assertThat(FileHistory.read(place.history()).state(DEMO).toString())
        .as("from the last checkpoint")
        .isEqualTo(fold.state().toString());
    try (FileAuditLog again = open(CrashPoints.NONE)) {
      assertThat(again.damage()).isEmpty();
      assertThat(again.state(DEMO).toString()).isEqualTo(fold.state().toString());
      assertThat(again.head()).isEqualTo(scan().head());
    }
    assertThat(python("--head", scan().head().text(), "--key", scan().keys().iterator().next()))
        .isZero();
    assertThat(python("--key", "0".repeat(64))).isEqualTo(1);
  }

  @Test
  void openingReadsOnlyWhatIsAfterTheLastCheckpoint() throws IOException {
    filled(60);
    Chain.Head head = scan().head();
    for (Path segment : closed()) {
      Files.write(segment, new byte[] {1, 2, 3});
    }
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      assertThat(log.head()).isEqualTo(head);
    }
    assertThat(scan().damage()).map(Damage::kind).contains(Kind.EDITED);
    assertThat(scan().file()).isEqualTo(closed().get(0));
  }

  // ---- closed segments under a daemon ----

  private static Damage awaitDamage(FileAuditLog log) {
    await().atMost(Duration.ofSeconds(20)).until(() -> log.damage().isPresent());
    return log.damage().orElseThrow();
  }

  /** Long enough for all closed segments to be read; damage that is there for a moment counts. */
  private static void assertStaysWhole(FileAuditLog log) {
    long until = System.nanoTime() + Duration.ofMillis(2500).toNanos();
    while (System.nanoTime() - until < 0) {
      assertThat(log.damage()).isEmpty();
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private void flip(Path segment) throws IOException {
    byte[] packed = Files.readAllBytes(segment);
    packed[packed.length / 2] ^= 1;
    Files.write(segment, packed);
  }

  @Test
  void aClosedSegmentThatWasEditedBeforeTheStartIsFoundAndTakenNoteOf() throws IOException {
    filled(80);
    Path second = closed().get(1);
    flip(second);
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      Damage found = awaitDamage(log);
      assertThat(found.kind()).isEqualTo(Kind.EDITED);
      assertThat(found.message()).startsWith("in " + second.getFileName() + ": edited");
      assertThatThrownBy(() -> fill(log, 1)).isInstanceOf(AuditException.class);

      Entry.Acknowledged noted =
          (Entry.Acknowledged) log.acknowledge(KIM, "the disk was bad").entry();
      assertThat(noted.message()).isEqualTo(found.message());
      fill(log, 40);
      assertStaysWhole(log);
    }
    try (FileAuditLog again = open(CrashPoints.NONE)) {
      assertStaysWhole(again);
      flip(closed().get(2));
      assertThat(awaitDamage(again).message()).contains(closed().get(2).getFileName().toString());
    }
    assertThat(scan().damage()).as("goes on to be named").map(Damage::kind).contains(Kind.EDITED);
  }

  @Test
  void whatHappensToClosedSegmentsUnderTheDaemonIsNoticed() throws IOException {
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      fill(log, 80);
      assertStaysWhole(log); // what it closed itself is no change
      Path first = closed().get(0);
      Path second = closed().get(1);
      Files.setLastModifiedTime(second, java.nio.file.attribute.FileTime.fromMillis(0));
      Files.delete(first);
      assertThat(awaitDamage(log).message())
          .startsWith("records 1 to ")
          .contains("none was pruned");
      log.acknowledge(KIM, "that was me, too");
      assertStaysWhole(log);
      Files.delete(closed().get(1));
      assertThat(awaitDamage(log).kind()).isEqualTo(Kind.MISSING);
      log.acknowledge(KIM, "it was me");
      fill(log, 30);
      Files.setLastModifiedTime(place.history(), java.nio.file.attribute.FileTime.fromMillis(0));
      assertStaysWhole(log);
    }
    try (FileAuditLog again = open(CrashPoints.NONE)) {
      assertStaysWhole(again);
      fill(again, 1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = CrashPoint.class,
      names = {"AUDIT_AFTER_ARCHIVE", "AUDIT_AFTER_CHECKPOINT", "AUDIT_AFTER_ROTATION"})
  void aRotationThatIsCutShortIsDoneAnew(CrashPoint point) throws Exception {
    class Killed extends RuntimeException {
      private static final long serialVersionUID = 1L;
    }

    FileAuditLog killed =
        open(
            at -> {
              if (at == point) {
                throw new Killed();
              }
            });
    assertThatThrownBy(() -> fill(killed, 80)).isInstanceOf(Killed.class);
    killed.close();
    Chain.Head head = FileHistory.read(place.history()).head();
    assertThat(scan().damage()).as("as it was left").isEmpty();
    assertThat(python()).isZero();

    filled(60);

    assertThat(scan(new Damages.Known(head, "the test")).damage()).isEmpty();
    assertThat(python()).isZero();
    assertThat(place.next()).doesNotExist();
  }

  @Test
  void aSegmentThatIsGoneIsMissingAndOneThatWasEditedIsNamed() throws IOException {
    filled(80);
    Path second = closed().get(1);
    byte[] packed = Files.readAllBytes(second);
    Files.delete(second);
    assertThat(scan().damage()).map(Damage::kind).contains(Kind.MISSING);
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      assertThat(log.damage()).map(Damage::kind).contains(Kind.MISSING);
    }

    packed[packed.length / 2] ^= 1;
    Files.write(second, packed);
    assertThat(scan().damage()).map(Damage::kind).contains(Kind.EDITED);
    assertThat(scan().file()).isEqualTo(second);
  }

  @Test
  void anOlderCopyThatIsPutBackIsFoundByTheSegments() throws IOException {
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      fill(log, 5);
      Files.copy(place.history(), folder.resolve("copy"));
      fill(log, 60);
    }
    Files.move(
        folder.resolve("copy"), place.history(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThat(scan().damage()).map(Damage::kind).contains(Kind.TRUNCATED);
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      assertThat(log.damage()).map(Damage::kind).contains(Kind.TRUNCATED);
      log.acknowledge(KIM, "from a backup");
      fill(log, 1);
    }
    assertThat(scan().damage()).isEmpty();
  }

  // ---- removal ----

  private Entry.Pruned prune(Instant before) {
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      return log.prune(KIM, before).orElseThrow();
    }
  }

  @Test
  void onlyOldSegmentsBehindACheckpointAreRemovedAndTheChainTellsWhatAndByWhom() throws Exception {
    filled(80);
    List<Path> before = closed();
    Chain.Head head = scan().head();
    Instant until = clock.instant().minusSeconds(40);

    Entry.Pruned pruned = prune(until);

    List<Path> gone = before.subList(0, pruned.segments().size());
    assertThat(gone).hasSizeBetween(2, before.size() - 1).allMatch(Files::notExists);
    assertThat(closed()).isEqualTo(before.subList(gone.size(), before.size()));
    assertThat(pruned.segments())
        .extracting(Entry.Removed::file)
        .isEqualTo(gone.stream().map(file -> file.getFileName().toString()).toList());
    ChainScan.Result left = scan(new Damages.Known(head, "the test"));
    assertThat(left.damage()).isEmpty();
    assertThat(left.before().seq() + 1).isEqualTo(pruned.checkpoint());
    Entry.Removed last = pruned.segments().get(gone.size() - 1);
    assertThat(last.head()).isEqualTo(left.before().text());
    assertThat(left.removals()).extracting(Removal::pruned).containsExactly(pruned);
    assertThat(left.removals().get(0).text())
        .contains("kim had records 1 to " + last.last() + " removed", "older than " + until);
    assertThat(python()).isZero();

    filled(40); // the removal's record goes into a closed segment, which is removed in its turn
    List<Path> all = closed();
    assertThat(prune(clock.instant().plusSeconds(1)).segments()).hasSameSizeAs(all);
    assertThat(all).allMatch(Files::notExists);
    assertThat(scan().removals()).hasSize(1);
    assertThat(scan().damage()).isEmpty();
    assertThat(python("--head", scan().head().text())).isZero();
  }

  @Test
  void whatNoRecordTellsOfIsMissingAtTheBeginning() throws Exception {
    filled(80);
    Map<Path, byte[]> kept = new HashMap<>();
    for (Path segment : closed()) {
      kept.put(segment, Files.readAllBytes(segment));
      Files.delete(segment);
      ChainScan.Result left = scan();
      assertThat(left.damage()).map(Damage::kind).contains(Kind.MISSING);
      assertThat(left.damage().orElseThrow().message())
          .startsWith("records 1 to " + left.before().seq() + " are missing");
      assertThat(left.file()).isEqualTo(closed().stream().findFirst().orElse(place.history()));
      assertThat(python()).isEqualTo(1);
      try (FileAuditLog log = open(CrashPoints.NONE)) {
        assertThat(awaitDamage(log).kind()).isEqualTo(Kind.MISSING);
      }
    }
    assertThat(closed()).isEmpty();
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      log.acknowledge(KIM, "the disk was full");
      fill(log, 1);
    }
    for (Map.Entry<Path, byte[]> segment : kept.entrySet()) {
      Files.write(segment.getKey(), segment.getValue());
    }
    assertThat(scan().damage()).as("put back").isEmpty();
  }

  /** The record is durable first, and the oldest goes first. */
  @Test
  void aRemovalThatWasCutShortVerifiesAndIsDoneByTheNextOne() throws Exception {
    filled(80);
    Map<Path, byte[]> kept = new HashMap<>();
    for (Path segment : closed()) {
      kept.put(segment, Files.readAllBytes(segment));
    }
    Instant until = clock.instant().minusSeconds(40);
    List<Entry.Removed> due = prune(until).segments();
    for (int i = due.size() - 1; i > 0; i--) {
      Path segment = place.segments().resolve(due.get(i).file());
      Files.write(segment, kept.get(segment));
      assertThat(scan().damage()).as("from the %s. segment on", i + 1).isEmpty();
      assertThat(python()).isZero();
    }
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      assertStaysWhole(log);
    }

    assertThat(prune(until).segments()).isEqualTo(due.subList(1, due.size()));

    assertThat(scan().damage()).isEmpty();
    assertThat(scan().removals()).hasSize(2);
  }

  @Test
  void theDaemonsOwnRemovalIsNoDamage() throws IOException {
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      fill(log, 80);
      assertThat(log.prune(KIM, clock.instant().minus(Duration.ofDays(1)))).isEmpty();
      assertThat(log.prune(KIM, clock.instant().minusSeconds(40))).isPresent();
      assertStaysWhole(log);
      fill(log, 20);
      Files.delete(closed().get(0));
      assertThat(awaitDamage(log).message()).startsWith("records 1 to ");
      assertThatThrownBy(() -> log.prune(KIM, clock.instant())).isInstanceOf(AuditException.class);
    }
  }

  // ---- the key ----

  @Test
  void theKeyIsItsOwnersOnlyAndIsNotUsedOtherwise() throws IOException {
    filled(40);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place.key())))
        .isEqualTo("rw-------");

    Files.setPosixFilePermissions(place.key(), PosixFilePermissions.fromString("rw-r--r--"));
    int before = closed().size();
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      fill(log, 30);
      assertThat(log.trouble().orElseThrow()).contains("chmod 600");
    }
    assertThat(closed()).as("no segment is closed without a key").hasSize(before);
    Files.setPosixFilePermissions(place.key(), PosixFilePermissions.fromString("rw-------"));
    filled(60);
    assertThat(closed()).hasSizeGreaterThan(before);
    assertThat(scan().damage()).isEmpty();
  }

  @Test
  void aCheckpointOfAnotherKeyIsNotBelieved() throws IOException {
    filled(40);
    Files.delete(place.key());
    ChainPlace elsewhere =
        new ChainPlace(folder.resolve("elsewhere.jsonl"), place.key(), place.segmentBytes());
    try (FileAuditLog log =
        FileAuditLog.open(elsewhere, clock, CrashPoints.NONE, Optional.empty())) {
      fill(log, 60);
    }
    try (FileAuditLog log = open(CrashPoints.NONE)) {
      assertThat(log.damage()).map(Damage::kind).contains(Kind.ANOTHER_KEY);
    }
  }
}
