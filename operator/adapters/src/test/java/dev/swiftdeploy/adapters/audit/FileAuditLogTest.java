package dev.swiftdeploy.adapters.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditLogContract;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.CrashPoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        .hasMessageContaining("another process has written");
    assertThat(log.damage()).isPresent();
  }
}
