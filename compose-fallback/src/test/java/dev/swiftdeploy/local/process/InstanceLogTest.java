package dev.swiftdeploy.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.local.files.Folders;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceLogTest {
  @TempDir Path folder;
  private Path log;

  @BeforeEach
  void name() {
    log = folder.resolve("x.log");
  }

  @Test
  void theLastLineIsTheLastThatSaysSomething() throws IOException {
    Files.writeString(log, "one\ntwo\r\n\n  \n");
    assertThat(InstanceLog.lastLine(log)).contains("two");

    Files.writeString(log, "\n\n");
    assertThat(InstanceLog.lastLine(log)).isEmpty();
    assertThat(InstanceLog.lastLine(folder.resolve("none"))).isEmpty();
  }

  @Test
  void aServiceCannotDrawOnATerminal() throws IOException {
    Files.writeString(
        log, "\u001b[2J\u001b[31mred\u001b[0m\u0007\tbell\u202E\u001b]0;title\u0007\n");

    assertThat(InstanceLog.lastLine(log).orElseThrow())
        .contains("red")
        .contains("bell")
        .doesNotContainPattern("[\\p{Cntrl}\\p{Cf}]");
  }

  @Test
  void aLongLineAndBytesThatAreNoTextAreBounded() throws IOException {
    Files.write(log, new byte[1 << 20]);
    assertThat(InstanceLog.lastLine(log)).isEmpty();

    Files.writeString(log, "x".repeat(100_000));
    assertThat(InstanceLog.lastLine(log).orElseThrow()).hasSizeLessThan(300);
  }

  @Test
  void aLargeLogIsSetAsideBeforeAStart() throws IOException {
    Files.writeString(log, "small");
    InstanceLog.rotate(log);
    assertThat(log).hasContent("small");

    grow(11);
    InstanceLog.rotate(log);
    assertThat(log).doesNotExist();
    assertThat(folder.resolve("x.log.1")).exists();
    InstanceLog.rotate(log);
  }

  @Test
  void aLogThatGrowsTooLargeIsCutUnderItsWriter() throws IOException {
    grow(65);
    InstanceLog.trim(log);
    assertThat(log).isEmptyFile();
    assertThat(Files.size(folder.resolve("x.log.1"))).isEqualTo(65L << 20);
  }

  private void grow(int mebibytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
      file.setLength((long) mebibytes << 20);
    }
  }

  @Test
  void onlyTheNewestLogsOfWhatIsGoneAreKept() throws IOException {
    Workload there = Workload.of("stable-000000000000");
    Path kept = Files.writeString(folder.resolve(there + "-0.log"), "");
    Files.setLastModifiedTime(kept, FileTime.fromMillis(0));
    for (int i = 0; i < 25; i++) {
      Path old = Files.writeString(folder.resolve("stable-1111111111" + (10 + i) + "-0.log"), "");
      Files.setLastModifiedTime(old, FileTime.fromMillis(1000L * i));
    }

    InstanceLog.prune(folder, Set.of(there));

    assertThat(Folders.list(folder)).hasSize(21).contains(kept);
    assertThat(folder.resolve("stable-111111111114-0.log")).doesNotExist();
    assertThat(folder.resolve("stable-111111111115-0.log")).exists();
  }
}
