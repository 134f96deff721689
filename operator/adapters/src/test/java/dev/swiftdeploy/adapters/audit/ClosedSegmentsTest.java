package dev.swiftdeploy.adapters.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.VirtualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Closed segments that are read while the daemon closes the next one. */
class ClosedSegmentsTest {
  private static final Actor KIM = new Actor("kim", "command", false);

  @TempDir Path folder;
  private final VirtualClock clock = new VirtualClock();
  private final CountDownLatch listed = new CountDownLatch(1);
  private final CountDownLatch changed = new CountDownLatch(1);
  private final List<List<Damage>> found = new CopyOnWriteArrayList<>();
  private ChainPlace place;
  private FileAuditLog log;
  private ClosedSegments closed;

  /** A chain whose first segments were removed: its last one tells of that. */
  @BeforeEach
  void aChain() throws IOException {
    place = new ChainPlace(folder.resolve("history.jsonl"), folder.resolve("audit.key"), 4_000);
    log = FileAuditLog.open(place, clock, CrashPoints.NONE, Optional.empty());
    while (all().size() < 4) {
      append();
    }
    log.prune(KIM, clock.instant().minusSeconds(5)).orElseThrow();
    assertThat(Files.readString(place.history())).contains("\"pruned\"");
    closed = ClosedSegments.open(place, 1, this::read);
    assertThat(waits(listed)).isTrue();
  }

  @AfterEach
  void end() {
    changed.countDown();
    closed.close();
    log.close();
  }

  /**
   * The first time, what comes next happens when the segments are listed, and before they are read.
   */
  private ClosedSegments.Scan read(ChainPlace at) throws IOException {
    boolean first = found.isEmpty();
    ClosedSegments.Scan scan =
        ClosedSegments.scan(
            at,
            () -> {
              listed.countDown();
              if (first) {
                waits(changed);
              }
            });
    found.add(scan.damages());
    return scan;
  }

  private static boolean waits(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private List<Path> all() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Segments.Segment segment : new Segments(place.segments()).all()) {
      files.add(segment.file());
    }
    return files;
  }

  private void append() {
    log.append(Optional.empty(), new Entry.Stopped("a reason"));
    clock.advance(Duration.ofSeconds(1));
  }

  /** Appends until a segment is closed, as the daemon does it. */
  private void rotate() throws IOException {
    List<Path> before = all();
    while (all().size() == before.size()) {
      append();
    }
    closed.closed(all().get(before.size()));
  }

  @Test
  void whatItsRecordTellsOfIsNoDamageWhereverTheRecordWent() throws IOException {
    rotate();
    assertThat(Files.readString(place.history())).doesNotContain("\"pruned\"");
    changed.countDown();

    await().atMost(Duration.ofSeconds(30)).until(() -> found.size() == 2);

    assertThat(found.get(0)).as("without the new segment").hasSize(1);
    assertThat(found.get(1)).isEmpty();
    assertThat(closed.damage()).isEmpty();
  }

  @Test
  void whatSomebodyElseDoesMeanwhileIsFoundAllTheSame() throws IOException {
    rotate();
    Files.delete(all().get(0));
    changed.countDown();

    await().atMost(Duration.ofSeconds(30)).until(() -> closed.damage().isPresent());

    assertThat(closed.damage().orElseThrow().kind()).isEqualTo(Damage.Kind.MISSING);
  }
}
