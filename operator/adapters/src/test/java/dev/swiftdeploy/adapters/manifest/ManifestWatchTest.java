package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.adapters.manifest.ManifestWatch.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files, a clock that moves when told. */
class ManifestWatchTest {
  private static final String ONE = "services: {image: 'demo:1'}\n";
  private static final String TWO = "services: {image: 'demo:2'}\n";

  @TempDir Path folder;
  private Path file;
  private final MovedClock clock = new MovedClock();
  private ManifestWatch watch;

  private static final class MovedClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void start() throws IOException {
    file = folder.resolve("manifest.yaml");
    Files.writeString(file, ONE);
    watch = new ManifestWatch(file, clock);
    assertThat(seen()).isEqualTo("demo:1");
    after(3000); // past the time in which it looks twice
    assertThat(seen()).isEqualTo("-");
  }

  private void after(long millis) {
    clock.pass(Duration.ofMillis(millis));
  }

  /** The image that was read, {@code invalid}, {@code gone}, or {@code -} for no change. */
  private String seen() {
    Optional<Change> change = watch.poll();
    if (change.isEmpty()) {
      return "-";
    }
    if (change.get() instanceof Change.Read read) {
      return read.result() instanceof ManifestResult.Manifest manifest
          ? manifest.resources().get(0).spec().services().image().value()
          : "invalid";
    }
    return "gone";
  }

  @Test
  void aChangeIsSeenOnceItHasSettled() throws IOException {
    Files.writeString(file, TWO);
    assertThat(seen()).isEqualTo("-");
    after(149);
    assertThat(seen()).isEqualTo("-");
    after(1);
    assertThat(seen()).isEqualTo("demo:2");
    after(10_000);
    assertThat(seen()).isEqualTo("-");
  }

  @Test
  void theFirstLookWaitsForNothing() throws IOException {
    Files.writeString(file, "services: {image: 'demo:3'}");
    watch = new ManifestWatch(file, clock);
    assertThat(seen()).isEqualTo("demo:3");
    Files.delete(file);
    watch = new ManifestWatch(file, clock);
    assertThat(seen()).isEqualTo("gone");
    assertThat(seen()).isEqualTo("-");
  }

  @Test
  void aFileThatGoesOnChangingIsNotRead() throws IOException {
    for (int i = 1; i < 20; i++) {
      Files.writeString(file, "services: {image: 'demo:" + "9".repeat(i) + "'}\n");
      assertThat(seen()).isEqualTo("-");
      after(100);
    }
    after(50);
    assertThat(seen()).isEqualTo("demo:" + "9".repeat(19));
  }

  @Test
  void aHalfWrittenSaveIsNotReadBeforeTheRestComes() throws IOException {
    Files.writeString(file, "");
    assertThat(seen()).isEqualTo("-");
    after(400);
    assertThat(seen()).isEqualTo("-");
    Files.writeString(file, TWO.substring(0, 20));
    assertThat(seen()).isEqualTo("-");
    after(400);
    assertThat(seen()).isEqualTo("-");
    Files.writeString(file, TWO);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:2");
  }

  @Test
  void aFileWithoutALastLineBreakIsReadALittleLater() throws IOException {
    Files.writeString(file, TWO.strip());
    assertThat(seen()).isEqualTo("-");
    after(999);
    assertThat(seen()).isEqualTo("-");
    after(1);
    assertThat(seen()).isEqualTo("demo:2");
  }

  @Test
  void aFileThatStaysEmptyIsBrokenNotGone() throws IOException {
    Files.writeString(file, "");
    assertThat(seen()).isEqualTo("-");
    after(1000);
    assertThat(seen()).isEqualTo("invalid");
  }

  @Test
  void anEditorsRenameIsNoDeletion() throws IOException {
    Files.move(file, folder.resolve("manifest.yaml~"));
    assertThat(seen()).isEqualTo("-");
    after(500);
    assertThat(seen()).isEqualTo("-");
    Files.writeString(file, TWO);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:2");
  }

  @Test
  void aFileRenamedIntoPlaceIsSeenThoughItsSizeAndTimeAreTheSame() throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    Path fresh = Files.writeString(folder.resolve(".manifest.yaml.swp"), TWO);
    Files.setLastModifiedTime(fresh, time);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:2");
  }

  @Test
  void aDeletionIsToldOnceItHasLastedAndOnlyOnce() throws IOException {
    Files.delete(file);
    assertThat(seen()).isEqualTo("-");
    after(999);
    assertThat(seen()).isEqualTo("-");
    after(1);
    assertThat(seen()).isEqualTo("gone");
    after(60_000);
    assertThat(seen()).isEqualTo("-");
  }

  @Test
  void whatComesBackIsToldEvenIfItIsTheSame() throws IOException {
    Files.delete(file);
    assertThat(seen()).isEqualTo("-");
    after(1000);
    assertThat(seen()).isEqualTo("gone");
    Files.writeString(file, ONE);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:1");
  }

  @Test
  void aTouchIsNoChange() throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("-");
  }

  @Test
  void aLinkThatIsSwappedIsSeen() throws IOException {
    Path one = Files.writeString(folder.resolve("one.yaml"), ONE);
    Path two = Files.writeString(folder.resolve("two.yaml"), TWO);
    Files.setLastModifiedTime(two, Files.getLastModifiedTime(one));
    Path link = folder.resolve("link.yaml");
    Files.createSymbolicLink(link, one);
    watch = new ManifestWatch(link, clock);
    assertThat(seen()).isEqualTo("demo:1");

    Path fresh = Files.createSymbolicLink(folder.resolve("fresh"), two);
    Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:2");
  }

  @Test
  void aSecondSaveWithinOneTickOfTheFileSystemIsSeen() throws IOException {
    Files.writeString(file, TWO);
    FileTime coarse = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    Files.setLastModifiedTime(file, coarse);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:2");

    Files.writeString(file, ONE);
    Files.setLastModifiedTime(file, coarse);
    after(100);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:1");
  }

  @Test
  void aBrokenManifestIsToldAndSoIsItsRepair() throws IOException {
    Files.writeString(file, "services: [\n");
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("invalid");
    Files.writeString(file, ONE);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:1");
  }

  @Test
  void aFolderInItsPlaceIsBrokenNotGone() throws IOException {
    Files.delete(file);
    Files.createDirectory(file);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("invalid");
    after(60_000);
    assertThat(seen()).isEqualTo("-");
  }

  @Test
  void aClockThatIsSetBackDelaysAndDoesNotHang() throws IOException {
    Files.writeString(file, TWO);
    assertThat(seen()).isEqualTo("-");
    after(-3_600_000);
    assertThat(seen()).isEqualTo("-");
    after(150);
    assertThat(seen()).isEqualTo("demo:2");
  }
}
