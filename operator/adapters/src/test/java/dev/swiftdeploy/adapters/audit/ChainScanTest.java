package dev.swiftdeploy.adapters.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.VirtualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A chain is read while a daemon closes segments of it, and removes some. */
class ChainScanTest {
  private static final Actor KIM = new Actor("kim", "command", false);

  @TempDir Path folder;
  private final VirtualClock clock = new VirtualClock();
  private ChainPlace place;
  private Segments segments;
  private FileAuditLog daemon;
  private int listed;

  @BeforeEach
  void aChainOfSegments() throws IOException {
    place = new ChainPlace(folder.resolve("history.jsonl"), folder.resolve("audit.key"), 8_000);
    segments = new Segments(place.segments());
    daemon = FileAuditLog.open(place, clock, CrashPoints.NONE, Optional.empty());
    fill(60);
    assertThat(segments.all()).hasSizeGreaterThan(2);
  }

  @AfterEach
  void end() {
    daemon.close();
  }

  private void fill(int records) {
    Fill.records(daemon, clock, records);
  }

  private void prune() {
    assertThat(daemon.prune(KIM, clock.instant()).orElseThrow().segments()).hasSizeGreaterThan(1);
  }

  private interface Meanwhile {
    void happens() throws IOException;
  }

  /** The first listing comes after that, which comes after the segment in use was opened. */
  private ChainScan.Listing after(Meanwhile meanwhile) {
    return () -> {
      listed++;
      if (listed == 1) {
        meanwhile.happens();
      }
      return segments.all();
    };
  }

  private ChainScan.Result read(
      ChainScan.Listing listing, ChainScan.From from, Consumer<AuditRecord> each)
      throws IOException {
    return ChainScan.read(place, listing, from, List.of(), Set.of(), each);
  }

  @ParameterizedTest
  @EnumSource(
      value = ChainScan.From.class,
      names = {"START", "PRESENT", "CLOSED_SEGMENT", "SEGMENT"})
  void segmentsThatAreClosedBeforeItLooksForThemAreNoOlderCopy(ChainScan.From from)
      throws IOException {
    ChainScan.Result result = read(after(() -> fill(60)), from, record -> {});

    assertThat(result.damage()).isEmpty();
    assertThat(result.head()).isEqualTo(daemon.head());
    assertThat(listed).isEqualTo(2);
  }

  @Test
  void whatIsPrunedBeforeItLooksIsExplainedByWhatIsClosedMeanwhile() throws IOException {
    ChainScan.Result result =
        read(
            after(
                () -> {
                  fill(30);
                  prune();
                }),
            ChainScan.From.START,
            record -> {});

    assertThat(result.damage()).isEmpty();
    assertThat(result.before().seq()).isPositive();
    assertThat(result.removals()).hasSize(1);
    assertThat(result.head()).isEqualTo(daemon.head());
  }

  @Test
  void whatIsPrunedWhileItReadsIsReadAllTheSame() throws IOException {
    long last = daemon.head().seq();
    List<Long> read = new ArrayList<>();
    ChainScan.Result result =
        read(
            segments::all,
            ChainScan.From.START,
            record -> {
              if (read.isEmpty()) {
                prune();
              }
              read.add(record.seq());
            });

    assertThat(result.damage()).isEmpty();
    assertThat(read).startsWith(LongStream.rangeClosed(1, last).boxed().toArray(Long[]::new));
    ChainScan.Result left = read(segments::all, ChainScan.From.START, record -> {});
    assertThat(left.damage()).isEmpty();
    assertThat(left.before().seq()).isPositive();
  }

  @Test
  void aNameThatLeadsNowhereIsAnError() throws IOException {
    Files.createSymbolicLink(
        place.segments().resolve("000000000900-000000000901.jsonl.gz"), folder.resolve("nowhere"));

    assertThatThrownBy(() -> read(segments::all, ChainScan.From.START, record -> {}))
        .isInstanceOf(NoSuchFileException.class);
  }
}
