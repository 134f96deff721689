package dev.swiftdeploy.adapters.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditLog.Damage.Kind;
import dev.swiftdeploy.core.audit.AuditLogContract;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entries;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAuditLogTest extends AuditLogContract {
  @TempDir Path folder;

  private final List<FileAuditLog> opened = new ArrayList<>();
  private boolean full;

  @Override
  protected AuditLog open(Clock clock) {
    FileAuditLog log = FileAuditLog.open(file(), clock, this::failWhereFull);
    opened.add(log);
    return log;
  }

  /** As a disk that fills up in the middle of a line does. */
  private void failWhereFull(CrashPoint point) {
    if (full && point == CrashPoint.AUDIT_HALF_LINE) {
      FileAuditLogTest.<RuntimeException>raise(new IOException("No space left on device"));
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void raise(Exception e) throws E {
    throw (E) e;
  }

  private Path file() {
    return folder.resolve("history.jsonl");
  }

  @Override
  protected List<String> lines() throws IOException {
    return Files.readAllLines(file());
  }

  @Override
  protected void write(List<String> lines) throws IOException {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    Files.writeString(file(), text);
  }

  @Override
  protected boolean full(boolean now) {
    full = now;
    return true;
  }

  @AfterEach
  void closeAll() {
    opened.forEach(FileAuditLog::close);
  }

  @Test
  void aTornLastLineIsKeptAsideCutAndRecorded() throws IOException {
    log.append(Optional.empty(), new Entry.Stopped("kim"));
    Files.writeString(file(), "{\"seq\":2,\"ts\":\"20", StandardOpenOption.APPEND);

    AuditLog again = open(clock);

    assertThat(again.damage()).isEmpty();
    assertThat(again.head().seq()).isEqualTo(2);
    assertThat(again.records().get(1).entry()).isInstanceOf(Entry.Recovered.class);
    Entry.Recovered recovered = (Entry.Recovered) again.records().get(1).entry();
    assertThat(Files.readString(folder.resolve(recovered.kept()), StandardCharsets.UTF_8))
        .isEqualTo("{\"seq\":2,\"ts\":\"20");
  }

  @Test
  void anotherWriterIsNoticedBeforeAnythingIsAppended() throws IOException {
    log.append(Optional.empty(), new Entry.Stopped("kim"));
    Files.writeString(file(), "{}\n", StandardOpenOption.APPEND);

    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> log.append(Optional.empty(), new Entry.Stopped("kim"))))
        .hasMessageContaining("edited");
    assertThat(log.damage()).map(AuditLog.Damage::line).contains(2L);
  }

  // ---- second writers ----

  private void stopped(String... by) {
    for (String one : by) {
      log.append(Optional.empty(), new Entry.Stopped(one));
    }
  }

  private void edit(UnaryOperator<String> edit) throws IOException {
    Files.writeString(file(), edit.apply(Files.readString(file())));
    // Whatever the file system's clock: who edits leaves another time.
    Files.setLastModifiedTime(file(), FileTime.from(Instant.now().plusSeconds(5)));
  }

  private void assertNoticed(Kind kind, long line) {
    assertThat(log.damage()).map(AuditLog.Damage::kind).contains(kind);
    assertThat(log.damage()).map(AuditLog.Damage::line).contains(line);
    assertThatThrownBy(() -> stopped("after")).isInstanceOf(AuditException.class);
  }

  @Test
  void anEditUnderTheRunningDaemonIsNoticedAlsoIfTheLengthIsTheSame() throws IOException {
    stopped("kim", "tim", "jim");
    edit(text -> text.replace("tim", "tom"));
    assertNoticed(Kind.EDITED, 2);
  }

  @Test
  void aSecondDaemonsRecordIsNoticed() {
    stopped("kim");
    AuditLog second = open(clock);
    second.append(Optional.empty(), new Entry.Stopped("second"));
    assertNoticed(Kind.ANOTHER_WRITER, 2);
    assertThat(second.damage()).isEmpty();
  }

  @Test
  void recordsThatAreCutUnderTheRunningDaemonAreNoticed() throws IOException {
    stopped("kim", "tim", "jim");
    edit(text -> text.substring(0, text.indexOf('\n') + 1));
    assertNoticed(Kind.TRUNCATED, 2);
  }

  @Test
  void anotherHistoryUnderTheRunningDaemonIsNoticed() throws IOException {
    stopped("kim", "tim");
    Path other = folder.resolve("other.jsonl");
    try (FileAuditLog another = FileAuditLog.open(other, clock, CrashPoints.NONE)) {
      another.append(Optional.empty(), new Entry.Stopped("one"));
      another.append(Optional.empty(), new Entry.Stopped("two"));
    }
    Files.move(other, file(), StandardCopyOption.REPLACE_EXISTING);
    assertNoticed(Kind.ANOTHER_HISTORY, 2);
  }

  @Test
  void aFileThatIsRemovedOrReplacedByACopyIsNoticed() throws IOException {
    stopped("kim");
    Path copy = Files.copy(file(), folder.resolve("copy"));
    Files.move(copy, file(), StandardCopyOption.REPLACE_EXISTING);
    assertNoticed(Kind.ANOTHER_WRITER, 1);

    log = open(clock);
    Files.delete(file());
    assertNoticed(Kind.TRUNCATED, 1);
  }

  @Test
  void whatIsOnlyTouchedIsNoDamage() throws IOException {
    stopped("kim");
    edit(UnaryOperator.identity());
    assertThat(log.damage()).isEmpty();
    stopped("tim");
    assertThat(log.head().seq()).isEqualTo(2);
  }

  // ---- a head that was known, and what a person acknowledges ----

  private AuditLog openKnowing(Chain.Head head) {
    FileAuditLog opened =
        FileAuditLog.open(
            new ChainPlace(file(), folder.resolve("audit.key")),
            clock,
            CrashPoints.NONE,
            Optional.of(new Damages.Known(head, "the status")));
    this.opened.add(opened);
    return opened;
  }

  @Test
  void aChainThatEndsBeforeTheHeadOfTheStatusIsCutOff() throws IOException {
    stopped("kim", "tim", "jim");
    Chain.Head head = log.head();
    edit(text -> text.substring(0, text.indexOf('\n') + 1));

    log = openKnowing(head);

    assertNoticed(Kind.TRUNCATED, 2);
    AuditRecord noted = log.acknowledge(new Actor("kim", "command", false), "a backup");
    assertThat(((Entry.Acknowledged) noted.entry()).head()).contains(head.text());
    assertThat(noted.seq()).isEqualTo(2);
  }

  @Test
  void aTornLineThatTheStatusKnowsIsNotTorn() throws IOException {
    stopped("kim", "tim");
    Chain.Head head = log.head();
    edit(text -> text.substring(0, text.length() - 20));

    log = openKnowing(head);

    assertNoticed(Kind.TRUNCATED, 2);
  }

  @Test
  void damageThatIsAcknowledgedIsKeptAsideAndTheChainGoesOn() throws IOException {
    stopped("kim", "tim", "jim");
    edit(text -> text.replace("tim", "tom"));
    String damaged = Files.readString(file());

    AuditRecord noted = log.acknowledge(new Actor("kim", "command", false), "it was me");

    assertThat(log.damage()).isEmpty();
    assertThat(noted.seq()).isEqualTo(2);
    Entry.Acknowledged entry = (Entry.Acknowledged) noted.entry();
    assertThat(entry.damage()).isEqualTo("edited");
    assertThat(entry.line()).isEqualTo(2);
    assertThat(entry.reason()).isEqualTo("it was me");
    assertThat(Files.readString(folder.resolve(entry.kept()))).isEqualTo(damaged);
    stopped("after");
    log = open(clock);
    assertThat(log.damage()).isEmpty();
    assertThat(log.records()).as("kim, the acknowledgement, a checkpoint, after").hasSize(4);
  }

  @Test
  void whatTheRunningLogKnowsStaysAdmittedAndWhatNobodyKnowsDoesNot() throws IOException {
    ResourceName demo = ResourceName.of("demo");
    for (Entry entry : Entries.all(3)) {
      log.append(Optional.of(demo), entry);
    }
    String state = log.state(demo).toString();
    edit(text -> text.replaceFirst("opened", "openid"));

    log.acknowledge(new Actor("kim", "command", false), "");
    assertThat(log.state(demo).toString()).isEqualTo(state);
    log = open(clock);
    assertThat(log.damage()).isEmpty();
    assertThat(log.state(demo).toString()).isEqualTo(state);

    edit(text -> text.replaceFirst("acknowledged", "acknowledges"));
    log = open(clock);
    log.acknowledge(new Actor("kim", "command", false), "");
    assertThat(log.state(demo).empty()).isTrue();
  }

  @Test
  void whatIsWholeCannotBeAcknowledged() {
    stopped("kim");
    assertThatThrownBy(() -> log.acknowledge(new Actor("kim", "command", false), ""))
        .isInstanceOf(AuditException.class);
  }
}
