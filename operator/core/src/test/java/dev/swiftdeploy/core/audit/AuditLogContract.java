package dev.swiftdeploy.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.platform.VirtualClock;
import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link AuditLog} does. */
public abstract class AuditLogContract {
  private static final ResourceName DEMO = ResourceName.of("demo");
  private static final ResourceName OTHER = ResourceName.of("other");
  private static final Entry OPENED = new Entry.Opened(Entry.Opened.FORMAT, "u-1", "process");

  protected final VirtualClock clock = new VirtualClock();
  protected AuditLog log;

  protected AuditLogContract() {}

  /** The log as a daemon opens it when it starts, on the same place each time. */
  protected abstract AuditLog open(Clock clock) throws Exception;

  /** The chain's lines as they are kept, without line ends. */
  protected abstract List<String> lines() throws Exception;

  /** Replaces what is kept, from outside, while no log is open. */
  protected abstract void write(List<String> lines) throws Exception;

  /** Lets {@link #open}'s last log append nothing from now on; false where that can't be done. */
  protected boolean full(boolean now) throws Exception {
    return false;
  }

  @BeforeEach
  void openLog() throws Exception {
    log = open(clock);
  }

  private AuditRecord append(Entry entry) {
    return log.append(Optional.of(DEMO), entry);
  }

  @Test
  void aNewLogIsEmpty() {
    assertThat(log.records()).isEmpty();
    assertThat(log.head()).isEqualTo(Chain.Head.START);
    assertThat(log.damage()).isEmpty();
    assertThat(log.state(DEMO)).isEqualTo(new StateFold().state());
    assertThat(log.state(DEMO).empty()).isTrue();
  }

  @Test
  void aRecordContinuesTheChain() throws Exception {
    clock.set(Instant.parse("2026-01-02T03:04:05.678901Z"));
    AuditRecord first = append(OPENED);
    AuditRecord second = append(new Entry.Stopped("kim"));

    assertThat(first.seq()).isEqualTo(1);
    assertThat(first.prev()).isEqualTo(Chain.GENESIS);
    assertThat(first.ts()).isEqualTo(Instant.parse("2026-01-02T03:04:05.678Z"));
    assertThat(second.seq()).isEqualTo(2);
    assertThat(second.prev()).isEqualTo(first.hash());
    assertThat(log.head()).isEqualTo(new Chain.Head(2, second.hash()));
    assertThat(log.records()).containsExactly(first, second);
    assertThat(lines()).containsExactly(first.line(), second.line());
  }

  @Test
  void whatWasAppendedIsThereForTheNextOne() throws Exception {
    List<AuditRecord> appended = new ArrayList<>();
    for (Entry entry : Entries.all(3)) {
      appended.add(append(entry));
      clock.advance(Duration.ofSeconds(1));
    }
    State state = log.state(DEMO);

    log = open(clock);

    assertThat(log.damage()).isEmpty();
    assertThat(log.records().stream().map(AuditRecord::line).toList())
        .isEqualTo(appended.stream().map(AuditRecord::line).toList());
    assertThat(log.head().seq()).isEqualTo(appended.size());
    assertThat(log.state(DEMO).toString()).isEqualTo(state.toString());

    AuditRecord next = append(new Entry.Stopped("kim"));
    assertThat(next.prev()).isEqualTo(appended.get(appended.size() - 1).hash());
  }

  @Test
  void aStateIsTheFoldOfWhatConcernsTheResource() {
    append(OPENED);
    append(new Entry.Requested(request("r-1")));
    log.append(Optional.of(OTHER), new Entry.Opened(Entry.Opened.FORMAT, "u-2", "process"));
    log.append(Optional.of(OTHER), new Entry.Requested(request("r-2")));
    clock.advance(Duration.ofSeconds(7));
    log.append(Optional.empty(), new Entry.Started(1, "0.1", new Actor("kim", "command", true)));

    assertThat(log.state(DEMO).uid()).contains("u-1");
    assertThat(log.state(DEMO).request()).map(Request::id).contains("r-1");
    assertThat(log.state(OTHER).uid()).contains("u-2");
    assertThat(log.state(OTHER).request()).map(Request::id).contains("r-2");
    assertThat(log.state(DEMO).startedAt()).contains(clock.instant());
    assertThat(log.state(OTHER).startedAt()).contains(clock.instant());
    assertThat(log.state(ResourceName.of("unheard-of")).empty()).isTrue();
  }

  @Test
  void aStateThatWasTakenStaysAsItIs() {
    append(OPENED);
    State before = log.state(DEMO);
    String text = before.toString();

    append(new Entry.Requested(request("r-1")));

    assertThat(before.toString()).isEqualTo(text);
    assertThat(log.state(DEMO)).isNotEqualTo(before);
  }

  @Test
  void recordsThatWereTakenStayAsTheyAre() {
    append(OPENED);
    List<AuditRecord> before = log.records();

    append(new Entry.Stopped("kim"));

    assertThat(before).hasSize(1);
  }

  @Test
  void whatCouldNotBeAppendedIsNotThere() throws Exception {
    append(OPENED);
    Chain.Head head = log.head();
    State state = log.state(DEMO);
    assumeTrue(full(true));

    assertThatThrownBy(() -> append(new Entry.Requested(request("r-1"))))
        .isInstanceOf(AuditException.class);

    assertThat(log.head()).isEqualTo(head);
    assertThat(log.state(DEMO)).isEqualTo(state);
    assertThat(log.records()).hasSize(1);
    assertThat(log.damage()).isEmpty();

    full(false);
    AuditRecord next = append(new Entry.Requested(request("r-1")));
    assertThat(next.prev()).isEqualTo(head.hash());
    log = open(clock);
    assertThat(log.damage()).isEmpty();
    assertThat(log.records()).hasSize(2);
  }

  @Test
  void damageIsFoundAndNothingIsAppendedToIt() throws Exception {
    append(OPENED);
    append(new Entry.Requested(request("r-1")));
    append(new Entry.Stopped("kim"));
    List<String> good = lines();
    List<String> bad = new ArrayList<>(good);
    bad.set(1, good.get(1).replace("r-1", "r-7"));
    write(bad);

    log = open(clock);

    assertThat(log.damage()).map(AuditLog.Damage::line).contains(2L);
    assertThat(log.damage().orElseThrow().message()).isNotBlank();
    assertThatThrownBy(() -> append(new Entry.Stopped("kim"))).isInstanceOf(AuditException.class);
    assertThat(lines()).as("evidence is left as it is").isEqualTo(bad);
    assertThat(log.state(DEMO).uid()).as("what is before the damage").contains("u-1");
  }

  @Test
  void aLineThatIsGoneIsDamage() throws Exception {
    append(OPENED);
    append(new Entry.Requested(request("r-1")));
    append(new Entry.Stopped("kim"));
    List<String> gone = new ArrayList<>(lines());
    gone.remove(1);
    write(gone);

    log = open(clock);

    assertThat(log.damage()).map(AuditLog.Damage::line).contains(2L);
  }

  private static Request request(String id) {
    return new Request(id, Request.Kind.ROLLBACK, "kim", "because", Optional.empty());
  }
}
